import { afterEach, expect, it } from 'vitest';
import { sampleV2Content } from '../support/sample-v2-content.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

const content = sampleV2Content({ a: 100_000, 'b/c': 10, 'b/empty': 0, d: 70_000 });

it('a part of v2 alone is compared with its trees after a reboot, goes on, and ends with the same bytes', async () => {
  const some = pieceIndexes(content).filter((index) => index !== 1);
  const { outDir } = await runs.leave(content, some, 'killed');
  const anotherBoot = { bootId: () => '00000000-1111-2222-3333-444444444444' };
  const { store, held, reread } = await runs.reopen(content, outDir, anotherBoot);
  expect(held).toEqual(some);
  expect(reread).toBe(some.reduce((sum, index) => sum + content.piece(index).length, 0));
  await runs.complete(content, store);
});
