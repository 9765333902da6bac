import {
  appendFile,
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { WantedFiles } from '../../src/metainfo/choose-files.ts';
import { allPieces, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { checkExisting } from '../../src/storage/existing-content.ts';
import type { PartStore } from '../../src/storage/part/part-store.ts';
import { type SampleContent, type SampleFile, sampleContent } from '../support/sample-content.ts';
import { sampleV2Content } from '../support/sample-v2-content.ts';
import { expectPiece, writePiece } from './contract.ts';
import { expectOnDisk, PartRuns, pieceIndexes } from './part-runs.ts';

/** Pieces of 1024 bytes: files 0 and 1 share the first, 1 and 3 the third, 3 and 4 the fifth. */
const album = sampleContent({
  name: 'album',
  files: [
    { path: 'cover.jpg', length: 500 },
    { path: 'disc1/one.flac', length: 2000 },
    { path: 'disc1/empty', length: 0 },
    { path: 'disc2/two.flac', length: 2000 },
    { path: 'disc2/run.sh', length: 1000, executable: true },
  ],
});
const COVER = 0;
const ONE = 1;
const EMPTY = 2;
const TWO = 3;

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

function files(...wanted: number[]): WantedFiles {
  return new Set(wanted);
}

function lacking(store: PartStore): PieceIndex[] {
  return [...allPieces(store.metainfo.pieceCount)].filter((index) => store.goal.lacks(index));
}

/** What a fetch of `wanted` does in `outDir`, from the start or where an earlier one ended. */
async function fetch(content: SampleContent, outDir: string, wanted?: WantedFiles): Promise<PartStore> {
  const store = await runs.open(content, outDir, { wanted });
  for (const index of lacking(store)) await writePiece(store, content, index);
  expect(store.goal.reached).toBe(true);
  expect(await store.finish()).toBe(path.join(outDir, content.metainfo.name));
  for (const index of store.have.held()) await expectPiece(store, content, index);
  return store;
}

/** Paths of all files below the content's final name, sorted. */
async function placed(content: SampleContent, outDir: string): Promise<string[]> {
  const root = path.join(outDir, content.metainfo.name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function expectFiles(content: SampleContent, outDir: string, wanted: Iterable<number>): Promise<void> {
  const expected = [...wanted].map((file) => content.metainfo.files[file]?.path.join('/') ?? '');
  expect(await placed(content, outDir)).toEqual(expected.sort());
  for (const file of wanted) {
    const parts = content.metainfo.files[file]?.path ?? [];
    const bytes = await readFile(path.join(outDir, content.metainfo.name, ...parts));
    expect(bytes.equals(content.file(file))).toBe(true);
  }
}

describe('a fetch of chosen files', () => {
  it('puts them alone under the final name, byte for byte', async () => {
    const outDir = await runs.folders.make();
    await fetch(album, outDir, files(COVER, TWO));
    await expectFiles(album, outDir, [COVER, TWO]);
  });

  it('wants no piece that has none of their bytes', async () => {
    const store = await runs.open(album, await runs.folders.make(), { wanted: files(TWO) });
    expect(lacking(store)).toEqual([2, 3, 4]);
    expect([store.goal.bytesDone, store.goal.bytesTotal]).toEqual([0, 2000]);
    await writePiece(store, album, album.index(2));
    expect(store.goal.bytesDone).toBe(3 * 1024 - 2500);
  });

  it('makes empty files, and executable ones executable', async () => {
    const outDir = await runs.folders.make();
    await fetch(album, outDir, files(EMPTY, 4));
    await expectFiles(album, outDir, [EMPTY, 4]);
    expect((await stat(path.join(outDir, 'album/disc2/run.sh'))).mode & 0o100).toBe(0o100);
  });

  it('of empty files alone needs no piece, and leaves nothing beside them', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(EMPTY))).close();
    await expectFiles(album, outDir, [EMPTY]);
    expect(await readdir(outDir)).toEqual(['album']);
  });

  it('cannot be finished while one of their pieces is lacking', async () => {
    const store = await runs.open(album, await runs.folders.make(), { wanted: files(TWO) });
    await writePiece(store, album, album.index(3));
    await expect(store.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('serves all pieces that it has, also when the files are placed', async () => {
    const outDir = await runs.folders.make();
    const store = await fetch(album, outDir, files(TWO));
    expect([...store.have.held()]).toEqual([2, 3, 4]);
    for (const index of store.have.held()) await expectPiece(store, album, index);
  });

  it('keeps what others share of their pieces in the part, for a later fetch', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(TWO))).close();
    expect((await readdir(outDir)).sort()).toEqual(['album', 'album.lanshare-part', 'album.lanshare-resume']);
    const { store, held } = await runs.reopen(album, outDir, { wanted: files(TWO) });
    expect(held).toEqual([2, 3, 4]);
    expect(store.goal.reached).toBe(true);
  });

  it('leaves nothing beside them where no piece is shared', async () => {
    const modern = sampleV2Content({ 'a/one': 40_000, 'a/two': 100, three: 70_000 });
    const outDir = await runs.folders.make();
    const one = modern.metainfo.files.findIndex((file) => file.path.join('/') === 'a/one');
    const store = await fetch(modern, outDir, files(one));
    await expectFiles(modern, outDir, [one]);
    expect((await readdir(outDir)).sort()).toEqual(['modern']);
    for (const index of store.have.held()) await expectPiece(store, modern, index);
  });

  it('leaves nothing beside them where padding stands between the files', async () => {
    const hybrid = sampleContent({
      name: 'hybrid',
      files: [
        { path: 'one', length: 1500 },
        { path: '.pad/548', length: 548, padding: true },
        { path: 'two', length: 3000 },
      ],
    });
    const outDir = await runs.folders.make();
    await (await fetch(hybrid, outDir, files(0))).close();
    await expectFiles(hybrid, outDir, [0]);
    expect(await readdir(outDir)).toEqual(['hybrid']);
  });
});

describe('a fetch of chosen files that was interrupted', () => {
  it.each(['stopped', 'killed'] as const)('goes on where it was %s', async (end) => {
    const { outDir } = await runs.leave(album, [album.index(2), album.index(3)], end);
    const { store, held } = await runs.reopen(album, outDir, { wanted: files(TWO) });
    expect(held).toEqual([2, 3]);
    expect(lacking(store)).toEqual([4]);
    await store.close();
    await fetch(album, outDir, files(TWO));
    await expectFiles(album, outDir, [TWO]);
  });

  it('goes on where it was killed between two files', async () => {
    const { outDir, names } = await runs.leave(album, pieceIndexes(album), 'killed');
    await mkdir(path.join(names.final, 'disc1'), { recursive: true });
    await rename(path.join(names.part, 'disc1/one.flac'), path.join(names.final, 'disc1/one.flac'));
    // Between the two steps of moving one.
    await link(path.join(names.part, 'cover.jpg'), path.join(names.final, 'cover.jpg'));
    const store = await runs.open(album, outDir, { wanted: files(COVER, ONE, TWO) });
    expect(lacking(store)).toEqual([]);
    await store.finish();
    await store.close();
    await expectFiles(album, outDir, [COVER, ONE, TWO]);
    expect((await stat(path.join(names.final, 'cover.jpg'))).nlink).toBe(1);
  });

  it('gives up its name of a file that was placed when it was killed, where that is not wanted now', async () => {
    const { outDir, names } = await runs.leave(album, pieceIndexes(album), 'killed');
    await mkdir(names.final);
    await link(path.join(names.part, 'cover.jpg'), path.join(names.final, 'cover.jpg'));
    const store = await runs.open(album, outDir, { wanted: files(ONE) });
    expect(lacking(store)).toEqual([0]);
    await store.close();
    await fetch(album, outDir, files(ONE));
    await expectFiles(album, outDir, [COVER, ONE]);
  });

  it('goes on where it was killed before the first file', async () => {
    const { outDir, names } = await runs.leave(album, pieceIndexes(album), 'killed');
    await mkdir(path.join(names.final, 'disc2'), { recursive: true });
    await fetch(album, outDir, files(TWO));
    await expectFiles(album, outDir, [TWO]);
  });
});

describe('a fetch after one of chosen files', () => {
  it('of others goes on from what is there', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(TWO))).close();
    const store = await runs.open(album, outDir, { wanted: files(TWO, 4) });
    expect(lacking(store)).toEqual([5]);
    await store.close();
    await (await fetch(album, outDir, files(TWO, 4))).close();
    await expectFiles(album, outDir, [TWO, 4]);
  });

  it('of everything makes it whole, and leaves nothing beside it', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(ONE))).close();
    expect(await checkExisting(album.metainfo, outDir)).toBe('begun');
    const store = await runs.open(album, outDir);
    expect(lacking(store)).toEqual([3, 4, 5]);
    await store.close();
    await fetch(album, outDir);
    await expectOnDisk(album, path.join(outDir, 'album'));
    expect(await readdir(outDir)).toEqual(['album']);
    expect(await checkExisting(album.metainfo, outDir)).toBe('identical');
  });

  it('asks again for what they share with others, where the part was removed', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(TWO))).close();
    await rm(path.join(outDir, 'album.lanshare-part'), { recursive: true });
    await rm(path.join(outDir, 'album.lanshare-resume'));
    const store = await runs.open(album, outDir, { wanted: files(TWO) });
    expect(lacking(store)).toEqual([2, 4]);
    await store.close();
    await fetch(album, outDir, files(TWO));
    await expectFiles(album, outDir, [TWO]);
  });

  it('leaves one alone that was moved away and is not wanted', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(COVER, TWO))).close();
    await writeFile(path.join(outDir, 'album/cover.jpg'), 'drawn over');
    await (await fetch(album, outDir, files(ONE))).close();
    expect(await readFile(path.join(outDir, 'album/cover.jpg'), 'utf8')).toBe('drawn over');
    expect(await placed(album, outDir)).toEqual(['cover.jpg', 'disc1/one.flac', 'disc2/two.flac']);
  });

  it('in whatever steps ends with the same bytes', async () => {
    const layout = fc.array(fc.nat(2500), { minLength: 1, maxLength: 6 });
    const steps = fc.array(fc.array(fc.nat(5), { maxLength: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(layout, steps, async (lengths, chosen) => {
        const content = sampleContent({ name: 'steps', files: lengths.map(fileOf) });
        const outDir = await runs.folders.make();
        const there = new Set<number>();
        for (const step of chosen) {
          const wanted = files(...step.filter((file) => file < lengths.length));
          await (await fetch(content, outDir, wanted)).close();
          for (const file of wanted) there.add(file);
          if (there.size > 0) await expectFiles(content, outDir, there);
        }
        await (await fetch(content, outDir)).close();
        await expectOnDisk(content, path.join(outDir, 'steps'));
        expect(await readdir(outDir)).toEqual(['steps']);
      }),
      { numRuns: 25 },
    );
  });
});

