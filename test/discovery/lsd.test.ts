import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/discovery/discovery.ts';
import { AnnouncePace } from '../../src/discovery/lsd/announce-pace.ts';
import { createLsd } from '../../src/discovery/lsd/lsd.ts';
import { decodeLsd, encodeLsd, type LsdAnnouncement } from '../../src/discovery/lsd/lsd-message.ts';
import {
  ANNOUNCE_MERGE_MS,
  INTERFACE_POLL_MS,
  LSD_ANNOUNCE_INTERVAL_MS,
  LSD_ANSWER_SPREAD_MS,
  LSD_ANSWERS_ENOUGH,
  LSD_DATAGRAMS_PER_SOURCE_PER_SECOND,
  LSD_GROUP_IPV4,
  LSD_LAN_BYTES_PER_SECOND,
  LSD_MAX_ANNOUNCE_INTERVAL_MS,
  LSD_PORT,
  MAX_LSD_BURST_DATAGRAMS,
  MAX_LSD_CONTENTS_PER_HOST,
} from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { formatEndpoint } from '../../src/platform/endpoint.ts';
import { testSeed } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { VirtualHost } from '../support/virtual-lan.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT } from './discovery-lan.ts';

const seed = testSeed();
const MINUTE_MS = 60_000;
const PART = { pieces: { kind: 'some', count: 1, ranges: [{ start: 0, end: 1 }], more: false } } as const;
const byHash = (infoHash: InfoHash) => ({ kind: 'infoHash', infoHash }) as const;

/** A client of another make. */
interface Client {
  announce(announcement?: Partial<LsdAnnouncement>): void;
  say(bytes: Uint8Array): void;
}

interface Announced {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly announcement: LsdAnnouncement;
}

class Lan extends DiscoveryLan {
  #hosts = 0;

  /** IPv4 only, so that everything is said once. */
  override host(): VirtualHost {
    const number = ++this.#hosts;
    return this.lan.host({ eth0: [`10.77.${Math.floor(number / 200)}.${number % 200}/16`] });
  }

  node(host = this.host(), port = PORT): Promise<DiscoveryNode> {
    return this.open(createLsd, host, port);
  }

  async client(host = this.host()): Promise<Client> {
    const own = host.interfaces()[0]?.addresses[0]?.address ?? '';
    const options = { family: 'IPv4', address: '0.0.0.0', port: LSD_PORT, shared: true } as const;
    const handlers = { onDatagram: () => {}, onError: () => {} };
    const socket = await host.open({ ...options, multicastInterface: own }, handlers);
    const say = (bytes: Uint8Array): void => socket.send(bytes, { host: LSD_GROUP_IPV4, port: LSD_PORT });
    const announce = (changed: Partial<LsdAnnouncement> = {}): void => {
      const announcement = { port: 6881, infoHashes: [hash(1)], cookie: 'c11e47', ...changed };
      for (const bytes of encodeLsd(announcement, LSD_GROUP_IPV4)) say(bytes);
    };
    return { announce, say };
  }

  /** What was announced from `host`, or from anybody. */
  announced(host?: string): Announced[] {
    const sent = this.lan.sent.filter(({ from }) => host === undefined || from.host === host);
    return sent.map(({ at, bytes }) => {
      const announcement = decodeLsd(bytes);
      if ('fault' in announcement) throw new Error(announcement.fault);
      return { at, bytes, announcement };
    });
  }

  /** When one content was announced from `host`, to the second. */
  times(host: string, infoHash = hash(1)): number[] {
    return this.announced(host)
      .filter(({ announcement }) => announcement.infoHashes.includes(infoHash))
      .map(({ at }) => Math.round(at / 1_000));
  }
}

const newLan = lansOf(() => new Lan(seed));
const located = ({ sightings }: { readonly sightings: readonly Sighting[] }): string[] =>
  sightings.flatMap((sighting) =>
    sighting.kind === 'located' ? [`${sighting.infoHash} ${formatEndpoint(sighting.endpoint)}`] : [],
  );

