import { describe, expect, it, vi } from 'vitest';
import type { Discovery, DiscoveryReport } from '../../src/discovery/discovery.ts';
import { createIdentity, type Identity } from '../../src/gossip/identity.ts';
import { ANNOUNCE_INTERVAL_MS, HOLDING_TTL_MS, OTHER_DISCOVERIES_DELAY_MS } from '../../src/limits.ts';
import type { DiscoveryContext } from '../../src/node/api.ts';
import { systemDiscoveries } from '../../src/node/system-discoveries.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { Network } from '../../src/platform/network.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT } from '../discovery/discovery-lan.ts';
import { testSeed } from '../support/seeded-random.ts';

const seed = testSeed();
/** Longer than a machine that has much to do takes to load code: the time in here is virtual, that is not. */
const LOADING_MS = 15_000;
const NO_NETWORK: Network = {
  dial: () => Promise.reject(new Error('no network')),
  listen: () => Promise.reject(new Error('no network')),
};

/** Nodes that find each other in all the ways a machine has, on networks that carry no multicast. */
class MutedLan extends DiscoveryLan {
  readonly #identities = new Map<string, Identity>();

  override setting(...given: Parameters<DiscoveryLan['setting']>): ReturnType<DiscoveryLan['setting']> {
    const identity = createIdentity(this.random.bytes(32));
    this.#identities.set(identity.peerId, identity);
    return { ...super.setting(...given), peerId: identity.peerId };
  }

  node(
    peers: readonly (DiscoveryNode | undefined)[] = [],
    { host = this.host(), port = PORT, named = [] as readonly Endpoint[] } = {},
  ): Promise<DiscoveryNode> {
    host.muted = true;
    return this.opened(
      async (setting) => {
        const identity = this.#identities.get(setting.peerId) ?? createIdentity();
        const context: DiscoveryContext = {
          ...setting,
          identity,
          network: NO_NETWORK,
          interfaces: undefined,
          peers: [...peers.flatMap((peer) => (peer === undefined ? [] : addressOf(peer))), ...named],
        };
        return together(
          await Promise.all(systemDiscoveries({ mdns: false, lsd: false }).map((open) => open(context))),
        );
      },
      host,
      port,
    );
  }

  /** With all ways open, those in the background, too: their code is loaded in real time. */
  async opened(...given: Parameters<DiscoveryLan['open']>): Promise<DiscoveryNode> {
    const node = await this.open(...given);
    await this.clock.advance(2 * OTHER_DISCOVERIES_DELAY_MS);
    await vi.waitUntil(() => node.discovery.describe().interfaces.length > 0, { timeout: LOADING_MS });
    return node;
  }

  /** Until this holds, or 3 s have passed. */
  async soon(holds: () => boolean, withinMs = 3_000): Promise<void> {
    expect(await this.clock.advanceUntil(holds, withinMs), `within ${withinMs} ms (seed ${seed})`).toBe(true);
  }
}

function addressOf({ host }: DiscoveryNode): Endpoint {
  const address = host
    .interfaces()
    .flatMap(({ kind, addresses }) => (kind === 'loopback' ? [] : addresses))
    .find(({ family }) => family === 'IPv4')?.address;
  return { host: address ?? '', port: PORT };
}

function together(ways: readonly Discovery[]): Discovery {
  return {
    path: 'gossip',
    announce: (holdings) => ways.forEach((way) => void way.announce(holdings)),
    seek(query) {
      const stops = ways.map((way) => way.seek(query));
      return () => stops.forEach((stop) => void stop());
    },
    // The last one to open.
    describe: () => ways.map((way) => way.describe()).find(({ path }) => path === 'gossip') ?? NOT_OPEN,
    close: async () => void (await Promise.all(ways.map((way) => way.close()))),
  };
}

const NOT_OPEN: DiscoveryReport = { path: 'gossip', interfaces: [], problems: [] };

const newLan = lansOf(() => new MutedLan(seed));

