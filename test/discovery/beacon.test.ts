import { describe, expect, it } from 'vitest';
import { DATAGRAM_OVERHEAD_BYTES } from '../../src/discovery/beacon/announce-interval.ts';
import { type BeaconDiscovery, createBeacon } from '../../src/discovery/beacon/beacon.ts';
import { decodeBeacon } from '../../src/discovery/beacon/decode-beacon.ts';
import { encodeBye, encodeHoldings, encodeQuery } from '../../src/discovery/beacon/encode-beacon.ts';
import type { Query } from '../../src/discovery/discovery.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import {
  ANNOUNCE_LAN_BYTES_PER_SECOND,
  DATAGRAMS_PER_SOURCE_PER_SECOND,
  HOLDING_TTL_MS,
  INTERFACE_POLL_MS,
  MAX_DATAGRAM_BYTES,
  RESOLVE_INTERVAL_MS,
} from '../../src/limits.ts';
import type { DatagramSocket } from '../../src/platform/datagram.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { testSeed } from '../support/seeded-random.ts';
import type { VirtualHost } from '../support/virtual-lan.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT } from './discovery-lan.ts';

const seed = testSeed();
const NAME: Query = { kind: 'name', name: 'movie.txt' };

class Lan extends DiscoveryLan<BeaconDiscovery> {
  node(host = this.host(), peers: Endpoint[] = []): Promise<DiscoveryNode<BeaconDiscovery>> {
    return this.open((setting) => createBeacon({ ...setting, peers }), host);
  }

  /** A socket of somebody who speaks for himself. */
  async stranger(host: VirtualHost, received: Uint8Array[] = []): Promise<DatagramSocket> {
    const onDatagram = (bytes: Uint8Array): void => void received.push(bytes);
    const options = { family: 'IPv4', address: '0.0.0.0', port: 0, shared: false } as const;
    return await host.open(options, { onDatagram, onError: () => {} });
  }
}

const newLan = lansOf(() => new Lan(seed));