describe(`local service discovery (seed ${seed})`, () => {
  it('finds by hash who has announced it long ago: asking is announcing, and that is answered', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(2 * MINUTE_MS);
    const fetcher = await lan.node();
    fetcher.discovery.seek(byHash(hash(1)));
    await lan.clock.advance(ANNOUNCE_MERGE_MS + LSD_ANSWER_SPREAD_MS + 1);
    expect(fetcher.sightings).toEqual([
      { kind: 'located', infoHash: hash(1), endpoint: { host: '10.77.0.1', port: PORT }, path: 'lsd' },
    ]);
    // It may call on who asks, should the answer get lost.
    expect(located(sharer)).toEqual([`${hash(1)} 10.77.0.2:${PORT}`]);
  });

  it('tells who announces what is sought or held, and of nothing else', async () => {
    const lan = newLan();
    const client = await lan.client();
    const [whole, part, seeking, idle] = [
      await lan.node(),
      await lan.node(),
      await lan.node(),
      await lan.node(),
    ];
    whole.hold({});
    part.hold(PART);
    const stop = seeking.discovery.seek(byHash(hash(1)));
    idle.discovery.seek({ kind: 'name', name: 'movie.txt' });
    idle.discovery.seek({ kind: 'everything' });
    client.announce();
    client.announce({ infoHashes: [hash(2)] });
    await lan.clock.advance(1);
    const here = `${hash(1)} 10.77.0.1:6881`;
    expect([whole, part, seeking, idle].map(located)).toEqual([[here], [here], [here], []]);
    stop();
    client.announce();
    await lan.clock.advance(1);
    expect(located(seeking)).toEqual([here]);
  });

  it('makes known and finds a hybrid content under either of its names', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({ v2Name: hash(2) });
    await lan.clock.advance(2 * MINUTE_MS);
    const [old, modern] = [await lan.node(), await lan.node()];
    old.discovery.seek(byHash(hash(1)));
    modern.discovery.seek(byHash(hash(2)));
    await lan.clock.advance(ANNOUNCE_MERGE_MS + LSD_ANSWER_SPREAD_MS + 1);
    expect(located(old)).toEqual([`${hash(1)} 10.77.0.1:${PORT}`]);
    expect(located(modern)).toEqual([`${hash(2)} 10.77.0.1:${PORT}`]);
    expect(located(sharer).sort()).toEqual([`${hash(1)} 10.77.0.2:${PORT}`, `${hash(2)} 10.77.0.3:${PORT}`]);
  });

  it('counts what it drops, by reason', async () => {
    const lan = newLan();
    const client = await lan.client();
    const node = await lan.node();
    client.say(Buffer.from('garbage'));
    await lan.clock.advance(1);
    expect(node.discovery.describe().dropped).toEqual(new Map([['not an announcement', 1]]));
  });

  it('remembers for a search that starts later who announced it', async () => {
    const lan = newLan();
    const client = await lan.client();
    const node = await lan.node();
    client.announce({ port: 6881 });
    client.announce({ port: 6882, infoHashes: [hash(1), hash(2)] });
    await lan.clock.advance(LSD_ANNOUNCE_INTERVAL_MS);
    node.discovery.seek(byHash(hash(1)));
    expect(located(node)).toEqual([`${hash(1)} 10.77.0.1:6881`, `${hash(1)} 10.77.0.1:6882`]);
    await lan.clock.advance(3 * LSD_ANNOUNCE_INTERVAL_MS);
    node.discovery.seek(byHash(hash(2)));
    expect(located(node)).toHaveLength(2);
  });

  it('forgets the oldest of a host that announces very much', async () => {
    const lan = newLan();
    const client = await lan.client();
    const node = await lan.node();
    for (let number = 0; number <= MAX_LSD_CONTENTS_PER_HOST; number++) {
      client.announce({ infoHashes: [hash(number)] });
      await lan.clock.advance(100);
    }
    for (const number of [0, 1]) node.discovery.seek(byHash(hash(number)));
    expect(located(node)).toEqual([`${hash(1)} 10.77.0.1:6881`]);
  });

  it('does not hear itself, on whatever interface', async () => {
    const lan = newLan();
    const host = lan.lan.host({ eth0: ['10.77.0.1/24', 'fe80::1/64'], eth1: ['10.78.0.1/24'] });
    const node = await lan.node(host);
    node.hold(PART);
    node.discovery.seek(byHash(hash(1)));
    await lan.clock.advance(10 * MINUTE_MS);
    expect(new Set(lan.lan.sent.map(({ to }) => formatEndpoint(to)))).toEqual(
      new Set(['239.192.152.143:6771', '[ff15::efc0:988f%eth0]:6771']),
    );
    expect(node.sightings).toEqual([]);
  });
});

