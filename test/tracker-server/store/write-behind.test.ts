import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../../src/errors.ts';
import { MAX_SAVED_ROWS_PER_BATCH, STORE_REST_RATIO } from '../../../src/limits.ts';
import { sleep } from '../../../src/platform/clock.ts';
import { PEER_ROW_BYTES } from '../../../src/tracker-server/registry/rows.ts';
import type { PeerStore, StoreBatch } from '../../../src/tracker-server/store/peer-store.ts';
import { StoreWriter } from '../../../src/tracker-server/store/write-behind.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { batchOf, contentRow } from './sample-rows.ts';

const full = new LanshareError('DISK_FULL', 'the disk is full');
const row = (port: number): StoreBatch => batchOf([{ port, seenAt: 1 }]);

/** Saves every second what is in `unsaved`; fails while `fault` is set, is silent while `silent`. */
function setUp() {
  const clock = new VirtualClock();
  const world = {
    clock,
    unsaved: [] as StoreBatch[],
    saved: [] as StoreBatch[],
    attempts: [] as number[],
    told: [] as string[],
    asked: [] as number[],
    fault: undefined as LanshareError | undefined,
    silent: false,
    takesMs: 0,
  };
  const store: PeerStore = {
    kind: 'sqlite',
    saveIntervalMs: 1_000,
    load: async () => {},
    async save(batch) {
      world.attempts.push(clock.now());
      if (world.silent) return new Promise(() => {});
      if (world.fault !== undefined) throw world.fault;
      if (world.takesMs > 0) await sleep(clock, world.takesMs);
      world.saved.push(batch);
    },
    follow() {},
    async close() {},
  };
  const rows = {
    takeUnsaved(most: number): StoreBatch {
      world.asked.push(most);
      return world.unsaved.shift() ?? batchOf([]);
    },
    get unsaved() {
      return world.unsaved.reduce((sum, { peers }) => sum + peers.length / PEER_ROW_BYTES, 0);
    },
  };
  const writer = new StoreWriter({
    store,
    rows,
    clock,
    onFailing: (fault) => world.told.push(fault.message),
    onRecovered: () => world.told.push('recovered'),
  });
  return { ...world, world, writer };
}

describe('saving behind', () => {
  it('what has changed is saved after the interval, batch after batch, until nothing is left', async () => {
    const { clock, world, writer } = setUp();
    const batches = [row(1), row(2), row(3)];
    world.unsaved.push(...batches);
    await clock.advance(999);
    expect(world.saved).toEqual([]);
    await clock.advance(1);
    expect(world.saved).toEqual(batches);
    expect(new Set(world.asked)).toEqual(new Set([MAX_SAVED_ROWS_PER_BATCH]));
    world.unsaved.push(row(4));
    await clock.advance(1_000);
    expect(world.saved).toEqual([...batches, row(4)]);
    await writer.close();
  });

  it('a store that always has more to save rests between batches, and not at the end', async () => {
    const { clock, world, writer } = setUp();
    world.takesMs = 10;
    world.unsaved.push(row(1), row(2), row(3), row(4));
    await clock.advance(1_000 + 2 * (10 + 10 * STORE_REST_RATIO) - 1);
    expect(world.attempts).toEqual([1_000, 1_010 + 10 * STORE_REST_RATIO]);
    const closed = writer.close();
    await clock.advance(20);
    await closed;
    expect(world.saved).toHaveLength(4);
  });

  it('nothing is saved where nothing has changed', async () => {
    const { clock, world, writer } = setUp();
    await clock.advance(10_000);
    await writer.close();
    expect(world.attempts).toEqual([]);
    expect(world.asked.length).toBeGreaterThan(5);
  });

  it('a batch that cannot be saved is kept, and nothing else is taken meanwhile', async () => {
    const { clock, world, writer } = setUp();
    world.fault = full;
    const first = batchOf([{ port: 1, seenAt: 1 }], [contentRow('a film', 3)]);
    world.unsaved.push(first, row(2));
    await clock.advance(60_000);
    expect(world.unsaved).toEqual([row(2)]);
    // Two rows in the batch, and one behind it.
    expect(writer.unsaved).toBe(3);
    expect(writer.fault).toBe(full);
    world.fault = undefined;
    await clock.advance(5_000);
    expect(world.saved).toEqual([first, row(2)]);
    expect([writer.unsaved, writer.fault]).toEqual([0, undefined]);
    await writer.close();
  });

  it('a failing store is tried less and less often', async () => {
    const { clock, world, writer } = setUp();
    world.fault = full;
    world.unsaved.push(row(1));
    await clock.advance(20_000);
    const pauses = world.attempts.slice(1).map((at, index) => at - (world.attempts[index] ?? 0));
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    await writer.close();
  });

  it('that a store fails and works again is told once each', async () => {
    const { clock, world, writer } = setUp();
    for (const _ of [1, 2]) {
      world.fault = full;
      world.unsaved.push(row(1));
      await clock.advance(20_000);
      world.fault = undefined;
      await clock.advance(20_000);
    }
    expect(world.told).toEqual(['the disk is full', 'recovered', 'the disk is full', 'recovered']);
    await writer.close();
  });

  it('what is unsaved is saved when it ends', async () => {
    const { clock, world, writer } = setUp();
    world.unsaved.push(row(1), row(2));
    await writer.close();
    expect(world.saved).toEqual([row(1), row(2)]);
    expect(clock.pending).toBe(0);
  });

  it('a store that fails is tried once more when it ends', async () => {
    const { clock, world, writer } = setUp();
    world.fault = full;
    world.unsaved.push(row(1));
    await clock.advance(10_000);
    world.fault = undefined;
    await writer.close();
    expect(world.saved).toEqual([row(1)]);
  });

  it('a store that is silent keeps the end waiting for two seconds', async () => {
    const { clock, world, writer } = setUp();
    world.silent = true;
    world.unsaved.push(row(1));
    await clock.advance(1_000);
    let ended = false;
    const closing = writer.close().then(() => {
      ended = true;
    });
    await clock.advance(1_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    await closing;
    expect(clock.pending).toBe(0);
  });
});
