import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MAX_PEERS_TRIED } from '../../../src/limits.ts';
import type { Endpoint } from '../../../src/platform/endpoint.ts';
import { readAddress } from '../../../src/tracker-server/access/address-words.ts';
import { Matchmaker } from '../../../src/tracker-server/registry/matchmaker.ts';
import { PeerList } from '../../../src/tracker-server/registry/peer-list.ts';
import { Reach } from '../../../src/tracker-server/registry/reach.ts';
import { Registry } from '../../../src/tracker-server/registry/registry.ts';
import type { AnnounceEvent } from '../../../src/wire/tracker/announce.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { infoHashOfContent, peerIdOf } from '../announcing.ts';
import { RegistryAnswers } from '../registry-answers.ts';

interface Peer {
  readonly host: string;
  readonly port?: number;
  readonly id?: string;
  readonly left?: number;
  readonly wanted?: number;
  readonly event?: AnnounceEvent;
}

/** A tracker whose machine is 10.77.0.1/24, and of which everybody asks about the same content. */
function tracker(seed = 1) {
  const random = seededRandom(seed);
  const registry = new Registry({ random, intervalSeconds: 1_800 });
  const ownAddress = (asker: Uint32Array): Uint32Array | undefined => {
    const own = new Uint32Array(4);
    readAddress('10.77.0.1', own);
    return (asker[0] ?? 0) >>> 8 === (own[0] ?? 0) >>> 8 ? own : undefined;
  };
  const matchmaker = new Matchmaker({ registry, ownAddress, allowPublic: true });
  const answers = new RegistryAnswers({ matchmaker, intervalSeconds: 1_800, nowSeconds: () => 1_000_000 });
  return {
    announce({ host, port = 6_881, id = `${host} ${port}`, left = 1, wanted, event = 'regular' }: Peer) {
      const answer = answers.announce(
        {
          infoHash: infoHashOfContent(1),
          peerId: peerIdOf(id),
          port,
          uploaded: 0,
          downloaded: 0,
          left,
          event,
          peersWanted: wanted,
          key: 0,
        },
        host,
      );
      if ('type' in answer) throw new Error(answer.reason);
      return answer;
    },
  };
}

const names = (peers: readonly Endpoint[]): string[] => peers.map(({ host }) => host).sort();
const SEEDER = { left: 0 };

describe('a leecher', () => {
  it('gets seeders and leechers, half and half where there are enough', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 100; at++) announce({ host: `10.1.0.${at}`, left: at % 2 });
    const { peers } = announce({ host: '10.1.0.200', wanted: 20 });
    const seeders = peers.filter(({ host }) => Number(host.split('.')[3]) % 2 === 0);
    expect([peers.length, seeders.length]).toEqual([20, 10]);
  });

  it('gets as many as it wants of the one kind where there are few of the other', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 60; at++) announce({ host: `10.1.0.${at}`, left: at <= 3 ? 1 : 0 });
    const { peers } = announce({ host: '10.1.0.200', wanted: 20 });
    expect(peers).toHaveLength(20);
    expect(names(peers)).toEqual(expect.arrayContaining(['10.1.0.1', '10.1.0.2', '10.1.0.3']));
  });
});

describe('a seeder', () => {
  it('gets leechers only', () => {
    const { announce } = tracker();
    announce({ host: '10.1.0.1', ...SEEDER });
    announce({ host: '10.1.0.2' });
    expect(names(announce({ host: '10.1.0.3', ...SEEDER }).peers)).toEqual(['10.1.0.2']);
  });
});