describe(`when contents are announced (seed ${seed})`, () => {
  it('is at once, and every five minutes', async () => {
    const lan = newLan();
    const node = await lan.node();
    node.hold({});
    await lan.clock.advance(30 * MINUTE_MS);
    const times = lan.times('10.77.0.1');
    expect(times[0]).toBe(0);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(5);
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(300);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(269);
  });

  it('is sooner for what is sought, and never twice within a minute', async () => {
    const lan = newLan();
    const node = await lan.node();
    for (let time = 0; time < 20; time++) {
      const stop = node.discovery.seek(byHash(hash(1)));
      await lan.clock.advance(2_000);
      stop();
      await lan.clock.advance(1_000);
    }
    node.discovery.seek(byHash(hash(1)));
    await lan.clock.advance(19 * MINUTE_MS);
    const times = lan.times('10.77.0.1');
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(60);
    expect(gaps.slice(0, 3)).toEqual([60, 60, 120]);
  });

  it('ends with the search, or when it is no longer held', async () => {
    const lan = newLan();
    const node = await lan.node();
    const stop = node.discovery.seek(byHash(hash(1)));
    node.hold({ infoHash: hash(2) });
    await lan.clock.advance(MINUTE_MS / 2);
    stop();
    node.hold();
    lan.lan.sent.length = 0;
    await lan.clock.advance(20 * MINUTE_MS);
    expect(lan.lan.sent).toEqual([]);
  });

  it('is one by one for a few contents, and together for many, in bursts', async () => {
    const lan = newLan();
    const few = await lan.node();
    const many = await lan.node();
    const contents = (count: number): { infoHash: InfoHash }[] =>
      Array.from({ length: count }, (_, number) => ({ infoHash: hash(number + 1) }));
    few.hold(...contents(5));
    many.hold(...contents(1_000));
    await lan.clock.advance(100);
    expect(lan.announced('10.77.0.1')).toHaveLength(5);
    expect(lan.announced('10.77.0.2')).toHaveLength(MAX_LSD_BURST_DATAGRAMS);
    await lan.clock.advance(5_000);
    const told = lan.announced('10.77.0.2').flatMap(({ announcement }) => announcement.infoHashes);
    expect(new Set(told).size).toBe(1_000);
    expect(told).toHaveLength(1_000);
  });

  it('is once for a newcomer who announces the content, however often he does', async () => {
    const lan = newLan();
    const client = await lan.client();
    const node = await lan.node();
    node.hold({});
    await lan.clock.advance(2 * MINUTE_MS);
    lan.lan.sent.length = 0;
    for (let time = 0; time < 3; time++) {
      client.announce();
      await lan.clock.advance(2_000);
    }
    expect(lan.times('10.77.0.2')).toHaveLength(1);
    await lan.clock.advance(MINUTE_MS);
    client.announce();
    await lan.clock.advance(2_000);
    expect(lan.times('10.77.0.2')).toHaveLength(1);
    // Another process at the same address has not heard it.
    client.announce({ cookie: 'another' });
    await lan.clock.advance(2_000);
    expect(lan.times('10.77.0.2')).toHaveLength(2);
  });

  it('waits for the minute to pass even where a newcomer asks', async () => {
    const lan = newLan();
    const client = await lan.client();
    const node = await lan.node();
    node.hold({});
    await lan.clock.advance(10_000);
    client.announce();
    await lan.clock.advance(2 * MINUTE_MS);
    expect(lan.times('10.77.0.2')).toEqual([0, 60]);
  });

  it('does not go back and forth between two who know each other', async () => {
    const lan = newLan();
    for (const node of [await lan.node(), await lan.node()]) node.hold({});
    await lan.clock.advance(61 * MINUTE_MS);
    for (const host of ['10.77.0.1', '10.77.0.2']) expect(lan.times(host).length).toBeLessThanOrEqual(15);
  });

  it('is left to a few others where very many have it', async () => {
    const lan = newLan();
    const nodes = await Promise.all(Array.from({ length: 100 }, () => lan.node()));
    for (const node of nodes) node.hold({});
    await lan.clock.advance(2 * MINUTE_MS);
    lan.lan.sent.length = 0;
    (await lan.client()).announce();
    await lan.clock.advance(2 * LSD_ANSWER_SPREAD_MS);
    const answers = lan.lan.sent.length - 1;
    expect(answers).toBeGreaterThanOrEqual(LSD_ANSWERS_ENOUGH);
    // By IPv4 and IPv6; and one or two of the hundred speak while the third is on its way to them.
    expect(answers).toBeLessThanOrEqual(2 * (LSD_ANSWERS_ENOUGH + 2));
  });
});

