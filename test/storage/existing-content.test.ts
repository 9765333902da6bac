import { appendFile, copyFile, link, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkExisting } from '../../src/storage/existing-content.ts';
import { placeSample } from '../support/sample-content.ts';
import { shapes } from './contract.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

const movie = shapes['a file'];

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

describe.each(Object.entries(shapes))('before a fetch of %s', (_, content) => {
  const { name, files } = content.metainfo;

  it('nothing is there', async () => {
    expect(await checkExisting(content.metainfo, await runs.folders.make())).toBe('absent');
  });

  it('the same content is recognised', async () => {
    const outDir = await runs.folders.make();
    await placeSample(content, outDir);
    expect(await checkExisting(content.metainfo, outDir)).toBe('identical');
  });

  it('a different one is refused, with the way out', async () => {
    const outDir = await runs.folders.make();
    await placeSample(content, outDir);
    await appendFile(path.join(outDir, name, ...(files[0]?.path ?? [])), '!');
    await expect(checkExisting(content.metainfo, outDir)).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      exitCode: 6,
      hint: expect.stringMatching(/--out/),
    });
  });

  it.each([
    ['a folder with other things', (final: string) => mkdir(path.join(final, 'deep'), { recursive: true })],
    ['a file with other bytes', (final: string) => writeFile(final, 'precious')],
    ['a link to nothing', (final: string) => symlink('nowhere', final)],
  ])('%s is refused', async (_kind, make) => {
    const outDir = await runs.folders.make();
    await make(path.join(outDir, name));
    await expect(checkExisting(content.metainfo, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
  });
});

describe('a folder that lacks a file and has another that is damaged', () => {
  it('is refused for the damaged one: the missing could be fetched', async () => {
    const album = shapes['a folder'];
    const outDir = await runs.folders.make();
    await placeSample(album, outDir);
    const [first, damaged] = album.metainfo.files.filter(({ length }) => length > 0);
    if (first === undefined || damaged === undefined) throw new Error('the folder has two files');
    await rm(path.join(outDir, album.metainfo.name, ...first.path));
    await appendFile(path.join(outDir, album.metainfo.name, ...damaged.path), '!');
    await expect(checkExisting(album.metainfo, outDir)).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      message: expect.stringContaining(`(${damaged.path.join('/')}: wrong size)`),
    });
  });
});

describe('a whole content that lies there already', () => {
  it('is freed from what a fetch left that was killed in its last step', async () => {
    const { outDir, names } = await runs.leave(movie, pieceIndexes(movie), 'killed');
    await link(names.part, names.final);
    expect(await checkExisting(movie.metainfo, outDir)).toBe('identical');
    expect(await readdir(outDir)).toEqual(['movie.txt']);
  });

  it('is freed from a record whose part is gone', async () => {
    const { outDir, names } = await runs.leave(movie, pieceIndexes(movie), 'killed');
    await copyFile(names.part, names.final);
    await rm(names.part);
    expect(await checkExisting(movie.metainfo, outDir)).toBe('identical');
    expect(await readdir(outDir)).toEqual(['movie.txt']);
  });

  it('is freed from the folders of a part whose files have all been placed', async () => {
    const album = shapes['a folder'];
    const { outDir, names } = await runs.leave(album, pieceIndexes(album), 'killed');
    await rm(names.part, { recursive: true });
    await mkdir(path.join(names.part, 'b', 'c'), { recursive: true });
    await placeSample(album, outDir);
    expect(await checkExisting(album.metainfo, outDir)).toBe('identical');
    expect(await readdir(outDir)).toEqual(['films']);
  });

  it('is freed from the lock of a killed fetch', async () => {
    const outDir = await runs.folders.make();
    await placeSample(movie, outDir);
    await writeFile(path.join(outDir, 'movie.txt.lanshare-lock'), '');
    expect(await checkExisting(movie.metainfo, outDir)).toBe('identical');
    expect(await readdir(outDir)).toEqual(['movie.txt']);
  });

  it('leaves a part beside it alone that is not the same file', async () => {
    const { outDir, names } = await runs.leave(movie, pieceIndexes(movie).slice(0, 2));
    await writeFile(names.final, movie.bytes);
    expect(await checkExisting(movie.metainfo, outDir)).toBe('identical');
    await rm(names.final);
    expect((await runs.reopen(movie, outDir)).held).toHaveLength(2);
  });

  it('leaves the part of a fetch that runs alone', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(movie, outDir);
    await placeSample(movie, outDir);
    expect(await checkExisting(movie.metainfo, outDir)).toBe('identical');
    await rm(path.join(outDir, 'movie.txt'));
    await runs.complete(movie, store);
  });
});
