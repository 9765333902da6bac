import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateContent } from '../../src/storage/locate-content.ts';
import { sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const movie = sampleContent().metainfo;
const album = sampleContent({
  name: 'album',
  files: [
    { path: 'one', length: 100 },
    { path: 'deep/two', length: 100 },
  ],
}).metainfo;

const folders = new TemporaryFolders();
let base = '';
beforeEach(async () => {
  base = await folders.make();
});
afterEach(() => folders.remove());

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(base, name)), { recursive: true });
    await writeFile(path.join(base, name), '');
  }
}

describe('a single file', () => {
  it('is the file that is named, whatever it is called here', async () => {
    await put('take7.mp4');
    expect(await locateContent(movie, path.join(base, 'take7.mp4'))).toBe(path.join(base, 'take7.mp4'));
  });

  it('is found by its name in the folder that is named', async () => {
    await put('movie.txt');
    expect(await locateContent(movie, base)).toBe(path.join(base, 'movie.txt'));
  });

  it('that is in neither place is named with where it should be', async () => {
    await expect(locateContent(movie, base)).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
      message: `cannot seed movie.txt: there is no ${path.join(base, 'movie.txt')}`,
    });
  });
});

describe('a folder', () => {
  it('is the folder that is named, whatever it is called here', async () => {
    await put('renamed/one');
    expect(await locateContent(album, path.join(base, 'renamed'))).toBe(path.join(base, 'renamed'));
  });

  it('is found by its name in the folder that is named', async () => {
    await put('album/deep/two');
    expect(await locateContent(album, base)).toBe(path.join(base, 'album'));
  });

  it('that has a folder of its own name is the content itself', async () => {
    await put('album/one', 'album/album/x');
    expect(await locateContent(album, path.join(base, 'album'))).toBe(path.join(base, 'album'));
  });

  it('without any of the files is left to whoever compares them', async () => {
    expect(await locateContent(album, base)).toBe(base);
  });

  it('cannot be a file', async () => {
    await put('one');
    await expect(locateContent(album, path.join(base, 'one'))).rejects.toMatchObject({
      code: 'CONTENT_MISMATCH',
      message: expect.stringContaining('is a file, and album is a folder'),
    });
  });

  it('that is not there is said so', async () => {
    await expect(locateContent(album, path.join(base, 'no'))).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
    });
  });
});