describe('the interval of announcements', () => {
  /** Lets time pass on a link with so much traffic at the interval of the moment. */
  async function pass(
    clock: VirtualClock,
    pace: AnnouncePace,
    ms: number,
    perSecond: () => number,
  ): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10_000) {
      pace.note(10 * perSecond());
      await clock.advance(10_000);
    }
  }

  it.each([1, 10, 100, 1_000])('lets %d nodes with 100 contents each share one bandwidth', async (nodes) => {
    const clock = new VirtualClock();
    const pace = new AnnouncePace(clock);
    const load = (): number => (nodes * 7_000) / (pace.intervalMs / 1_000);
    await pass(clock, pace, 24 * 60 * MINUTE_MS, load);
    expect(load()).toBeLessThanOrEqual(1.01 * LSD_LAN_BYTES_PER_SECOND);
    const idle = (nodes * 7_000) / 300;
    expect(load()).toBeGreaterThanOrEqual(0.99 * Math.min(idle, LSD_LAN_BYTES_PER_SECOND));
  });

  it('grows only so far in a flood, and recovers from it', async () => {
    const clock = new VirtualClock();
    const pace = new AnnouncePace(clock);
    await pass(clock, pace, 60 * MINUTE_MS, () => 100_000);
    expect(pace.intervalMs).toBe(LSD_MAX_ANNOUNCE_INTERVAL_MS);
    await pass(clock, pace, 2 * LSD_ANNOUNCE_INTERVAL_MS, () => 10);
    expect(pace.intervalMs).toBe(LSD_ANNOUNCE_INTERVAL_MS);
  });
});

