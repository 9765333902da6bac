import { describe, expect, it } from 'vitest';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import { HoldingsTable, type TableChange, type TableLimits } from '../../src/holdings/holdings-table.ts';
import type { DiscoveryPath, Sighting } from '../../src/holdings/sighting.ts';
import { GONE_HOLD_MS, HOLDING_TTL_MS } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';

const peer = (number: number): PeerId => number.toString(16).padStart(40, '0') as PeerId;
const hash = (number: number): InfoHash => number.toString(16).padStart(40, 'f') as InfoHash;
const US = peer(0);

function holding(changes: Partial<Holding> = {}): Holding {
  return {
    peerId: peer(1),
    port: 47_470,
    infoHash: hash(1),
    name: 'movie.txt',
    length: 1_000,
    pieceCount: 10,
    pieces: { kind: 'all' },
    version: 1,
    ...changes,
  };
}

interface Heard extends Partial<Holding> {
  readonly host?: string;
  readonly path?: DiscoveryPath;
  readonly lifetimeMs?: number;
}

function heard({ host = '10.0.0.1', path = 'beacon', lifetimeMs, ...changes }: Heard = {}): Sighting {
  const sighting = { kind: 'holding', holding: holding(changes), host, path } as const;
  return lifetimeMs === undefined ? sighting : { ...sighting, lifetimeMs };
}

function tableWithLog(limits: Partial<TableLimits> = {}): { table: HoldingsTable; log: string[] } {
  const table = new HoldingsTable(US, limits);
  const log: string[] = [];
  table.onChange((change) => log.push(inWords(change)));
  return { table, log };
}

function inWords(change: TableChange): string {
  if (change.kind === 'gone') return `gone ${Number.parseInt(change.peerId, 16)}`;
  const { peerId, holding: told } = change.holder;
  return `${change.kind} ${Number.parseInt(peerId, 16)} v${told.version}`;
}