describe(`the beacon (seed ${seed})`, () => {
  it('answers a query by name at once, with the address the answer came from', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(30_000);
    const fetcher = await lan.node();
    fetcher.discovery.seek(NAME);
    await lan.clock.advance(2 * lan.lan.delayMs);
    const [content] = fetcher.table.named('movie.txt');
    expect(content?.holders[0]?.addresses.map(({ endpoint }) => endpoint)).toContainEqual({
      host: '10.77.0.1',
      port: PORT,
    });
  });

  it('answers by the name of the .torrent and by hash, and stays silent about everything else', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(2_000);
    const ways: Query[] = [
      { kind: 'name', name: 'movie.torrent' },
      { kind: 'infoHash', infoHash: hash(1) },
      { kind: 'everything' },
    ];
    for (const query of ways) expect(await answersTo(lan, query)).toBeGreaterThan(0);
    const others: Query[] = [
      { kind: 'name', name: 'movie' },
      { kind: 'infoHash', infoHash: hash(2) },
    ];
    for (const query of others) expect(await answersTo(lan, query)).toBe(0);
  });

  it('sends an address that nothing has proven no more than three times what it sent, and the rest when it asks on', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const many = Array.from({ length: 100 }, (_, at) => ({ infoHash: hash(at), name: `file-${at}.txt` }));
    sharer.hold(...many);
    await lan.clock.advance(30_000);

    const heard: Uint8Array[] = [];
    const stranger = await lan.stranger(lan.host(), heard);
    const asked = question(256, { kind: 'everything' });
    stranger.send(asked, { host: '10.77.0.1', port: PORT });
    await lan.clock.advance(1_000);
    await stranger.close();
    const sent = heard.reduce((sum, { length }) => sum + length, 0);
    expect(heard).toHaveLength(1);
    expect(sent).toBeLessThanOrEqual(3 * asked.length);

    const fetcher = await lan.node();
    fetcher.discovery.seek({ kind: 'everything' });
    await lan.clock.advance(10 * lan.lan.delayMs);
    expect(fetcher.table.contents()).toHaveLength(100);
  });

  it('tells everybody at once what is new, and what changes', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const other = await lan.node();
    sharer.hold({ version: 1 });
    await lan.clock.advance(25);
    expect(other.table.holdersOf(hash(1))[0]?.holding.version).toBe(1);
    sharer.hold({ version: 2, pieces: { kind: 'all' }, name: 'renamed.txt' });
    await lan.clock.advance(25);
    expect(other.table.holdersOf(hash(1))[0]?.holding.name).toBe('renamed.txt');
  });

  it('merges a burst of changes', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    for (let count = 1; count <= 10; count++)
      sharer.hold(...Array.from({ length: count }, (_, at) => ({ infoHash: hash(at), version: 1 })));
    await lan.clock.advance(25);
    // One datagram by IPv4 multicast, broadcast and IPv6 multicast.
    expect(lan.lan.sent).toHaveLength(3);
  });

  it('reaches those who lost the first announcement', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const other = await lan.node();
    lan.lan.loss = 1;
    sharer.hold({});
    await lan.clock.advance(100);
    lan.lan.loss = 0;
    await lan.clock.advance(200);
    expect(other.table.holdersOf(hash(1))).toHaveLength(1);
  });

  it('is known again on a network that loses every third datagram', async () => {
    const lan = newLan();
    const nodes = [await lan.node(), await lan.node(), await lan.node(), await lan.node(), await lan.node()];
    lan.lan.loss = 0.33;
    for (const node of nodes) node.hold({});
    await lan.clock.advance(5_000);
    for (let round = 0; round < 20; round++) {
      await lan.clock.advance(1_000);
      for (const { table } of nodes) expect(table.holdersOf(hash(1))).toHaveLength(4);
    }
  });

  it('forgets a node that died, and not one that lives', async () => {
    const lan = newLan();
    const living = await lan.node();
    const dying = await lan.node();
    const other = await lan.node();
    living.hold({});
    dying.hold({});
    await lan.clock.advance(20_000);
    expect(other.table.holdersOf(hash(1))).toHaveLength(2);
    dying.host.setAddresses({});
    await lan.clock.advance(INTERFACE_POLL_MS + HOLDING_TTL_MS + 1_000);
    expect(other.table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([living.peerId]);
  });

  it("tells a fetcher's new pieces about once a second, and completion at once", async () => {
    const lan = newLan();
    const fetcher = await lan.node();
    const other = await lan.node();
    const some = (count: number): Partial<Holding> => ({
      pieces: { kind: 'some', count, ranges: count === 0 ? [] : [{ start: 0, end: count }], more: false },
    });
    let versionsHeard = 0;
    other.table.onChange(({ kind }) => {
      if (kind === 'updated') versionsHeard++;
    });
    for (let count = 0; count < 90; count++) {
      fetcher.hold(some(count));
      await lan.clock.advance(100);
    }
    expect(versionsHeard).toBeGreaterThan(7);
    expect(versionsHeard).toBeLessThan(20);
    fetcher.hold({ pieces: { kind: 'all' } });
    await lan.clock.advance(25);
    expect(other.table.holdersOf(hash(1))[0]?.holding.pieces).toEqual({ kind: 'all' });
  });

  it('tells the holders who ask what it holds itself', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const fetcher = await lan.node();
    sharer.hold({});
    lan.lan.loss = 1;
    fetcher.hold({ pieces: { kind: 'some', count: 0, ranges: [], more: false } });
    await lan.clock.advance(2_000);
    lan.lan.loss = 0;
    fetcher.discovery.seek({ kind: 'infoHash', infoHash: hash(1) });
    await lan.clock.advance(1);
    expect(sharer.table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([fetcher.peerId]);
  });

  it('asks again at growing intervals until it is told to stop', async () => {
    const lan = newLan();
    const fetcher = await lan.node();
    const stop = fetcher.discovery.seek(NAME);
    await lan.clock.advance(10_000);
    const multicasts = lan.lan.sent.filter(({ to }) => to.host.startsWith('239.'));
    const gaps = multicasts.slice(1).map(({ at }, before) => at - (multicasts[before]?.at ?? 0));
    expect(gaps[0]).toBeLessThan(120);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_100);
    expect(multicasts.length).toBeLessThan(16);
    stop();
    const before = lan.lan.sent.length;
    await lan.clock.advance(10_000);
    expect(lan.lan.sent.length).toBe(before);
  });

  it('is not answered again by those whose answer it has', async () => {
    const lan = newLan();
    const sharers = [await lan.node(), await lan.node(), await lan.node()];
    for (const sharer of sharers) sharer.hold({});
    await lan.clock.advance(2_000);
    const fetcher = await lan.node();
    fetcher.discovery.seek(NAME);
    await lan.clock.advance(HOLDING_TTL_MS / 2);
    const answers = lan.lan.sent.filter(({ to }) => to.port >= 50_000);
    // Each answers once to the IPv4 and once to the IPv6 address of the asker.
    expect(answers).toHaveLength(2 * sharers.length);
  });

  it('answers a question for everything with all it holds, in datagrams that fit', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const contents = Array.from({ length: 500 }, (_, at) => ({ infoHash: hash(at), name: `file ${at}.txt` }));
    sharer.hold(...contents);
    await lan.clock.advance(60_000);
    const lister = await lan.node();
    lister.discovery.seek({ kind: 'everything' });
    await lan.clock.advance(5);
    expect(lister.table.contents()).toHaveLength(500);
    for (const { bytes } of lan.lan.sent) expect(bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
    const before = lan.lan.sent.length;
    await lan.clock.advance(1_000);
    const again = lan.lan.sent.slice(before).filter(({ to }) => to.port >= 50_000);
    expect(again).toEqual([]);
  });

  it('keeps many contents alive by telling them in turns', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const other = await lan.node();
    const contents = Array.from({ length: 60 }, (_, at) => ({ infoHash: hash(at), name: `file ${at}.txt` }));
    sharer.hold(...contents);
    await lan.clock.advance(25);
    for (let round = 0; round < 60; round++) {
      await lan.clock.advance(2_000);
      expect(other.table.contents()).toHaveLength(60);
    }
  });

  it('reaches a given peer where multicast and broadcast are blocked, both ways', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({ infoHash: hash(1) });
    const host = lan.host();
    host.muted = true;
    host.names.set('sharer.example', '10.77.0.1');
    const fetcher = await lan.node(host, [{ host: 'sharer.example', port: PORT }]);
    fetcher.hold({ infoHash: hash(2), name: 'other.txt' });
    fetcher.discovery.seek(NAME);
    await lan.clock.advance(25);
    expect(fetcher.table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([sharer.peerId]);
    expect(sharer.table.holdersOf(hash(2)).map(({ peerId }) => peerId)).toEqual([fetcher.peerId]);
    for (let round = 0; round < 30; round++) {
      await lan.clock.advance(1_000);
      expect(fetcher.table.holdersOf(hash(1))).toHaveLength(1);
    }
  });

  it('follows the name of a given peer to another address', async () => {
    const lan = newLan();
    const host = lan.host();
    host.muted = true;
    host.names.set('sharer.example', '10.77.0.2');
    const fetcher = await lan.node(host, [{ host: 'sharer.example', port: PORT }]);
    fetcher.discovery.seek(NAME);
    await lan.clock.advance(5_000);
    expect(fetcher.table.contents()).toEqual([]);
    const sharer = await lan.node();
    sharer.host.setAddresses({ eth0: ['10.77.0.99/16'] });
    sharer.hold({});
    host.names.set('sharer.example', '10.77.0.99');
    await lan.clock.advance(RESOLVE_INTERVAL_MS);
    expect(fetcher.table.addressesOf(sharer.peerId)[0]?.endpoint.host).toBe('10.77.0.99');
  });

  it('asks a node that was found in another way, for what is being searched for', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    const host = lan.host();
    host.muted = true;
    const fetcher = await lan.node(host);
    const sharerEndpoint = { host: '10.77.0.1', port: PORT };
    fetcher.discovery.meet(sharerEndpoint);
    await lan.clock.advance(2_000);
    expect(fetcher.table.contents()).toEqual([]);
    fetcher.discovery.seek(NAME);
    for (let times = 0; times < 5; times++) fetcher.discovery.meet(sharerEndpoint);
    expect(lan.lan.sent.filter(({ to }) => to.host === '10.77.0.1')).toHaveLength(1);
    await lan.clock.advance(1);
    expect(fetcher.table.contents()).toHaveLength(1);
  });

  it('spreads its answers where very many nodes would answer at once', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    const stranger = await lan.stranger(lan.host());
    for (let number = 0; number < 100; number++)
      stranger.send(announcement(peer(number)), { host: '10.77.0.1', port: PORT });
    await lan.clock.advance(2_000);
    lan.lan.sent.length = 0;
    for (let number = 0; number < 20; number++)
      stranger.send(question(number), { host: '10.77.0.1', port: PORT });
    const asked = lan.clock.now();
    await lan.clock.advance(100);
    const delays = lan.lan.sent.filter(({ to }) => to.port >= 50_000).map(({ at }) => at - asked);
    expect(delays).toHaveLength(20);
    expect(new Set(delays).size).toBe(20);
    expect(Math.max(...delays)).toBeLessThan(11);
  });

  it('says which given peer has no address', async () => {
    const lan = newLan();
    const node = await lan.node(lan.host(), [{ host: 'nobody.example', port: 1 }]);
    await lan.clock.advance(1);
    expect(node.discovery.describe().problems).toEqual([
      'cannot find the address of nobody.example:1: ENOTFOUND',
    ]);
  });

  it('says when its UDP port is taken, and works all the same', async () => {
    const lan = newLan();
    const host = lan.host();
    await host.open({ family: 'IPv4', address: '0.0.0.0', port: PORT, shared: false }, noHandlers);
    const sharer = await lan.node(host);
    sharer.hold({});
    expect(sharer.discovery.describe().problems[0]).toMatch(/^UDP port 47470 is taken/);
    expect(sharer.discovery.describe().takenPort).toBe(PORT);
    const fetcher = await lan.node();
    fetcher.discovery.seek(NAME);
    await lan.clock.advance(1);
    expect(fetcher.table.contents()).toHaveLength(1);
  });
});

