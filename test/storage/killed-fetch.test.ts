import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { type SampleContent, sampleContent } from '../support/sample-content.ts';
import type { FetchNews, FetchOrder } from './children/fetch-pieces.ts';
import { compileForChildren } from './compile-for-children.ts';
import { expectPiece } from './contract.ts';
import { expectOnDisk, PartRuns, pieceIndexes } from './part-runs.ts';

const contents = {
  'a file': sampleContent({ pieceLength: 4096, length: 400 * 4096 - 77 }),
  'a folder': sampleContent({
    name: 'films',
    pieceLength: 4096,
    files: Array.from({ length: 400 }, (_, number) => ({
      path: `d${number % 9}/f${number}`,
      length: number * 17,
    })),
  }),
};
const KILLS = 5;

const runs = new PartRuns();
let compiled: Awaited<ReturnType<typeof compileForChildren>>;
beforeAll(async () => {
  compiled = await compileForChildren();
});
afterAll(() => compiled.remove());
afterEach(() => runs.cleanUp());

describe.each(Object.entries(contents))('a fetch of %s that is killed again and again', (_, content) => {
  it('loses no piece that it had said it holds, and ends with the same bytes', {
    timeout: 60_000,
  }, async () => {
    const outDir = await runs.folders.make();
    const held = new Set<PieceIndex>();
    for (let kill = 0; kill < KILLS; kill++) {
      // Together they never make the whole: each run gets some pieces further than its parent knows.
      const patience = Math.floor((Math.random() * content.metainfo.pieceCount) / (2 * KILLS));
      const { opened, news } = await fetchUntilKilled(content, outDir, patience);
      for (const index of held) expect(opened.has(index)).toBe(true);
      for (const index of [...opened, ...news]) held.add(index);
      expect(await readdir(outDir)).not.toContain(content.metainfo.name);
    }
    const { store, held: found } = await runs.reopen(content, outDir);
    for (const index of held) expect(store.have.has(index)).toBe(true);
    for (const index of found) await expectPiece(store, content, index);
    await expectOnDisk(content, await runs.complete(content, store));
    expect(await readdir(outDir)).toEqual([content.metainfo.name]);
  });

  it('has the final name only when it is whole, killed in its last steps too', {
    timeout: 60_000,
  }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const outDir = await runs.folders.make();
      await fetchUntilKilled(content, outDir, content.metainfo.pieceCount - 1 + (kill % 2));
      const left = await readdir(outDir);
      if (left.includes(content.metainfo.name))
        await expectOnDisk(content, `${outDir}/${content.metainfo.name}`);
      else await runs.complete(content, (await runs.reopen(content, outDir)).store);
    }
  });
});

/**
 * Kills the child when it has said of `patience` pieces that it holds them. It works on until the signal is there,
 * some pieces further.
 */
async function fetchUntilKilled(content: SampleContent, outDir: string, patience: number) {
  const child = fork(compiled.script('fetch-pieces'), { serialization: 'advanced', stdio: 'ignore' });
  const closed = once(child, 'close');
  const heard = listen(child, patience);
  child.send(orderFor(content, outDir));
  await closed;
  return heard;
}

function listen(child: ChildProcess, patience: number) {
  const opened = new Set<PieceIndex>();
  const news = new Set<PieceIndex>();
  child.on('message', (message: FetchNews) => {
    switch (message.kind) {
      case 'opened':
        for (const index of message.held) opened.add(index);
        break;
      case 'held':
        news.add(message.index);
        if (news.size < patience) child.send('go on');
        break;
      case 'finished':
        break;
    }
    if (news.size >= patience) child.kill('SIGKILL');
  });
  return { opened, news };
}

function orderFor(content: SampleContent, outDir: string): FetchOrder {
  const pieces = pieceIndexes(content).map((index) => ({
    index,
    content: content.piece(index),
    crc32: content.crc32s[index] ?? 0,
  }));
  return { metainfo: content.metainfo, outDir, pieces };
}
