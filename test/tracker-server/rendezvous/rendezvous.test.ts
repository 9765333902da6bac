import { describe, expect, it, vi } from 'vitest';
import { isBeacon } from '../../../src/discovery/beacon/decode-beacon.ts';
import { encodeHoldings } from '../../../src/discovery/beacon/encode-beacon.ts';
import type { Discovery } from '../../../src/discovery/discovery.ts';
import { createIdentity, type Identity } from '../../../src/gossip/identity.ts';
import type { PieceSummary } from '../../../src/holdings/holding.ts';
import {
  HOLDING_TTL_MS,
  INQUIRIES_PER_SECOND,
  MAX_NAME_BYTES,
  MAX_NAMES_ASKED_PER_ROUND,
  MAX_NODES_ASKED_FOR_NAME,
  NAMES_ASKED_INTERVAL_MS,
  OTHER_DISCOVERIES_DELAY_MS,
  TOLD_NAME_AGE_MS,
} from '../../../src/limits.ts';
import type { InfoHash } from '../../../src/metainfo/metainfo.ts';
import type { DiscoveryContext } from '../../../src/node/api.ts';
import { systemDiscoveries } from '../../../src/node/system-discoveries.ts';
import type { Endpoint } from '../../../src/platform/endpoint.ts';
import { silentLogger } from '../../../src/platform/logger.ts';
import type { Network } from '../../../src/platform/network.ts';
import { createRendezvous, type Rendezvous } from '../../../src/tracker-server/rendezvous/rendezvous.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT } from '../../discovery/discovery-lan.ts';
import { testSeed } from '../../support/seeded-random.ts';
import type { VirtualHost } from '../../support/virtual-lan.ts';

const seed = testSeed();
const TRACKER_PORT = 6969;
const NO_NETWORK: Network = {
  dial: () => Promise.reject(new Error('no network')),
  listen: () => Promise.reject(new Error('no network')),
};

interface Tracker {
  readonly place: Endpoint;
  readonly rendezvous: Rendezvous;
  readonly host: VirtualHost;
}

/** Nodes that hear no multicast and were given a tracker, and trackers. */
class MutedLan extends DiscoveryLan {
  readonly #identities = new Map<string, Identity>();
  readonly #ends: (() => Promise<void>)[] = [];

  override setting(...given: Parameters<DiscoveryLan['setting']>): ReturnType<DiscoveryLan['setting']> {
    const identity = createIdentity(this.random.bytes(32));
    this.#identities.set(identity.peerId, identity);
    return { ...super.setting(...given), peerId: identity.peerId };
  }

  async tracker(host = this.host(), unnamed: () => readonly InfoHash[] = () => []): Promise<Tracker> {
    host.muted = true;
    const { clock, random } = this;
    const { interfaces: interfaceSource } = host;
    const rendezvous = createRendezvous({
      clock,
      random,
      logger: silentLogger,
      interfaceSource,
      unnamed,
    });
    const socket = await host.open(
      { family: 'IPv4', address: '0.0.0.0', port: TRACKER_PORT, shared: false },
      { onDatagram: (bytes, from) => void rendezvous.datagrams.receive(bytes, from), onError() {} },
    );
    rendezvous.begin({ port: TRACKER_PORT, send: (bytes, to) => socket.send(bytes, to) });
    this.#ends.push(async () => {
      await rendezvous.close();
      await socket.close();
    });
    const address = host.interfaces().find(({ name }) => name === 'eth0')?.addresses[0]?.address ?? '';
    return { place: { host: address, port: TRACKER_PORT }, rendezvous, host };
  }

  async node({ place }: Pick<Tracker, 'place'>, host = this.host()): Promise<DiscoveryNode> {
    host.muted = true;
    const node = await this.open(async (setting) => {
      const identity = this.#identities.get(setting.peerId) ?? createIdentity();
      const context: DiscoveryContext = {
        ...setting,
        identity,
        network: NO_NETWORK,
        interfaces: undefined,
        peers: [],
      };
      const opens = systemDiscoveries({ mdns: false, lsd: false });
      const ways = await Promise.all(opens.map((open) => open(context)));
      for (const way of ways) way.meetAt?.(place);
      return together(ways);
    }, host);
    // The gossip opens in the background: its code is loaded in real time.
    await this.clock.advance(2 * OTHER_DISCOVERIES_DELAY_MS);
    await vi.waitUntil(() => node.discovery.describe().interfaces.length > 0);
    return node;
  }

  /** Beacon datagrams that were sent to this node so far. */
  beaconsTo({ host }: DiscoveryNode): number {
    const address = host.interfaces().find(({ name }) => name === 'eth0')?.addresses[0]?.address;
    return this.lan.sent.filter(({ to, bytes }) => to.host === address && isBeacon(bytes)).length;
  }

  async soon(holds: () => boolean, withinMs = 3_000): Promise<void> {
    expect(await this.clock.advanceUntil(holds, withinMs), `within ${withinMs} ms (seed ${seed})`).toBe(true);
  }

  override async close(): Promise<void> {
    for (const end of this.#ends) await end();
    await super.close();
  }
}