function fileOf(length: number, number: number): SampleFile {
  return { path: `${number % 2 === 0 ? 'even/' : ''}f${number}`, length };
}

describe('a wanted file under its final name', () => {
  const final = (outDir: string): string => path.join(outDir, 'album/disc2/two.flac');

  async function afterFetchOfTwo(): Promise<string> {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(TWO))).close();
    return outDir;
  }

  it.each<[string, (file: string) => Promise<unknown>, RegExp]>([
    ['has other bytes', (file) => writeFile(file, Buffer.alloc(2000)), /wrong content/],
    ['is longer', (file) => appendFile(file, '!'), /wrong size/],
    [
      'is a link',
      async (file) => {
        await rename(file, `${file}~`);
        await symlink(`${file}~`, file);
      },
      /not a file/,
    ],
  ])('that %s is not overwritten, and named', async (_, change, reason) => {
    const outDir = await afterFetchOfTwo();
    await change(final(outDir));
    for (const wanted of [files(TWO), undefined]) {
      await expect(runs.open(album, outDir, { wanted })).rejects.toMatchObject({
        code: 'EXISTS_DIFFERENT',
        exitCode: 6,
        message: expect.stringMatching(new RegExp(`two\\.flac.*${reason.source}`)),
      });
    }
  });

  it('that differs only in a piece it shares is not overwritten when that piece comes', async () => {
    const outDir = await afterFetchOfTwo();
    const bytes = Buffer.from(album.file(TWO));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(final(outDir), bytes);
    const store = await runs.open(album, outDir, { wanted: files(TWO) });
    expect(lacking(store)).toEqual([2]);
    await expect(writePiece(store, album, album.index(2))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      message: expect.stringContaining('two.flac'),
    });
    expect((await readFile(final(outDir))).equals(bytes)).toBe(true);
  });

  it('is named beside another where one of the two differs, and no piece tells which', async () => {
    const outDir = await runs.folders.make();
    await (await fetch(album, outDir, files(COVER, ONE))).close();
    await writeFile(path.join(outDir, 'album/cover.jpg'), Buffer.alloc(500));
    await expect(runs.open(album, outDir, { wanted: files(COVER, ONE) })).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      message: expect.stringMatching(/cover\.jpg exists already, is different .*one\.flac/),
    });
  });

  it('that turns up at the last moment is not overwritten', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(album, outDir, { wanted: files(TWO) });
    for (const index of lacking(store)) await writePiece(store, album, index);
    await mkdir(path.dirname(final(outDir)), { recursive: true });
    await writeFile(final(outDir), 'precious');
    await expect(store.finish()).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await readFile(final(outDir), 'utf8')).toBe('precious');
    await rm(final(outDir));
    await store.finish();
    await expectFiles(album, outDir, [TWO]);
  });

  it('is recognised where its permissions let nobody write it', async () => {
    const outDir = await afterFetchOfTwo();
    await chmod(final(outDir), 0o444);
    const store = await fetch(album, outDir, files(TWO));
    expect(store.goal.reached).toBe(true);
  });
});