describe(`without multicast, one node that is named (seed ${seed})`, () => {
  it('leads to a third one, which is known where it is and not where it was told to be', async () => {
    const lan = newLan();
    const between = await lan.node();
    const sharer = await lan.node([between]);
    sharer.hold({});
    between.hold({ infoHash: hash(2), name: 'other.txt' });
    await lan.clock.advance(2_000);

    const fetcher = await lan.node([between]);
    fetcher.discovery.seek({ kind: 'name', name: 'movie.txt' });
    await lan.soon(() => fetcher.table.named('movie.txt').length === 1);
    const [content] = fetcher.table.named('movie.txt');
    expect(content?.holders.map(({ peerId }) => peerId)).toEqual([sharer.peerId]);
    expect(content?.holders[0]?.addresses[0]?.endpoint).toEqual(addressOf(sharer));
  });

  it('makes all visible to all, in a chain where each knows its left neighbour', async () => {
    const lan = newLan();
    const nodes: DiscoveryNode[] = [];
    for (let place = 0; place < 5; place++) {
      const node = await lan.node([nodes.at(-1)]);
      node.hold({ infoHash: hash(place), name: `file${place}.txt` });
      node.discovery.seek({ kind: 'everything' });
      nodes.push(node);
    }
    for (const node of nodes) await lan.soon(() => node.table.contents().length === 4);
  });

  it('is on this machine already where a node listens on the usual port', async () => {
    const lan = newLan();
    const far = await lan.node();
    const near = await lan.node([far]);
    far.hold({});
    near.hold({ infoHash: hash(2), name: 'other.txt' });
    await lan.clock.advance(2_000);
    const beside = await lan.node([], { host: near.host, port: PORT + 1 });
    beside.discovery.seek({ kind: 'everything' });
    await lan.soon(() => beside.table.contents().length === 2);
    const [content] = beside.table.named('movie.txt');
    expect(content?.holders[0]?.addresses[0]?.endpoint).toEqual(addressOf(far));
  });

  it('lets two who fetch hear of each other’s pieces', async () => {
    const lan = newLan();
    const between = await lan.node();
    between.hold({});
    const one = await lan.node([between]);
    const two = await lan.node([between]);
    const pieces = (end: number) =>
      ({ kind: 'some', count: end, ranges: [{ start: 0, end }], more: false }) as const;
    for (const fetcher of [one, two]) {
      fetcher.discovery.seek({ kind: 'infoHash', infoHash: hash(1) });
      fetcher.hold({ pieces: pieces(3) });
    }
    const heldByOne = () =>
      two.table.holdersOf(hash(1)).find(({ peerId }) => peerId === one.peerId)?.holding.pieces;
    await lan.soon(() => heldByOne() !== undefined);
    await lan.clock.advance(2_000);
    one.hold({ pieces: pieces(9) });
    await lan.soon(() => JSON.stringify(heldByOne()) === JSON.stringify(pieces(9)), 1_000);
  });

  it('passes a goodbye on to all within a second', async () => {
    const lan = newLan();
    const between = await lan.node();
    between.hold({ infoHash: hash(2), name: 'other.txt' });
    const sharer = await lan.node([between]);
    sharer.hold({});
    const other = await lan.node([between]);
    other.discovery.seek({ kind: 'everything' });
    await lan.soon(() => other.table.contents().length === 2);
    const closing = lan.closed(sharer.discovery);
    await lan.soon(() => other.table.named('movie.txt').length === 0, 1_000);
    await closing;
  });
});