function together(ways: readonly Discovery[]): Discovery {
  return {
    path: 'gossip',
    announce: (holdings) => ways.forEach((way) => void way.announce(holdings)),
    seek(query) {
      const stops = ways.map((way) => way.seek(query));
      return () => stops.forEach((stop) => void stop());
    },
    describe: () => {
      const reports = ways.map((way) => way.describe());
      return (
        reports.find(({ path }) => path === 'gossip') ?? { path: 'gossip', interfaces: [], problems: [] }
      );
    },
    close: async () => void (await Promise.all(ways.map((way) => way.close()))),
  };
}

const newLan = lansOf(() => new MutedLan(seed));
const some = (start: number, end: number): PieceSummary => ({
  kind: 'some',
  count: end - start,
  ranges: [{ start, end }],
  more: false,
});

describe(`nodes that hear no multicast and know one tracker (seed ${seed})`, () => {
  it('find by name what another one shares', async () => {
    const lan = newLan();
    const tracker = await lan.tracker();
    const sharer = await lan.node(tracker);
    sharer.hold({ name: 'movie.txt' });
    await lan.clock.advance(1_000);
    const fetcher = await lan.node(tracker);
    fetcher.discovery.seek({ kind: 'name', name: 'movie.txt' });
    await lan.soon(() => fetcher.table.named('movie.txt').length === 1);
    expect(fetcher.table.named('movie.txt')[0]?.holders.map(({ peerId }) => peerId)).toEqual([sharer.peerId]);
  });

  it('learn which pieces the others hold', async () => {
    const lan = newLan();
    const tracker = await lan.tracker();
    const [first, second] = [await lan.node(tracker), await lan.node(tracker)];
    first.hold({ pieces: some(0, 40) });
    second.hold({ pieces: some(40, 100) });
    const piecesOf = (node: DiscoveryNode, other: DiscoveryNode): PieceSummary | undefined =>
      node.table.holdersOf(hash(1)).find(({ peerId }) => peerId === other.peerId)?.holding.pieces;
    await lan.soon(
      () => piecesOf(first, second)?.kind === 'some' && piecesOf(second, first)?.kind === 'some',
    );
    await lan.clock.advance(2_000);
    expect(piecesOf(first, second)).toMatchObject({ count: 60, ranges: [{ start: 40, end: 100 }] });
    expect(piecesOf(second, first)).toMatchObject({ count: 40, ranges: [{ start: 0, end: 40 }] });
  });

  it('are listed to each other; the tracker, which holds nothing, is not', async () => {
    const lan = newLan();
    const tracker = await lan.tracker();
    const nodes = [await lan.node(tracker), await lan.node(tracker), await lan.node(tracker)];
    for (const [number, node] of nodes.entries()) node.hold({ infoHash: hash(number) });
    await lan.soon(() => tracker.rendezvous.members === 3);
    const heardBy = (node: DiscoveryNode): number => node.discovery.describe().nodes?.length ?? 0;
    await lan.soon(() => nodes.every((node) => heardBy(node) === 2));
    await lan.clock.advance(2_000);
    expect(nodes.map(heardBy)).toEqual([2, 2, 2]);
  });

  it('are there for a tracker that starts after them', async () => {
    const lan = newLan();
    const place = { host: '10.77.0.1', port: TRACKER_PORT };
    const host = lan.host();
    host.muted = true;
    const sharer = await lan.node({ place });
    sharer.hold({});
    const seeker = await lan.node({ place });
    seeker.discovery.seek({ kind: 'everything' });
    await lan.clock.advance(10_000);
    expect(seeker.table.contents()).toEqual([]);
    await lan.tracker(host);
    await lan.soon(() => seeker.table.contents().length === 1, 60_000);
  });

  it('send an address where nobody gossips a few datagrams, and then ever fewer', async () => {
    const lan = newLan();
    const host = lan.host();
    host.muted = true;
    await lan.node({ place: { host: '10.77.0.1', port: TRACKER_PORT } });
    const sent = (): number => lan.lan.sent.filter(({ to }) => to.host === '10.77.0.1').length;
    await lan.clock.advance(5_000);
    expect(sent()).toBeLessThan(10);
    await lan.clock.advance(30 * 60_000);
    const before = sent();
    await lan.clock.advance(10 * 60_000);
    expect(sent() - before).toBeLessThan(10);
  });
});