describe(`the announcements of a large LAN (seed ${seed})`, () => {
  it('stay within the bandwidth of the LAN, and nobody is forgotten meanwhile', async () => {
    const lan = newLan();
    const nodes = 30;
    for (let number = 0; number < nodes; number++) {
      const node = await lan.node();
      // Each node fills a datagram: without scaling, the LAN would carry 40 KiB a second.
      const contents = [1, 2, 3, 4].map((at) => ({
        name: `${'n'.repeat(180)} ${number} ${at}`,
        infoHash: hash(10 * number + at),
      }));
      node.hold(...contents);
    }
    await lan.clock.advance(30_000);
    lan.lan.sent.length = 0;
    const seconds = 60;
    for (let second = 0; second < seconds; second++) {
      await lan.clock.advance(1_000);
      for (const { table } of lan.nodes) expect(table.peerCount).toBe(nodes - 1);
    }
    const bytes = lan.lan.sent.reduce((sum, sent) => sum + sent.bytes.length + DATAGRAM_OVERHEAD_BYTES, 0);
    expect(bytes / seconds).toBeLessThan(1.25 * ANNOUNCE_LAN_BYTES_PER_SECOND);
    expect(bytes / seconds).toBeGreaterThan(0.6 * ANNOUNCE_LAN_BYTES_PER_SECOND);
  });
});

