import { execFileSync } from 'node:child_process';
import { chown, link, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Metainfo } from '../../src/metainfo/metainfo.ts';
import { type SampleContent, sampleContent } from '../support/sample-content.ts';
import { writePiece } from './contract.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

const movie = sampleContent({ length: 5000 });
const films = sampleContent({
  name: 'films',
  files: [
    { path: 'a/one', length: 1024 },
    { path: 'a/two', length: 1024 },
    { path: 'b/c/three', length: 1024 },
  ],
});

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

/** An output folder, and beside it a folder and a file that belong to somebody else. */
async function neighbourhood() {
  const folder = await runs.folders.make();
  const outDir = path.join(folder, 'out');
  const others = path.join(folder, 'others');
  await mkdir(outDir);
  await mkdir(others);
  await writeFile(path.join(others, 'secret'), 'secret');
  const isUntouched = async (): Promise<boolean> =>
    (await readdir(others)).join() === 'secret' &&
    (await readFile(path.join(others, 'secret'), 'utf8')) === 'secret';
  return { outDir, others, secret: path.join(others, 'secret'), isUntouched };
}

async function fetchAll(content: SampleContent, outDir: string): Promise<void> {
  const store = await runs.open(content, outDir);
  for (const index of pieceIndexes(content)) await writePiece(store, content, index);
}

