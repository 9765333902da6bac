import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WantedFiles } from '../../src/metainfo/choose-files.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { type SampleContent, sampleContent } from '../support/sample-content.ts';
import type { FetchNews, FetchOrder } from './children/fetch-pieces.ts';
import { compileForChildren } from './compile-for-children.ts';
import { expectPiece, writePiece } from './contract.ts';
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

describe('a fetch of every third file of a folder that is killed in its last steps', () => {
  const content = contents['a folder'];
  const wanted = new Set([...content.metainfo.files.keys()].filter((file) => file % 3 === 0));

  it('has placed only whole files, and goes on to the same end', { timeout: 60_000 }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const outDir = await runs.folders.make();
      const { goal } = await runs.open(content, outDir, { wanted });
      const lacking = pieceIndexes(content).filter((index) => goal.lacks(index)).length;
      await runs.close();
      await fetchUntilKilled(content, outDir, lacking - 1 + (kill % 2), wanted);
      await expectChosen(content, outDir, wanted);
      const { store } = await runs.reopen(content, outDir, { wanted });
      for (const index of pieceIndexes(content))
        if (store.goal.lacks(index)) await writePiece(store, content, index);
      await store.finish();
      expect(await expectChosen(content, outDir, wanted)).toBe(wanted.size);
      await runs.close();
      await runs.complete(content, (await runs.reopen(content, outDir)).store);
      expect(await readdir(outDir)).toEqual([content.metainfo.name]);
    }
  });
});

/** Every file under its final name is a wanted one, each byte right; how many there are. */
async function expectChosen(content: SampleContent, outDir: string, wanted: WantedFiles): Promise<number> {
  const root = path.join(outDir, content.metainfo.name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const file = content.metainfo.files.findIndex(
      (one) => path.join(root, ...one.path) === path.join(parentPath, name),
    );
    expect(wanted.has(file)).toBe(true);
    expect((await readFile(path.join(parentPath, name))).equals(content.file(file))).toBe(true);
  }
  return files.length;
}

/**
 * Kills the child when it has said of `patience` pieces that it holds them. It works on until the signal is there,
 * some pieces further.
 */
async function fetchUntilKilled(
  content: SampleContent,
  outDir: string,
  patience: number,
  wanted?: WantedFiles,
) {
  const child = fork(compiled.script('fetch-pieces'), { serialization: 'advanced', stdio: 'ignore' });
  const closed = once(child, 'close');
  const heard = listen(child, patience);
  child.send(orderFor(content, outDir, wanted));
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

function orderFor(content: SampleContent, outDir: string, wanted: WantedFiles | undefined): FetchOrder {
  const pieces = pieceIndexes(content).map((index) => ({
    index,
    content: content.piece(index),
    crc32: content.crc32s[index] ?? 0,
  }));
  return { metainfo: content.metainfo, outDir, wanted, pieces };
}