describe('the holdings table', () => {
  it('groups by content what several peers hold', () => {
    const { table } = tableWithLog();
    table.observe(heard({ peerId: peer(1) }), 0);
    table.observe(heard({ peerId: peer(2), host: '10.0.0.2' }), 0);
    table.observe(heard({ peerId: peer(2), host: '10.0.0.2', infoHash: hash(2), name: 'other.txt' }), 0);
    expect(table.contents().map(({ name, holders }) => [name, holders.length])).toEqual([
      ['movie.txt', 2],
      ['other.txt', 1],
    ]);
    expect(table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([peer(1), peer(2)]);
    expect(table.holdersOf(hash(9))).toEqual([]);
    expect([table.peerCount, table.holdingCount]).toEqual([2, 3]);
  });

  it('keeps the newest version, whichever way it came', () => {
    const { table, log } = tableWithLog();
    table.observe(heard({ version: 5 }), 0);
    table.observe(heard({ version: 4, path: 'mdns' }), 10);
    table.observe(heard({ version: 5 }), 20);
    table.observe(heard({ version: 6 }), 30);
    expect(log).toEqual(['appeared 1 v5', 'updated 1 v6']);
  });

  it('takes more detail at the same version, and never less', () => {
    const { table } = tableWithLog();
    const counted = { kind: 'some', count: 3, ranges: [], more: true } as const;
    const detailed = { kind: 'some', count: 3, ranges: [{ start: 0, end: 3 }], more: false } as const;
    table.observe(heard({ pieces: counted, path: 'mdns' }), 0);
    table.observe(heard({ pieces: detailed }), 1);
    table.observe(heard({ pieces: counted, path: 'mdns' }), 2);
    expect(table.holdersOf(hash(1))[0]?.holding.pieces).toEqual(detailed);
  });

  it('remembers every address as it was heard, the latest first', () => {
    const { table, log } = tableWithLog();
    table.observe(heard({ host: '10.0.0.1' }), 0);
    table.observe(heard({ host: 'fe80::1%eth0' }), 10);
    table.observe(heard({ host: '10.0.0.1', path: 'mdns' }), 20);
    expect(table.addressesOf(peer(1))).toEqual([
      { endpoint: { host: '10.0.0.1', port: 47_470 }, path: 'mdns', lastHeard: 20 },
      { endpoint: { host: 'fe80::1%eth0', port: 47_470 }, path: 'beacon', lastHeard: 10 },
      { endpoint: { host: '10.0.0.1', port: 47_470 }, path: 'beacon', lastHeard: 0 },
    ]);
    expect(log).toEqual(['appeared 1 v1', 'updated 1 v1', 'updated 1 v1']);
  });

  it('forgets an address that is silent while the peer speaks from another', () => {
    const { table } = tableWithLog();
    table.observe(heard({ host: '10.0.0.1' }), 0);
    table.observe(heard({ host: '10.0.0.9' }), HOLDING_TTL_MS - 1);
    table.expire(HOLDING_TTL_MS + 1);
    expect(table.addressesOf(peer(1)).map(({ endpoint }) => endpoint.host)).toEqual(['10.0.0.9']);
  });

  it('forgets what is not heard again, and not what is', () => {
    const { table, log } = tableWithLog();
    table.observe(heard({ peerId: peer(1) }), 0);
    table.observe(heard({ peerId: peer(2) }), 0);
    table.observe(heard({ peerId: peer(2) }), 5_000);
    table.expire(HOLDING_TTL_MS - 1);
    expect(table.peerCount).toBe(2);
    table.expire(HOLDING_TTL_MS);
    expect(log.at(-1)).toBe('gone 1');
    table.expire(HOLDING_TTL_MS + 5_000);
    expect([table.peerCount, table.holdingCount]).toEqual([0, 0]);
  });

  it('believes a longer lifetime where the sender says one', () => {
    const { table } = tableWithLog();
    table.observe(heard({ lifetimeMs: 60_000 }), 0);
    table.expire(59_999);
    expect(table.peerCount).toBe(1);
    table.expire(60_000);
    expect(table.peerCount).toBe(0);
  });

  it('takes a peer for gone when its beacon falls silent, although its mDNS record would live on', () => {
    const { table } = tableWithLog();
    table.observe(heard({ path: 'mdns', lifetimeMs: 120_000 }), 0);
    table.observe(heard({ path: 'beacon' }), 0);
    table.expire(HOLDING_TTL_MS);
    expect(table.holdersOf(hash(1))).toEqual([]);
  });

  it('keeps a peer whose beacon is blocked as long as mDNS hears it', () => {
    const { table } = tableWithLog();
    table.observe(heard({ path: 'beacon' }), 0);
    table.observe(heard({ path: 'mdns', lifetimeMs: 120_000 }), HOLDING_TTL_MS - 1_000);
    table.expire(HOLDING_TTL_MS);
    expect(table.holdersOf(hash(1))).toHaveLength(1);
  });

  it('ends all that a peer held when it says goodbye, and does not believe an overtaken datagram', () => {
    const { table, log } = tableWithLog();
    table.observe(heard({ infoHash: hash(1) }), 0);
    table.observe(heard({ infoHash: hash(2) }), 0);
    table.observe({ kind: 'gone', peerId: peer(1), path: 'beacon', host: '10.0.0.1' }, 10);
    table.observe(heard({ infoHash: hash(1) }), 11);
    expect(log.slice(2)).toEqual(['gone 1', 'gone 1']);
    expect(table.peerCount).toBe(0);
    table.expire(10 + GONE_HOLD_MS);
    table.observe(heard({ infoHash: hash(1) }), 10 + GONE_HOLD_MS);
    expect(table.peerCount).toBe(1);
  });

  it('does not take the goodbye of a stranger for the peer it names', () => {
    const { table } = tableWithLog();
    table.observe(heard({ host: '10.0.0.1' }), 0);
    table.observe({ kind: 'gone', peerId: peer(1), path: 'beacon', host: '10.0.0.66' }, 10);
    table.observe(withdrawal({ host: '10.0.0.66' }), 10);
    expect(table.holdersOf(hash(1))).toHaveLength(1);
  });

  it('ends a withdrawn content, until a newer version is told', () => {
    const { table, log } = tableWithLog();
    table.observe(heard({ version: 3 }), 0);
    table.observe(withdrawal({ version: 3 }), 10);
    table.observe(heard({ version: 3 }), 20);
    expect(log).toEqual(['appeared 1 v3', 'gone 1']);
    table.observe(heard({ version: 4 }), 30);
    expect(log.at(-1)).toBe('appeared 1 v4');
    table.observe(withdrawal({ version: 3 }), 40);
    expect(table.holdersOf(hash(1))).toHaveLength(1);
  });

  it('ignores our own records, heard back', () => {
    const { table } = tableWithLog();
    table.observe(heard({ peerId: US }), 0);
    expect(table.peerCount).toBe(0);
  });

  it('finds contents by name and by the name of their .torrent, and does not mix different ones', () => {
    const { table } = tableWithLog();
    table.observe(heard({ peerId: peer(1), infoHash: hash(1) }), 0);
    table.observe(heard({ peerId: peer(2), infoHash: hash(2) }), 0);
    table.observe(heard({ peerId: peer(3), infoHash: hash(3), name: 'other.txt' }), 0);
    const found = table.named('movie.txt');
    expect(found.map(({ infoHash, match }) => [infoHash, match])).toEqual([
      [hash(1), 'exact'],
      [hash(2), 'exact'],
    ]);
    expect(table.named('other.torrent').map(({ match }) => match)).toEqual(['torrent']);
    expect(table.named('nothing')).toEqual([]);
  });

  it('shows what most holders say of a content', () => {
    const { table } = tableWithLog();
    table.observe(heard({ peerId: peer(9), name: 'free money.txt', length: 1 }), 0);
    table.observe(heard({ peerId: peer(1) }), 0);
    table.observe(heard({ peerId: peer(2) }), 0);
    expect(table.content(hash(1))).toMatchObject({ name: 'movie.txt', length: 1_000 });
    expect(table.named('free money.txt')).toEqual([]);
  });

  it('stays within its limits by forgetting what it heard longest ago', () => {
    const { table } = tableWithLog({ peers: 3 });
    for (let number = 1; number <= 3; number++) table.observe(heard({ peerId: peer(number) }), number);
    table.observe(heard({ peerId: peer(1) }), 4);
    table.observe(heard({ peerId: peer(4) }), 5);
    expect(table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([peer(1), peer(3), peer(4)]);
  });

  it('bounds the records of one peer and of all', () => {
    const { table } = tableWithLog({ holdingsPerPeer: 5, holdings: 12 });
    for (let number = 1; number <= 5; number++) {
      for (let content = 1; content <= 9; content++)
        table.observe(heard({ peerId: peer(number), infoHash: hash(content) }), number);
    }
    expect(table.holdingCount).toBeLessThanOrEqual(12);
    expect(table.contents().map(({ infoHash }) => infoHash)).not.toContain(hash(1));
    expect(table.holdersOf(hash(9)).map(({ peerId }) => peerId)).toContain(peer(5));
  });

  it('does not let one host push out the peers of all others', () => {
    const { table } = tableWithLog({ peers: 100, peersPerHost: 10 });
    table.observe(heard({ peerId: peer(1), host: '10.0.0.1' }), 0);
    for (let number = 100; number < 400; number++)
      table.observe(heard({ peerId: peer(number), host: '10.0.0.66' }), 1);
    expect(table.peerCount).toBe(11);
    expect(table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toContain(peer(1));
  });

  it('bounds the addresses of one peer', () => {
    const { table } = tableWithLog();
    for (let number = 0; number < 300; number++) table.observe(heard({ host: `10.0.1.${number}` }), number);
    const hosts = table.addressesOf(peer(1)).map(({ endpoint }) => endpoint.host);
    expect(hosts).toHaveLength(16);
    expect(hosts[0]).toBe('10.0.1.299');
  });
});

function withdrawal(changes: { version?: number; host?: string }): Sighting {
  const { version = 1, host = '10.0.0.1' } = changes;
  return { kind: 'withdrawn', peerId: peer(1), infoHash: hash(1), version, host, path: 'beacon' };
}