describe('what was planted in the output folder', () => {
  it.each([
    ['a link to a file under the name of the part', movie, 'movie.txt.lanshare-part', 'secret'],
    ['a link to a folder under the name of the part', movie, 'movie.txt.lanshare-part', ''],
    ['a link to nothing under the name of the part', movie, 'movie.txt.lanshare-part', 'new'],
    ['a link to a folder under the name of a part folder', films, 'films.lanshare-part', ''],
    ['a link to nothing under the name of the lock', movie, 'movie.txt.lanshare-lock', 'new'],
    ['a link to a file under the name of the lock', movie, 'movie.txt.lanshare-lock', 'secret'],
  ])('is not followed: %s', async (_, content, name, target) => {
    const { outDir, others, isUntouched } = await neighbourhood();
    await symlink(path.join(others, target), path.join(outDir, name));
    await expect(fetchAll(content, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT', exitCode: 6 });
    expect(await isUntouched()).toBe(true);
  });

  it.each(['movie.txt.lanshare-resume', 'movie.txt.lanshare-resume~'])(
    'is not followed: a link under the name of the record (%s)',
    async (name) => {
      const { outDir, secret, isUntouched } = await neighbourhood();
      await symlink(secret, path.join(outDir, name));
      await runs.complete(movie, await runs.open(movie, outDir));
      expect(await isUntouched()).toBe(true);
    },
  );

  it.each(['', 'secret'])(
    'is not written through: a second name of a file of somebody else (%j in it)',
    async (text) => {
      const { outDir, secret } = await neighbourhood();
      await writeFile(secret, text);
      await link(secret, path.join(outDir, 'movie.txt.lanshare-part'));
      await expect(fetchAll(movie, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
      expect(await readFile(secret, 'utf8')).toBe(text);
    },
  );

  it('is not written through: a second name of a file of somebody else under the name of the lock', async () => {
    const { outDir, secret, isUntouched } = await neighbourhood();
    await link(secret, path.join(outDir, 'movie.txt.lanshare-lock'));
    await expect(fetchAll(movie, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await isUntouched()).toBe(true);
  });

  it.each([
    ['a pipe', movie, (name: string) => void execFileSync('mkfifo', [name])],
    ['a folder', movie, (name: string) => mkdir(name)],
    ['a file', films, (name: string) => writeFile(name, '')],
  ])('is refused: %s in the place of the part', async (_, content, plant) => {
    const { outDir } = await neighbourhood();
    await plant(path.join(outDir, `${content.metainfo.name}.lanshare-part`));
    await expect(fetchAll(content, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
  });

  it.skipIf(process.getuid?.() !== 0)('is refused: a part folder of another user (needs root)', async () => {
    const { outDir } = await neighbourhood();
    const part = path.join(outDir, 'films.lanshare-part');
    await mkdir(part);
    await chown(part, 12_345, 12_345);
    await expect(fetchAll(films, outDir)).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      message: expect.stringContaining('belongs to another user'),
    });
  });
});

describe('what is planted in a part folder while it is filled', () => {
  async function begun() {
    const around = await neighbourhood();
    const store = await runs.open(films, around.outDir);
    await writePiece(store, films, films.index(0));
    return { ...around, store, part: path.join(around.outDir, 'films.lanshare-part') };
  }

  it('is not followed: a link in the place of a sub-folder, between two writes', async () => {
    const { store, part, others, isUntouched } = await begun();
    await rename(path.join(part, 'a'), path.join(part, 'elsewhere'));
    await symlink(others, path.join(part, 'a'));
    await expect(writePiece(store, films, films.index(1))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(store.have.has(films.index(1))).toBe(false);
    expect(await isUntouched()).toBe(true);
  });

  it('is not followed: a link in the place of a folder that is not yet made', async () => {
    const { store, part, others, isUntouched } = await begun();
    await symlink(others, path.join(part, 'b'));
    await expect(writePiece(store, films, films.index(2))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await isUntouched()).toBe(true);
  });

  it('is not followed: a link, to a file or to nothing, in the place of a file', async () => {
    const { store, part, others, secret, isUntouched } = await begun();
    await symlink(secret, path.join(part, 'a', 'two'));
    await expect(writePiece(store, films, films.index(1))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    await mkdir(path.join(part, 'b', 'c'), { recursive: true });
    await symlink(path.join(others, 'new'), path.join(part, 'b', 'c', 'three'));
    await expect(writePiece(store, films, films.index(2))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await isUntouched()).toBe(true);
  });

  it('is not written through: a second name of a file of somebody else in the place of a file', async () => {
    const { store, part, secret, isUntouched } = await begun();
    await link(secret, path.join(part, 'a', 'two'));
    await expect(writePiece(store, films, films.index(1))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await isUntouched()).toBe(true);
  });

  it('is not followed: a link in the place of the part folder', async () => {
    const { store, part, others, isUntouched } = await begun();
    await rename(part, `${part}.elsewhere`);
    await symlink(others, part);
    await expect(writePiece(store, films, films.index(1))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await isUntouched()).toBe(true);
  });

  it('is not taken for ours: another folder in the place of the part folder', async () => {
    const { store, part, others } = await begun();
    await rename(part, `${part}.elsewhere`);
    await rename(others, part);
    await expect(writePiece(store, films, films.index(1))).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
    });
    expect(await readdir(part)).toEqual(['secret']);
  });

  it('is not followed by the next run: a link in the place of a sub-folder', async () => {
    const { store, part, others, outDir } = await begun();
    await store.close();
    await rename(path.join(part, 'a'), path.join(others, 'a'));
    await symlink(path.join(others, 'a'), path.join(part, 'a'));
    await expect(runs.open(films, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
  });
});

describe('names that the parser should never have let through', () => {
  it.each([
    ['..', '..', 'evil'],
    ['a', '..', '..', '..', 'evil'],
    ['/etc', 'evil'],
    ['a/../../../evil'],
    ['.'],
    [''],
  ])('lead nowhere: %j', async (...parts) => {
    const { outDir, others, isUntouched } = await neighbourhood();
    const hostile: Metainfo = {
      ...films.metainfo,
      files: films.metainfo.files.map((file) => ({ ...file, path: parts })),
    };
    await expect(fetchAll({ ...films, metainfo: hostile }, outDir)).rejects.toMatchObject({
      code: 'UNSAFE_NAME',
    });
    expect(await isUntouched()).toBe(true);
    expect((await readdir(path.dirname(others))).toSorted()).toEqual(['others', 'out']);
  });

  it.each(['..', '.', '', '/etc/evil', '../evil', 'a\0b'])(
    'lead nowhere: %j as the name of all',
    async (name) => {
      const { outDir, others } = await neighbourhood();
      const hostile: Metainfo = { ...movie.metainfo, name };
      await expect(fetchAll({ ...movie, metainfo: hostile }, outDir)).rejects.toMatchObject({
        code: 'UNSAFE_NAME',
      });
      expect(await readdir(outDir)).toEqual([]);
      expect((await readdir(path.dirname(others))).toSorted()).toEqual(['others', 'out']);
    },
  );
});