describe(`hostile datagrams (seed ${seed})`, () => {
  it('of one source are read only so many a second', async () => {
    const lan = newLan();
    const node = await lan.node();
    const stranger = await lan.stranger(lan.host());
    for (let number = 0; number < 10 * DATAGRAMS_PER_SOURCE_PER_SECOND; number++)
      stranger.send(announcement(peer(1_000 + number)), { host: '10.77.0.1', port: PORT });
    await lan.clock.advance(1);
    expect(node.table.peerCount).toBe(DATAGRAMS_PER_SOURCE_PER_SECOND);
  });

  it('do not make a node answer to addresses outside the LAN', async () => {
    const lan = newLan();
    const routed = (wan0: readonly string[]): VirtualHost => lan.lan.host({ wan0 }, 'wan0');
    const sharer = await lan.node(routed(['203.0.113.1/32', '10.77.0.1/24']));
    const received: Uint8Array[] = [];
    const outside = await lan.stranger(routed(['198.51.100.9/32']), received);
    const inside = await lan.stranger(routed(['192.168.5.9/32']), received);
    sharer.hold({});
    await lan.clock.advance(2_000);
    for (const host of ['203.0.113.1', '10.77.0.1']) outside.send(question(1), { host, port: PORT });
    await lan.clock.advance(10);
    expect(received).toEqual([]);
    inside.send(question(1), { host: '10.77.0.1', port: PORT });
    await lan.clock.advance(10);
    expect(received).toHaveLength(1);
  });

  it('are answered once, however often the same query comes', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(2_000);
    const received: Uint8Array[] = [];
    const stranger = await lan.stranger(lan.host(), received);
    for (let repeats = 0; repeats < 5; repeats++)
      stranger.send(question(2), { host: '10.77.0.1', port: PORT });
    await lan.clock.advance(10);
    expect(received).toHaveLength(1);
  });

  it('cannot pull more than a bounded number of bytes out of a node', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold(
      ...Array.from({ length: 3_000 }, (_, at) => ({ infoHash: hash(at), name: `${'n'.repeat(200)} ${at}` })),
    );
    await lan.clock.advance(5_000);
    const received: Uint8Array[] = [];
    const host = lan.host();
    const stranger = await lan.stranger(host, received);
    const ask = (number: number, cookie?: Uint8Array): void =>
      stranger.send(question(number, { kind: 'everything' }, cookie), { host: '10.77.0.1', port: PORT });
    ask(0);
    await lan.clock.advance(10);
    const beginning = decodeBeacon(received.pop() ?? new Uint8Array());
    const cookie = 'answer' in beginning ? beginning.answer?.cookie : undefined;
    for (let number = 1; number < 150; number++) ask(number, cookie);
    await lan.clock.advance(10);
    const bytes = received.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
  });

  it('cannot say goodbye for another', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const other = await lan.node();
    sharer.hold({});
    await lan.clock.advance(1_000);
    const stranger = await lan.stranger(lan.host());
    stranger.send(encodeBye(sharer.peerId), { host: '10.77.0.2', port: PORT });
    await lan.clock.advance(1);
    expect(other.table.contents()).toHaveLength(1);
  });
});