describe('aria2, which says `left=0` before it knows the size', () => {
  const fetching = { host: '10.1.0.4', id: 'A2-1-36-0-abcdefghij', left: 0 };

  it('gets seeders and leechers, and is counted as it says', () => {
    const { announce } = tracker();
    announce({ host: '10.1.0.1', ...SEEDER });
    announce({ host: '10.1.0.2' });
    const { peers, seeders, leechers } = announce({ ...fetching, event: 'started' });
    expect(names(peers)).toEqual(['10.1.0.1', '10.1.0.2']);
    expect([seeders, leechers]).toEqual([2, 1]);
  });

  it('gets every leecher there is, as it is none of them', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 9; at++) announce({ host: `10.1.0.1${at}`, ...SEEDER });
    announce({ host: '10.1.0.1' });
    const { peers } = announce({ ...fetching, wanted: 5 });
    expect(peers).toHaveLength(5);
    expect(names(peers)).toContain('10.1.0.1');
  });
});

describe('whoever asks', () => {
  it('is not handed itself, also where it was heard from another address', () => {
    const { announce } = tracker();
    announce({ host: '10.1.0.1', id: 'me' });
    announce({ host: '10.2.0.1', id: 'other' });
    expect(names(announce({ host: '10.1.0.9', id: 'me' }).peers)).toEqual(['10.2.0.1']);
  });

  it('gets nobody where it wants none, and with its goodbye', () => {
    const { announce } = tracker();
    announce({ host: '10.1.0.1' });
    expect(announce({ host: '10.1.0.2', wanted: 0 })).toMatchObject({ peers: [], leechers: 2 });
    expect(announce({ host: '10.1.0.2', event: 'stopped' })).toMatchObject({ peers: [], leechers: 1 });
  });

  it('gets each peer once, at most as many as it wants, and all of them where they are few', () => {
    const kinds = fc.array(fc.record({ subnet: fc.nat(3), seeder: fc.boolean() }), { maxLength: 120 });
    fc.assert(
      fc.property(kinds, fc.nat(250), fc.boolean(), fc.nat(), (others, wanted, seeder, seed) => {
        const { announce } = tracker(seed);
        others.forEach((other, at) => {
          announce({ host: `10.${other.subnet}.0.${at}`, left: other.seeder ? 0 : 1, wanted: 0 });
        });
        const { peers } = announce({ host: '10.0.0.250', left: seeder ? 0 : 1, wanted });
        const useful = others.filter((other) => !(seeder && other.seeder)).length;
        expect(peers).toHaveLength(Math.min(useful, wanted, 200));
        expect(new Set(names(peers)).size).toBe(peers.length);
      }),
      { numRuns: 200 },
    );
  });

  it('gets those in its own subnet first', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 100; at++) announce({ host: `10.${at % 2}.0.${at}`, left: at % 3 });
    const { peers } = announce({ host: '10.1.0.200', wanted: 30 });
    expect(peers).toHaveLength(30);
    expect(peers.every(({ host }) => host.startsWith('10.1.0.'))).toBe(true);
  });

  it('gets those of its /64 first over IPv6', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 40; at++) announce({ host: `fd00:0:0:${at % 2}::${at.toString(16)}` });
    const { peers } = announce({ host: 'fd00:0:0:1::ffff', wanted: 15 });
    expect(peers.every(({ host }) => host.startsWith('fd00:0:0:1:'))).toBe(true);
  });

  it('gets others each time it asks again', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 200; at++) announce({ host: `10.1.0.${at}` });
    const met = new Set<string>();
    for (let times = 0; times < 60; times++)
      for (const name of names(announce({ host: '10.1.0.250', wanted: 10 }).peers)) met.add(name);
    expect(met.size).toBeGreaterThan(150);
  });

  it('gets each of the others as often as any other', () => {
    const { announce } = tracker();
    for (let at = 1; at <= 60; at++) announce({ host: `10.1.0.${at}`, wanted: 0 });
    const times = new Map<string, number>();
    for (let asked = 0; asked < 30; asked++)
      for (const name of names(announce({ host: '10.1.0.250', wanted: 10, ...SEEDER }).peers))
        times.set(name, (times.get(name) ?? 0) + 1);
    expect([...times.values()]).toEqual(Array.from({ length: 60 }, () => 5));
  });

  it('over one family is handed peers of both, those of its own first', () => {
    const { announce } = tracker();
    announce({ host: '10.1.0.1' });
    announce({ host: 'fd00::1' });
    expect(announce({ host: 'fd00::2' }).peers.map(({ host }) => host)).toEqual(['fd00::1', '10.1.0.1']);
    const [first, ...others] = announce({ host: '10.1.0.2' }).peers.map(({ host }) => host);
    expect([first, others.sort()]).toEqual(['10.1.0.1', ['fd00::1', 'fd00::2']]);
  });
});

