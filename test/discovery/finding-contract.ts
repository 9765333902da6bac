import { expect, it } from 'vitest';
import type { Query } from '../../src/discovery/discovery.ts';
import { heldCount } from '../../src/holdings/holding.ts';
import {
  ANNOUNCED_MS,
  ANSWERED_MS,
  type ContractLan,
  EVERYTHING,
  NAME,
  OPENING_MS,
  PIECES_MS,
  SOON_MS,
  speaker,
} from './contract-lan.ts';
import { hash, PORT } from './discovery-lan.ts';

/** What is held is heard by the others, and by nobody else. */
export function findingContract(newLan: () => ContractLan): void {
  const queries: [string, Query][] = [
    ['its name', NAME],
    ['the name of its .torrent', { kind: 'name', name: 'movie.torrent' }],
    ['its hash', { kind: 'infoHash', infoHash: hash(1) }],
    ['everything', EVERYTHING],
  ];
  it.each(queries)('finds what was announced long ago by %s', async (_, query) => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({}, { infoHash: hash(2), name: 'other.txt' });
    const fetcher = await lan.node();
    lan.lan.loss = 1;
    await lan.clock.advance(60_000);
    lan.lan.loss = 0;
    expect(fetcher.table.contents()).toEqual([]);
    fetcher.discovery.seek(query);
    await lan.soon(() => fetcher.table.holdersOf(hash(1)).length === 1, ANSWERED_MS);
    expect(fetcher.table.holdersOf(hash(1))[0]?.peerId).toBe(sharer.peerId);
  });

  it('hears at once what is announced, without asking', async () => {
    const lan = newLan();
    const other = await lan.node();
    const sharer = await lan.node();
    await lan.clock.advance(OPENING_MS);
    const seven = { kind: 'some', count: 7, ranges: [{ start: 0, end: 7 }], more: false } as const;
    sharer.hold({ version: 3 }, { infoHash: hash(2), name: 'part.txt', pieces: seven, version: 4 });
    await lan.clock.advance(ANNOUNCED_MS);
    const [whole, part] = [1, 2].map((number) => other.table.holdersOf(hash(number))[0]?.holding);
    const told = { peerId: sharer.peerId, port: PORT, length: 10_000, pieceCount: 100 };
    expect(whole).toEqual({
      ...told,
      infoHash: hash(1),
      name: 'movie.txt',
      pieces: { kind: 'all' },
      version: 3,
    });
    expect(part).toMatchObject({ ...told, name: 'part.txt', pieces: { kind: 'some', count: 7 }, version: 4 });
  });

  it('passes on what was announced and sought as soon as it was made', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(60_000);
    const fetcher = await lan.node();
    fetcher.discovery.seek(NAME);
    fetcher.hold({ infoHash: hash(2) });
    const met = (): boolean =>
      fetcher.table.holdersOf(hash(1)).length === 1 && sharer.table.holdersOf(hash(2)).length === 1;
    await lan.soon(met);
  });

  it('knows a node by the addresses that its datagrams came from', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    await lan.clock.advance(SOON_MS);
    const { path } = other.discovery;
    const heard = other.table.addressesOf(sharer.peerId).map(({ endpoint, path }) => ({ endpoint, path }));
    expect(heard).toHaveLength(2);
    for (const host of ['10.77.0.1', 'fe80::1%eth0'])
      expect(heard).toContainEqual({ endpoint: { host, port: PORT }, path });
    expect(new Set(other.sightings.map(({ path }) => path))).toEqual(new Set([path]));
  });

  it('does not hear itself', async () => {
    const lan = newLan();
    const nodes = [await lan.node(), await lan.node()];
    for (const { discovery } of nodes) discovery.seek(EVERYTHING);
    for (const node of nodes) node.hold({ infoHash: hash(1) }, { infoHash: hash(2) });
    await lan.clock.advance(SOON_MS);
    for (const node of nodes) node.hold({ infoHash: hash(2) });
    await lan.clock.advance(SOON_MS);
    for (const node of nodes) node.hold();
    await lan.clock.advance(SOON_MS);
    await lan.closed(...nodes.map(({ discovery }) => discovery));
    for (const { sightings, peerId } of nodes) {
      expect(sightings.length).toBeGreaterThan(0);
      expect(sightings.map(speaker)).not.toContain(peerId);
    }
  });

  it('asks until it is told to stop', async () => {
    const lan = newLan();
    const fetcher = await lan.node();
    const stop = fetcher.discovery.seek(NAME);
    expect(await lan.sentWithin(OPENING_MS)).toBeGreaterThan(0);
    expect(await lan.sentWithin(SOON_MS)).toBeGreaterThan(0);
    stop();
    stop();
    expect(await lan.sentWithin(120_000)).toBe(0);
  });
}

/** What changes is heard, too. */
export function changesContract(newLan: () => ContractLan): void {
  it('tells a newer version at once', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    await lan.clock.advance(SOON_MS);
    sharer.hold({ name: 'renamed.txt' });
    await lan.soon(() => other.table.content(hash(1))?.name === 'renamed.txt', ANNOUNCED_MS);
  });

  it('tells more pieces in time, and completion soon', async () => {
    const lan = newLan();
    const fetcher = await lan.node();
    const other = await lan.node();
    const hold = (count: number): void =>
      fetcher.hold({ pieces: { kind: 'some', count, ranges: [{ start: 0, end: count }], more: false } });
    const heard = (): number =>
      Math.max(0, ...other.table.holdersOf(hash(1)).map(({ holding }) => heldCount(holding)));
    hold(1);
    await lan.soon(() => heard() === 1);
    hold(60);
    await lan.soon(() => heard() === 60, PIECES_MS);
    fetcher.hold({});
    await lan.soon(() => heard() === 100);
  });

  it('withdraws a content at once, keeps the others, and can hold it again', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    const heard = (): string =>
      other.table
        .contents()
        .map(({ infoHash }) => infoHash)
        .sort()
        .join(' ');
    sharer.hold({ infoHash: hash(1) }, { infoHash: hash(2) });
    await lan.soon(() => heard() === `${hash(1)} ${hash(2)}`);
    await lan.clock.advance(SOON_MS);
    sharer.hold({ infoHash: hash(2) });
    await lan.soon(() => heard() === hash(2), ANNOUNCED_MS);
    sharer.hold({ infoHash: hash(1) }, { infoHash: hash(2) });
    await lan.soon(() => heard() === `${hash(1)} ${hash(2)}`);
  });

  it('may hold nothing for a while', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    sharer.hold();
    await lan.soon(() => other.table.contents().length === 0);
    sharer.hold({ infoHash: hash(2) });
    await lan.soon(() => other.table.holdersOf(hash(2)).length === 1);
  });
}