describe('a folder under the final name', () => {
  it('of somebody else takes no files', async () => {
    const outDir = await runs.folders.make();
    await mkdir(path.join(outDir, 'album'));
    await writeFile(path.join(outDir, 'album/holiday.jpg'), 'x');
    for (const wanted of [files(TWO), undefined])
      await expect(checkExisting(album.metainfo, outDir, { wanted })).rejects.toMatchObject({
        code: 'EXISTS_DIFFERENT',
        message: expect.stringMatching(/holds other things/),
      });
    await expect(runs.open(album, outDir, { wanted: files(TWO) })).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
  });

  it('that is empty takes them', async () => {
    const outDir = await runs.folders.make();
    await mkdir(path.join(outDir, 'album'));
    await fetch(album, outDir, files(TWO));
    await expectFiles(album, outDir, [TWO]);
  });

  it('that leads elsewhere takes none', async () => {
    const outDir = await runs.folders.make();
    const elsewhere = await runs.folders.make();
    await symlink(elsewhere, path.join(outDir, 'album'));
    await expect(runs.open(album, outDir, { wanted: files(TWO) })).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('takes none through a folder that leads elsewhere', async () => {
    const outDir = await runs.folders.make();
    const elsewhere = await runs.folders.make();
    const store = await runs.open(album, outDir, { wanted: files(TWO) });
    for (const index of lacking(store)) await writePiece(store, album, index);
    await mkdir(path.join(outDir, 'album'));
    await symlink(elsewhere, path.join(outDir, 'album/disc2'));
    await expect(store.finish()).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await readdir(elsewhere)).toEqual([]);
  });
});