describe(`without multicast, what a node knows of another (seed ${seed})`, () => {
  it('ends with what that one no longer holds, also where it holds other things', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const watcher = await lan.node([sharer]);
    sharer.hold({}, { infoHash: hash(2), name: 'other.txt' });
    watcher.discovery.seek({ kind: 'everything' });
    await lan.soon(() => watcher.table.contents().length === 2);
    await lan.clock.advance(5_000);
    sharer.hold({ infoHash: hash(2), name: 'other.txt' });
    await lan.soon(() => watcher.table.contents().length === 1);
    await lan.clock.advance(20_000);
    expect(watcher.table.contents().map(({ name }) => name)).toEqual(['other.txt']);
    sharer.hold({}, { infoHash: hash(2), name: 'other.txt' });
    await lan.soon(() => watcher.table.contents().length === 2, 10_000);
  });

  it('follows it to a new address', async () => {
    const lan = newLan();
    const between = await lan.node();
    const sharer = await lan.node([between]);
    sharer.hold({});
    const fetcher = await lan.node([between]);
    const stop = fetcher.discovery.seek({ kind: 'infoHash', infoHash: hash(1) });
    await lan.soon(() => fetcher.table.holdersOf(hash(1)).length === 1);
    stop();
    const before = addressOf(sharer);
    sharer.host.setAddresses({ eth0: ['10.77.9.9/16', 'fe80::99/64'] });
    const hosts = () => fetcher.table.addressesOf(sharer.peerId).map(({ endpoint }) => endpoint.host);
    await lan.soon(() => hosts()[0] === '10.77.9.9', 10_000);
    await lan.soon(() => !hosts().includes(before.host), HOLDING_TTL_MS + 2_000);
    expect(fetcher.table.holdersOf(hash(1)), 'all the time').toHaveLength(1);
  });

  it('is its TCP port, also where another program has that number in UDP', async () => {
    const lan = newLan();
    const between = await lan.node();
    const host = lan.host();
    const ignore = { onDatagram() {}, onError() {} };
    const other = await host.open({ family: 'IPv4', address: '0.0.0.0', port: PORT, shared: false }, ignore);
    const sharer = await lan.node([between], { host });
    sharer.hold({});
    const fetcher = await lan.node([between]);
    fetcher.discovery.seek({ kind: 'name', name: 'movie.txt' });
    await lan.soon(() => fetcher.table.named('movie.txt').length === 1);
    const [holder] = fetcher.table.holdersOf(hash(1));
    expect(holder?.addresses.map(({ endpoint }) => endpoint.port)).toSatisfy((ports: number[]) =>
      ports.every((port) => port === PORT),
    );
    const known = fetcher.discovery.describe().nodes?.find(({ peerId }) => peerId === sharer.peerId);
    expect(known?.endpoint.port).toBe(PORT);
    await other.close();
  });

  it('grows by complete peers that come later, while it holds a part and asks nobody', async () => {
    const lan = newLan();
    const between = await lan.node();
    const fetcher = await lan.node([between]);
    fetcher.hold({ pieces: { kind: 'some', count: 1, ranges: [{ start: 0, end: 1 }], more: false } });
    await lan.clock.advance(3_000);
    const sharer = await lan.node([between]);
    sharer.hold({});
    await lan.soon(() => fetcher.table.holdersOf(hash(1)).length === 1);
    expect(fetcher.table.holdersOf(hash(1))[0]?.holding.pieces).toEqual({ kind: 'all' });
  });

  it('begins at a named IPv6 address, however it is spelled', async () => {
    const lan = newLan();
    const host = lan.lan.host({ eth0: ['10.77.3.3/16', 'fd00::3/64'] });
    const asking = lan.lan.host({ eth0: ['fd00::4/64'] });
    const sharer = await lan.node([], { host });
    sharer.hold({});
    const fetcher = await lan.node([], { host: asking, named: [{ host: 'FD00:0:0::0003', port: PORT }] });
    await lan.soon(() => fetcher.discovery.describe().nodes?.length === 1);
  });
});

describe(`a node that gossip takes for gone (seed ${seed})`, () => {
  it('is listed again within seconds where its beacon is still heard', async () => {
    const lan = newLan();
    const sharer = await lan.node([]);
    const fetcher = await lan.node([sharer]);
    for (const { host } of [sharer, fetcher]) host.muted = false;
    sharer.hold({});
    await lan.soon(() => fetcher.table.holdersOf(hash(1)).length === 1);
    await lan.clock.advance(1_000);
    fetcher.table.observe({ kind: 'gone', peerId: sharer.peerId, path: 'gossip' }, lan.clock.now());
    expect(fetcher.table.holdersOf(hash(1))).toEqual([]);
    // The longest random wait is 1.24 intervals.
    await lan.soon(() => fetcher.table.holdersOf(hash(1)).length === 1, 1.5 * ANNOUNCE_INTERVAL_MS);
  });
});