describe(`local service discovery among interfaces (seed ${seed})`, () => {
  it('announces anew where an address is new, and hears there', async () => {
    const lan = newLan();
    const node = await lan.node(lan.lan.host({}));
    node.hold(PART);
    await lan.clock.advance(1_000);
    const client = await lan.client();
    for (const address of ['10.77.0.70', '10.77.0.71']) {
      node.host.setAddresses({ eth0: [`${address}/16`] });
      await lan.clock.advance(INTERFACE_POLL_MS + ANNOUNCE_MERGE_MS);
      expect(lan.times(address)).toHaveLength(1);
      expect(node.discovery.describe().interfaces).toContain(`eth0 (${address})`);
    }
    client.announce();
    await lan.clock.advance(1);
    expect(located(node)).toHaveLength(1);
    node.host.setAddresses({});
    await lan.clock.advance(INTERFACE_POLL_MS);
    expect(node.discovery.describe()).toMatchObject({
      path: 'lsd',
      interfaces: ['lo (127.0.0.1, ::1)'],
      problems: [],
    });
  });

  it('works where there is IPv6 only, with the scope of the address', async () => {
    const lan = newLan();
    const sharer = await lan.node(lan.lan.host({ eth0: ['fe80::1/64'] }));
    const fetcher = await lan.node(lan.lan.host({ eth0: ['fe80::2/64'] }));
    fetcher.discovery.seek(byHash(hash(1)));
    sharer.hold({});
    await lan.clock.advance(1_000);
    expect(located(fetcher)[0]).toBe(`${hash(1)} [fe80::1%eth0]:${PORT}`);
  });

  it('works between two processes of a host that has nothing but the loopback interface', async () => {
    const lan = newLan();
    const host = lan.lan.host({});
    const sharer = await lan.node(host);
    sharer.hold({});
    await lan.clock.advance(2 * MINUTE_MS);
    const fetcher = await lan.node(host, 50_123);
    fetcher.discovery.seek(byHash(hash(1)));
    await lan.clock.advance(1_000);
    expect(located(fetcher)).toEqual([`${hash(1)} 127.0.0.1:${PORT}`]);
  });

  it('refuses an interface that does not exist, and leaves nothing open', async () => {
    const lan = newLan();
    const host = lan.host();
    const opening = createLsd({ ...lan.setting(host), interfaces: ['eth7'] });
    await expect(opening).rejects.toMatchObject({ code: 'NO_USABLE_INTERFACE' });
    expect([lan.clock.pending, host.openSockets]).toEqual([0, 0]);
  });

  it('leaves no timer and no socket when it is closed, and does nothing more', async () => {
    const lan = newLan();
    const node = await lan.node();
    const client = await lan.client();
    node.hold({});
    const stop = node.discovery.seek(byHash(hash(2)));
    const { pending } = lan.clock;
    await node.discovery.close();
    await node.discovery.close();
    expect(node.host.openSockets).toBe(0);
    lan.lan.sent.length = 0;
    node.hold({ infoHash: hash(3) });
    node.discovery.seek(byHash(hash(1)));
    stop();
    client.announce();
    await lan.clock.advance(10 * MINUTE_MS);
    expect(lan.announced('10.77.0.1')).toEqual([]);
    expect(node.sightings).toEqual([]);
    expect(lan.clock.pending).toBeLessThan(pending);
  });
});

describe(`hostile announcements (seed ${seed})`, () => {
  it('are not believed from another network', async () => {
    const lan = newLan();
    const node = await lan.node();
    node.discovery.seek(byHash(hash(1)));
    (await lan.client(lan.lan.host({ eth0: ['192.0.2.7/24'] }))).announce();
    await lan.clock.advance(1);
    expect(located(node)).toEqual([]);
  });

  it('are read only so many a second of one source', async () => {
    const lan = newLan();
    const node = await lan.node();
    node.discovery.seek(byHash(hash(1)));
    const client = await lan.client();
    for (let number = 1; number <= 1_000; number++) client.announce({ port: number });
    await lan.clock.advance(1);
    expect(located(node)).toHaveLength(LSD_DATAGRAMS_PER_SOURCE_PER_SECOND);
    (await lan.client()).announce();
    await lan.clock.advance(1);
    expect(located(node).at(-1)).toBe(`${hash(1)} 10.77.0.3:6881`);
  });

  it('that are garbage or cut change nothing', async () => {
    const lan = newLan();
    const node = await lan.node();
    node.discovery.seek(byHash(hash(1)));
    const client = await lan.client();
    const [whole = new Uint8Array()] = encodeLsd(
      { port: 6881, infoHashes: [hash(1)], cookie: 'x' },
      LSD_GROUP_IPV4,
    );
    const end = Buffer.from(whole).indexOf('\r\n\r\n');
    for (let length = 0; length < end; length++) {
      client.say(whole.slice(0, length));
      client.say(lan.random.bytes(length * 10));
      await lan.clock.advance(100);
    }
    expect(located(node)).toEqual([]);
    client.announce();
    await lan.clock.advance(1);
    expect(located(node)).toHaveLength(1);
  });
});
