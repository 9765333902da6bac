import { afterEach, describe, expect, it } from 'vitest';
import { AverageSize } from '../../src/discovery/beacon/announce-interval.ts';
import { type Announcement, Announcer } from '../../src/discovery/beacon/announcer.ts';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import { encodeHoldings } from '../../src/discovery/beacon/encode-beacon.ts';
import type { Discovery } from '../../src/discovery/discovery.ts';
import { AnnouncePace } from '../../src/discovery/lsd/announce-pace.ts';
import { Announcer as LsdAnnouncer, type Part } from '../../src/discovery/lsd/announcer.ts';
import { createLsd } from '../../src/discovery/lsd/lsd.ts';
import { encodeLsd, MAX_INFO_HASHES_PER_DATAGRAM } from '../../src/discovery/lsd/lsd-message.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import type { Holding, PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import {
  LSD_GROUP_IPV4,
  LSD_GROUP_IPV6,
  MAX_BURST_DATAGRAMS,
  MAX_LSD_BURST_DATAGRAMS,
} from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { repeat, type Timer } from '../../src/platform/clock.ts';
import { seededRandom, testSeed } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT, type Setting } from './discovery-lan.ts';

const seed = testSeed();
const KiB = 1_024;
const BUDGET_BYTES_PER_SECOND = 20 * KiB;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Ethernet, IP and UDP headers. */
const IPV4_OVERHEAD_BYTES = 14 + 20 + 8;
const IPV6_OVERHEAD_BYTES = 14 + 40 + 8;
/** Between two pieces of a fetcher; more often than they may be announced. */
const WIN_INTERVAL_MS = 1_000;
/** An index of so many ranges that it fills all the room a record has for it. */
const SCATTERED: PieceSummary = {
  kind: 'some',
  count: 300,
  ranges: Array.from({ length: 300 }, (_, number) => ({ start: 3 * number, end: 3 * number + 1 })),
  more: false,
};

/** The beacon, mDNS and LSD, as one. */
async function openAll(setting: Setting): Promise<Discovery> {
  const ways = await Promise.all([
    createBeacon({ ...setting, peers: [] }),
    createMdns(setting),
    createLsd(setting),
  ]);
  const [beacon] = ways;
  return {
    path: beacon.path,
    announce(holdings) {
      for (const way of ways) way.announce(holdings);
    },
    seek(query) {
      const stops = ways.map((way) => way.seek(query));
      return () => {
        for (const stop of stops) stop();
      };
    },
    describe: () => beacon.describe(),
    async close() {
      await Promise.all(ways.map((way) => way.close()));
    },
  };
}

class Lan extends DiscoveryLan {
  node(): Promise<DiscoveryNode> {
    return this.open(openAll, this.host());
  }

  async sharers(count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const node = await this.node();
      node.hold({ infoHash: hash(number), name: `the holiday film of node ${number}.mkv` });
    }
  }

  /** Multicast and broadcast bytes a second, all headers counted, in the next `ms`. */
  async measure(ms: number, pass = (time: number) => this.clock.advance(time)): Promise<number> {
    const before = this.lan.sent.length;
    await pass(ms);
    const toMany = this.lan.sent.slice(before).filter(({ to }) => isMany(to.host));
    const bytes = toMany.reduce((sum, { to, bytes: { length } }) => sum + length + overhead(to.host), 0);
    return bytes / (ms / SECOND_MS);
  }
}

const newLan = lansOf(() => new Lan(seed));

/**
 * A LAN that loses nothing, reduced to what its nodes say to all: everybody knows how many there are, how large their
 * announcements are on average, and what LSD costs, so it is counted once for all. A thousand nodes fit.
 */
