import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PEER_ROW_BYTES } from '../../../src/tracker-server/registry/rows.ts';
import type { PeerStore, StoreBatch } from '../../../src/tracker-server/store/peer-store.ts';
import { batchOf, contentRow, loadAll, Merged, rowsIn, type SamplePeer } from './sample-rows.ts';

/** How to make the stores under test. */
export interface StoreMaker {
  /** Empty, and its own. */
  open(): Promise<PeerStore>;
  /** What it saved is there, for stores that survive the process; it is closed. */
  reopen?(): Promise<PeerStore>;
  cleanUp(): Promise<void>;
}

/** Rows are kept at their time: tests' times are close to this. */
export const NOW_SECONDS = Math.floor(Date.now() / 1000);

export function peerStoreContract(name: string, maker: StoreMaker): void {
  const opened: PeerStore[] = [];
  async function open(make: () => Promise<PeerStore> = () => maker.open()): Promise<PeerStore> {
    const store = await make();
    opened.push(store);
    return store;
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await maker.cleanUp();
  });

  describe(name, () => {
    it('has nothing at first', async () => {
      const merged = await loadAll(await open(), 0);
      expect(merged.peers).toEqual([]);
    });

    it('gives back every byte of what was saved', async () => {
      const store = await open();
      const peers: SamplePeer[] = [
        { port: 1, seenAt: NOW_SECONDS, state: 'seeder' },
        { port: 65_535, seenAt: NOW_SECONDS - 1 },
        { port: 1, seenAt: NOW_SECONDS, content: 'another film' },
      ];
      await store.save(batchOf(peers, [contentRow('a film', 3)]));
      const merged = await loadAll(store, NOW_SECONDS - 10);
      expect(merged.peers).toEqual(rowsIn(peers));
      expect(merged.completed('a film')).toBe(3);
      expect(merged.completed('another film')).toBeUndefined();
    });

    it('leaves the batch to the caller as it was', async () => {
      const store = await open();
      const batch = batchOf([{ port: 1, seenAt: NOW_SECONDS }], [contentRow('a film', 3)]);
      const before = structuredClone(batch);
      await store.save(batch);
      expect(batch).toEqual(before);
      batch.peers.fill(0);
      expect((await loadAll(store, 0)).peers).toEqual(rowsIn([{ port: 1, seenAt: NOW_SECONDS }]));
    });

    it('takes a batch that is a part of larger memory', async () => {
      const store = await open();
      const { peers } = batchOf([1, 2, 3].map((port) => ({ port, seenAt: NOW_SECONDS })));
      await store.save({
        peers: peers.subarray(PEER_ROW_BYTES, 2 * PEER_ROW_BYTES),
        contents: new Uint8Array(0),
      });
      expect((await loadAll(store, 0)).ports).toEqual([2]);
    });

    it('keeps the newest row about a peer, in whichever order they come', async () => {
      const store = await open();
      const newest: SamplePeer = { port: 1, seenAt: NOW_SECONDS, state: 'seeder', id: 'new' };
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS - 5 }]));
      await store.save(batchOf([newest]));
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS - 1 }]));
      expect((await loadAll(store, 0)).peers).toEqual(rowsIn([newest]));
    });

    it('keeps the later of two rows of the same second', async () => {
      const store = await open();
      const later: SamplePeer = { port: 1, seenAt: NOW_SECONDS, state: 'seeder' };
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS, id: 'between' }, later]));
      expect((await loadAll(store, 0)).peers).toEqual(rowsIn([later]));
    });

    it('forgets a peer that is gone', async () => {
      const store = await open();
      await store.save(batchOf([1, 2].map((port) => ({ port, seenAt: NOW_SECONDS - 5 }))));
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS, state: 'gone' }]));
      expect((await loadAll(store, 0)).ports).toEqual([2]);
    });

    it('knows a peer that has come again, also when both are in one batch', async () => {
      const store = await open();
      const gone: SamplePeer = { port: 1, seenAt: NOW_SECONDS, state: 'gone' };
      const again: SamplePeer = { port: 1, seenAt: NOW_SECONDS, id: 'again' };
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS - 5 }]));
      await store.save(batchOf([gone, again]));
      expect((await loadAll(store, 0)).peers).toEqual(rowsIn([again]));
    });

    it('does not forget a peer for a goodbye that is older than what it said last', async () => {
      const store = await open();
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS - 1, state: 'gone' }]));
      expect((await loadAll(store, 0)).ports).toEqual([1]);
    });

    it('leaves out who announced last before the time that is asked for', async () => {
      const store = await open();
      await store.save(batchOf([0, 1, 2, 3].map((ago) => ({ port: 10 + ago, seenAt: NOW_SECONDS - ago }))));
      expect((await loadAll(store, NOW_SECONDS - 1)).ports).toEqual([10, 11]);
    });

    it('keeps the largest number of times that a content was completed', async () => {
      const store = await open();
      for (const completed of [3, 70_000, 5])
        await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }], [contentRow('a film', completed)]));
      expect((await loadAll(store, 0)).completed('a film')).toBe(70_000);
    });

    it('gives tens of thousands of peers in batches', async () => {
      const store = await open();
      const sizes: number[] = [];
      const merged = new Merged();
      for (const content of ['one', 'two', 'three'])
        await store.save(
          batchOf(Array.from({ length: 5_000 }, (_, at) => ({ port: at + 1, content, seenAt: NOW_SECONDS }))),
        );
      await store.load(
        0,
        (batch) => {
          sizes.push(batch.peers.length / PEER_ROW_BYTES);
          merged.take(batch);
        },
        new AbortController().signal,
      );
      expect(merged.peers).toHaveLength(15_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    });

    it('is what merging the same batches makes, whatever they are', async () => {
      const store = await open();
      const peer = fc.record({
        content: fc.constantFrom('generated 1', 'generated 2'),
        port: fc.integer({ min: 1, max: 4 }),
        state: fc.constantFrom('gone', 'leecher', 'seeder'),
        seenAt: fc.constant(0),
        id: fc.constantFrom('x', 'y'),
      });
      let seconds = NOW_SECONDS;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(peer, { maxLength: 8 }), { maxLength: 6 }), async (batches) => {
          const merged = new Merged();
          const before: StoreBatch[] = [batchOf(everyPort(seconds))];
          for (const peers of batches)
            before.push(batchOf(peers.map((one) => ({ ...one, seenAt: ++seconds }))));
          for (const batch of before) {
            await store.save(batch);
            merged.take(batch);
          }
          expect((await loadAll(store, 0)).peers).toEqual(merged.peers);
          seconds++;
        }),
        { numRuns: 20 },
      );
    });

    const { reopen } = maker;
    if (reopen === undefined) return;
    it('has after reopening what it had before', async () => {
      const store = await maker.open();
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }], [contentRow('a film', 3)]));
      await store.close();
      const merged = await loadAll(await open(reopen), 0);
      expect(merged.peers).toEqual(rowsIn([{ port: 1, seenAt: NOW_SECONDS }]));
      expect(merged.completed('a film')).toBe(3);
    });
  });
}

/** All that a run may have left is gone. */
function everyPort(seenAt: number): SamplePeer[] {
  return ['generated 1', 'generated 2'].flatMap((content) =>
    [1, 2, 3, 4].map((port): SamplePeer => ({ content, port, state: 'gone', seenAt })),
  );
}