describe(`the names of contents that a tracker has no .torrent of (seed ${seed})`, () => {
  it('are asked of nodes that hold them', async () => {
    const lan = newLan();
    const unnamed = [hash(1), hash(2), hash(3)];
    const tracker = await lan.tracker(lan.host(), () => unnamed);
    const sharer = await lan.node(tracker);
    sharer.hold({ name: 'movie.txt' }, { infoHash: hash(2), name: 'holiday', pieces: some(0, 3) });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(2)) !== undefined);
    expect(unnamed.map((infoHash) => tracker.rendezvous.nameOf(infoHash))).toEqual([
      'movie.txt',
      'holiday',
      undefined,
    ]);
  });

  it('are those of both info-hashes of a hybrid', async () => {
    const lan = newLan();
    const tracker = await lan.tracker(lan.host(), () => [hash(1), hash(2)]);
    (await lan.node(tracker)).hold({ v2Name: hash(2), name: 'movie.txt' });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(2)) === 'movie.txt');
    await lan.soon(() => tracker.rendezvous.nameOf(hash(1)) === 'movie.txt');
  });

  it('come also where the answer is longer than what an address without proof is sent', async () => {
    const lan = newLan();
    const tracker = await lan.tracker(lan.host(), () => [hash(1)]);
    const name = 'n'.repeat(MAX_NAME_BYTES);
    (await lan.node(tracker)).hold({ name });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(1)) === name);
  });

  it('are asked of nobody where they are known, or nobody announces them here', async () => {
    const lan = newLan();
    const tracker = await lan.tracker();
    const sharer = await lan.node(tracker);
    sharer.hold({ name: 'movie.txt' });
    await lan.soon(() => tracker.rendezvous.members === 1);
    await lan.clock.advance(5 * NAMES_ASKED_INTERVAL_MS);
    expect(lan.beaconsTo(sharer)).toBe(0);
    expect(tracker.rendezvous.nameOf(hash(1))).toBeUndefined();
  });

  it('are asked for a few at a time, and of no node often', async () => {
    const lan = newLan();
    const contents = Array.from({ length: 60 }, (_, number) => hash(number));
    let unnamed: readonly InfoHash[] = [];
    const tracker = await lan.tracker(lan.host(), () => unnamed);
    const sharers: DiscoveryNode[] = [];
    for (let number = 0; number < 10; number++) sharers.push(await lan.node(tracker));
    for (const sharer of sharers) sharer.hold(...contents.map((infoHash) => ({ infoHash })));
    await lan.soon(() => tracker.rendezvous.members === sharers.length);
    unnamed = contents;
    await lan.clock.advance(NAMES_ASKED_INTERVAL_MS);
    const asked = sharers.map((sharer) => lan.beaconsTo(sharer));
    const most = MAX_NAMES_ASKED_PER_ROUND * MAX_NODES_ASKED_FOR_NAME;
    expect(asked.reduce((sum, number) => sum + number)).toBeLessThanOrEqual(most);
    expect(Math.max(...asked)).toBeLessThanOrEqual(INQUIRIES_PER_SECOND);
    const areNamed = () => contents.every((infoHash) => tracker.rendezvous.nameOf(infoHash) !== undefined);
    await lan.soon(areNamed, 20 * NAMES_ASKED_INTERVAL_MS);
  });

  it('are asked for in turn, though nobody knows those of the busiest contents', async () => {
    const lan = newLan();
    const contents = Array.from({ length: 60 }, (_, number) => hash(number));
    const tracker = await lan.tracker(lan.host(), () => contents);
    const sharer = await lan.node(tracker);
    sharer.hold({ infoHash: hash(59) });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(59)) !== undefined, 10 * NAMES_ASKED_INTERVAL_MS);
  });

  it('are not asked for again once they are told', async () => {
    const lan = newLan();
    const tracker = await lan.tracker(lan.host(), () => [hash(1)]);
    const sharer = await lan.node(tracker);
    sharer.hold({ name: 'movie.txt' });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(1)) === 'movie.txt');
    const before = lan.beaconsTo(sharer);
    await lan.clock.advance(TOLD_NAME_AGE_MS / 2);
    expect(lan.beaconsTo(sharer)).toBe(before);
  });

  it('stay as they were told first, and are asked for again in the end', async () => {
    const lan = newLan();
    const tracker = await lan.tracker(lan.host(), () => [hash(1)]);
    const liar = await lan.node(tracker);
    liar.hold({ name: 'not the name' });
    await lan.soon(() => tracker.rendezvous.nameOf(hash(1)) === 'not the name');
    liar.hold();
    (await lan.node(tracker)).hold({ name: 'movie.txt' });
    await lan.clock.advance(TOLD_NAME_AGE_MS / 2);
    expect(tracker.rendezvous.nameOf(hash(1))).toBe('not the name');
    await lan.clock.advance(TOLD_NAME_AGE_MS / 2);
    await lan.soon(() => tracker.rendezvous.nameOf(hash(1)) === 'movie.txt');
  });

  it('are not taken from who was not asked', async () => {
    const lan = newLan();
    const tracker = await lan.tracker(lan.host(), () => [hash(1)]);
    const { rendezvous } = tracker;
    (await lan.node(tracker)).hold({ infoHash: hash(2) });
    await lan.soon(() => rendezvous.members === 1);
    await lan.clock.advance(2 * NAMES_ASKED_INTERVAL_MS);
    const peerId = createIdentity(lan.random.bytes(32)).peerId;
    const holdings = [lan.holding({ peerId, port: PORT, name: 'movie.txt' })];
    const unasked = { peerId, port: PORT, holdings, withdrawn: [], lifetimeMs: HOLDING_TTL_MS };
    const answer = { transaction: 7, total: 1, cookie: undefined };
    for (const bytes of [
      ...encodeHoldings({ ...unasked, answer: undefined }),
      ...encodeHoldings({ ...unasked, answer }),
    ])
      expect(rendezvous.datagrams.receive(bytes, { host: '10.77.0.9', port: PORT })).toBe(true);
    expect(rendezvous.nameOf(hash(1))).toBeUndefined();
  });
});

describe('the gossip of a tracker', () => {
  it('is for this LAN only', async () => {
    const lan = newLan();
    const { rendezvous } = await lan.tracker();
    const near = await lan.node({ place: { host: '10.77.0.1', port: TRACKER_PORT } });
    const probe = lan.lan.sent.find(({ to }) => to.port === TRACKER_PORT)?.bytes;
    if (probe === undefined) throw new Error('the tracker was not greeted');
    lan.lan.sent.length = 0;
    expect(rendezvous.datagrams.receive(probe, { host: '203.0.113.9', port: PORT })).toBe(true);
    await lan.clock.advance(100);
    expect(lan.lan.sent.filter(({ to }) => to.host === '203.0.113.9')).toEqual([]);
    expect(near.discovery.describe().problems).toEqual([]);
  });

  it('leaves to the tracker what is not gossip', async () => {
    const { rendezvous } = await newLan().tracker();
    const notGossip = Buffer.concat([Buffer.from('LANS'), Buffer.alloc(12)]);
    expect(rendezvous.datagrams.receive(notGossip, { host: '10.77.0.9', port: PORT })).toBe(false);
  });
});