const noHandlers = { onDatagram: () => {}, onError: () => {} };
const peer = (number: number): PeerId => `a${number.toString(16).padStart(39, '0')}` as PeerId;

async function answersTo(lan: Lan, query: Query): Promise<number> {
  const asker = await lan.node();
  lan.lan.sent.length = 0;
  const stop = asker.discovery.seek(query);
  await lan.clock.advance(50);
  stop();
  return lan.lan.sent.filter(({ to }) => to.port >= 50_000).length;
}

function announcement(peerId: PeerId): Uint8Array {
  const holding: Holding = {
    peerId,
    port: 1,
    infoHash: hash(1),
    name: 'x',
    length: 1,
    pieceCount: 1,
    pieces: { kind: 'all' },
    version: 1,
  };
  const [bytes] = encodeHoldings({
    peerId,
    port: 1,
    holdings: [holding],
    withdrawn: [],
    lifetimeMs: 9_000,
    answer: undefined,
  });
  return bytes ?? new Uint8Array();
}

function question(transaction: number, asked: Query = NAME, cookie?: Uint8Array): Uint8Array {
  return encodeQuery({
    peerId: peer(1),
    port: 1,
    transaction,
    asked,
    known: [],
    holdings: [],
    lifetimeMs: 9_000,
    cookie,
  });
}