describe('an address that others cannot reach', () => {
  it('of a peer on the tracker’s own machine is the machine’s own in the asker’s subnet', () => {
    const { announce } = tracker();
    announce({ host: '127.0.0.1', port: 7_000 });
    expect(announce({ host: '10.77.0.5' }).peers).toEqual([{ host: '10.77.0.1', port: 7_000 }]);
  });

  it('is so also among peers that can be reached, for each asker in its own way', () => {
    const { announce } = tracker();
    announce({ host: '10.77.0.2', port: 7_000 });
    announce({ host: '127.0.0.1', port: 7_000 });
    announce({ host: '10.78.0.2', port: 7_000 });
    const given = (host: string): readonly string[] => names(announce({ host, event: 'regular' }).peers);
    expect(given('10.77.0.3')).toEqual(['10.77.0.1', '10.77.0.2', '10.78.0.2']);
    expect(given('10.78.0.3')).toEqual(['10.77.0.2', '10.77.0.3', '10.78.0.2']);
    expect(given('127.0.0.2')).toEqual(['10.77.0.2', '10.77.0.3', '10.78.0.2', '10.78.0.3', '127.0.0.1']);
  });

  it('is kept for askers on the same machine', () => {
    const { announce } = tracker();
    announce({ host: '127.0.0.1', port: 7_000 });
    expect(announce({ host: '127.0.0.1', port: 7_001 }).peers).toEqual([{ host: '127.0.0.1', port: 7_000 }]);
  });

  it('is not handed out where the machine has no address in the asker’s subnet', () => {
    const { announce } = tracker();
    announce({ host: '127.0.0.1', port: 7_000 });
    announce({ host: '::1', port: 7_000 });
    expect(announce({ host: '10.78.0.5' }).peers).toEqual([]);
  });

  it('because it is link-local is handed to link-local askers only', () => {
    const { announce } = tracker();
    announce({ host: 'fe80::1' });
    expect(announce({ host: 'fd00::2' }).peers).toEqual([]);
    expect(names(announce({ host: 'fe80::2%eth0' }).peers)).toContain('fe80::1');
    expect(names(announce({ host: '10.1.0.2' }).peers)).not.toContain('fe80::1');
  });

  it('in IPv6 clothes is the IPv4 address', () => {
    const { announce } = tracker();
    announce({ host: '::ffff:10.1.0.1' });
    expect(names(announce({ host: '10.1.0.2' }).peers)).toEqual(['10.1.0.1']);
  });
});

describe('who fills the list with peers that it cannot be given', () => {
  it.each([
    ['itself', { host: '10.77.0.9', id: 'me' }, { host: '10.77.0.9', id: 'me' }],
    ['itself, in two subnets', { host: '10.77.0.9', id: 'me' }, { host: '10.78.0.9', id: 'me' }],
    ['peers of the loopback address', { host: '127.0.0.1' }, { host: '10.79.0.1' }],
  ])('%s, does not have all of it looked through', (_, listed, asker) => {
    const { announce } = tracker();
    if (listed.host !== asker.host) announce({ ...asker, port: 1 });
    for (let port = 2; port <= 2 * MAX_PEERS_TRIED; port++) announce({ ...listed, port, wanted: 0 });
    const looks = [vi.spyOn(PeerList.prototype, 'hasId'), vi.spyOn(Reach.prototype, 'includes')];
    expect(announce({ ...asker, port: 1 }).peers).toEqual([]);
    for (const look of looks) expect(look.mock.calls.length).toBeLessThanOrEqual(MAX_PEERS_TRIED + 2);
    vi.restoreAllMocks();
  });
});