class LosslessLan {
  readonly clock = new VirtualClock();
  readonly #random = seededRandom(seed);
  readonly #sizes = new AverageSize();
  /** What LSD costs, by its group. */
  readonly #paces = [LSD_GROUP_IPV4, LSD_GROUP_IPV6].map((group) => ({
    group,
    pace: new AnnouncePace(this.clock),
  }));
  readonly #beacons: Announcer[] = [];
  readonly #lsds: LsdAnnouncer[] = [];
  readonly #timers: Timer[] = [];
  #bytes = 0;

  /** Nodes that start within `startMs` and share the same contents. */
  async start(count: number, contents: readonly Holding[], startMs: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      this.sharer(contents);
      await this.clock.advance(startMs / count);
    }
  }

  sharer(contents: readonly Holding[]): Announcer {
    const { clock } = this;
    const beacon = new Announcer({
      clock,
      random: this.#random,
      load: () => ({ nodes: this.#beacons.length, averageBytes: this.#sizes.bytes, copies: 3 }),
      send: (announcement) => this.#sendBeacon(announcement),
    });
    this.#beacons.push(beacon);
    beacon.update(contents);
    const held = new Map(contents.map(({ infoHash }): [InfoHash, Part] => [infoHash, 'held']));
    for (const { group, pace } of this.#paces) this.#announceByLsd(group, pace, held);
    return beacon;
  }

  /** A node that wins pieces all the time, in no order. */
  fetcher(content: Holding): void {
    let { version } = content;
    const beacon = this.sharer([{ ...content, pieces: SCATTERED }]);
    const win = (): void => beacon.update([{ ...content, pieces: SCATTERED, version: ++version }]);
    this.#timers.push(repeat(this.clock, WIN_INTERVAL_MS, win));
  }

  async measure(ms: number): Promise<number> {
    this.#bytes = 0;
    await this.clock.advance(ms);
    return this.#bytes / (ms / SECOND_MS);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    for (const announcer of [...this.#beacons, ...this.#lsds]) announcer.stop();
  }

  #sendBeacon(announcement: Announcement): void {
    const datagrams = encodeHoldings({ peerId: PEER, port: PORT, ...announcement, answer: undefined });
    for (const { length } of datagrams.slice(0, MAX_BURST_DATAGRAMS)) {
      this.#sizes.add(length);
      // IPv4 multicast, broadcast, IPv6 multicast.
      this.#bytes += 3 * length + 2 * IPV4_OVERHEAD_BYTES + IPV6_OVERHEAD_BYTES;
    }
  }

  #announceByLsd(group: string, pace: AnnouncePace, held: ReadonlyMap<InfoHash, Part>): void {
    const announcer = new LsdAnnouncer({
      clock: this.clock,
      random: this.#random,
      burst: MAX_LSD_BURST_DATAGRAMS * MAX_INFO_HASHES_PER_DATAGRAM,
      intervalMs: () => pace.intervalMs,
      send: (infoHashes) => {
        for (const { length } of encodeLsd({ port: PORT, cookie: 'c0ffee00', infoHashes }, group)) {
          pace.note(length);
          this.#bytes += length + overhead(group);
        }
      },
    });
    this.#lsds.push(announcer);
    announcer.update(held);
  }
}

const PEER = 'ab'.repeat(20) as PeerId;
const lossless: LosslessLan[] = [];
afterEach(() => {
  for (const lan of lossless.splice(0)) lan.stop();
});

function newLosslessLan(): LosslessLan {
  const lan = new LosslessLan();
  lossless.push(lan);
  return lan;
}

/** `count` whole contents. */
function contents(count: number): readonly Holding[] {
  return Array.from({ length: count }, (_, number) => ({
    peerId: PEER,
    port: PORT,
    infoHash: hash(number),
    name: `the holiday film number ${number}.mkv`,
    length: 1_000_000_000,
    pieceCount: 4_000,
    pieces: { kind: 'all' },
    version: number + 1,
  }));
}

describe(`multicast and broadcast of a whole LAN (seed ${seed})`, () => {
  it.each([10, 50])('%i idle sharers with beacon, mDNS and LSD stay within 20 KiB/s', async (count) => {
    const lan = newLan();
    await lan.sharers(count);
    await lan.clock.advance(5 * SECOND_MS);
    expect(await lan.measure(MINUTE_MS)).toBeLessThan(BUDGET_BYTES_PER_SECOND);
  });

  it.each([200, 1_000])('%i idle sharers stay within 20 KiB/s', async (count) => {
    const lan = newLosslessLan();
    await lan.start(count, contents(1), 10 * MINUTE_MS);
    await lan.clock.advance(10 * MINUTE_MS);
    expect(await lan.measure(20 * MINUTE_MS)).toBeLessThan(BUDGET_BYTES_PER_SECOND);
  });

  // On average: LSD of nodes that started together goes on in bunches, of minutes an hour.
  it('a thousand idle sharers with a hundred contents each stay within it on average', async () => {
    const lan = newLosslessLan();
    await lan.start(1_000, contents(100), 10 * MINUTE_MS);
    expect(await lan.measure(180 * MINUTE_MS)).toBeLessThan(BUDGET_BYTES_PER_SECOND);
  });

  it.each([49, 200, 400])('%i fetchers that win pieces in no order stay within it', async (count) => {
    const lan = newLosslessLan();
    const [content] = contents(1);
    if (content === undefined) throw new Error('no content');
    lan.sharer([content]);
    for (let number = 0; number < count; number++) lan.fetcher(content);
    await lan.clock.advance(MINUTE_MS);
    expect(await lan.measure(2 * MINUTE_MS)).toBeLessThan(BUDGET_BYTES_PER_SECOND);
  });

  it('ten fetchers with beacon, mDNS and LSD stay within it, too', async () => {
    const lan = newLan();
    for (let number = 0; number < 10; number++) await lan.node();
    const winFor = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= WIN_INTERVAL_MS) {
        for (const node of lan.nodes) node.hold({ pieces: SCATTERED });
        await lan.clock.advance(WIN_INTERVAL_MS);
      }
    };
    await winFor(10 * SECOND_MS);
    expect(await lan.measure(30 * SECOND_MS, winFor)).toBeLessThan(BUDGET_BYTES_PER_SECOND);
  });
});

function isMany(host: string): boolean {
  return host.startsWith('ff') || /^2(2[4-9]|3\d)\./.test(host) || host.endsWith('.255');
}

function overhead(host: string): number {
  return host.includes(':') ? IPV6_OVERHEAD_BYTES : IPV4_OVERHEAD_BYTES;
}
