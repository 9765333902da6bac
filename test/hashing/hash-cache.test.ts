import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultCacheDirectory } from '../../src/hashing/cache-directory.ts';
import { areSettled, type CacheKey, readHashCache, writeHashCache } from '../../src/hashing/hash-cache.ts';
import type { ListedFile } from '../../src/hashing/list-files.ts';
import { MAX_HASH_CACHE_ENTRIES } from '../../src/limits.ts';
import { pattern, temporaryFolder } from './temporary-folder.ts';

const SECOND_NS = 1_000_000_000n;

function file(changes: Partial<ListedFile> = {}): ListedFile {
  return {
    absolutePath: '/content/a',
    path: ['a'],
    length: 100,
    executable: false,
    ctimeNs: 1_000n * SECOND_NS + 5n,
    identity: { size: 100, mtimeNs: 900n * SECOND_NS, inode: 2n ** 60n, device: 1n },
    ...changes,
  };
}

function key(changes: Partial<CacheKey> = {}): CacheKey {
  return { realPath: '/content', pieceLength: 32, pieceCount: 4, files: [file()], ...changes };
}

const hashes = { hashes: pattern(80), crc32s: Uint32Array.of(0, 1, 0xffff_ffff, 0x8000_0000) };

describe('the hash cache', () => {
  it('gives back what was put in', async () => {
    const folder = await temporaryFolder();
    await writeHashCache(join(folder, 'new', 'cache'), key(), hashes);
    expect(await readHashCache(join(folder, 'new', 'cache'), key())).toEqual(hashes);
  });

  it('knows nothing of another path, piece length, or state of a file', async () => {
    const folder = await temporaryFolder();
    await writeHashCache(folder, key(), hashes);
    const { identity } = file();
    for (const other of [
      key({ realPath: '/other' }),
      key({ pieceLength: 64 }),
      key({ pieceCount: 5 }),
      key({ files: [file({ path: ['b'] })] }),
      key({ files: [file({ ctimeNs: 1n })] }),
      key({ files: [file({ identity: { ...identity, size: 101 } })] }),
      key({ files: [file({ identity: { ...identity, mtimeNs: 1n } })] }),
      key({ files: [file({ identity: { ...identity, inode: 1n } })] }),
      key({ files: [file({ identity: { ...identity, device: 2n } })] }),
      key({ files: [file(), file()] }),
    ]) {
      expect(await readHashCache(folder, other)).toBeUndefined();
    }
  });

  it('takes an entry with any damaged or missing byte for none', async () => {
    const folder = await temporaryFolder();
    await writeHashCache(folder, key(), hashes);
    const [name = ''] = await readdir(folder);
    const whole = await readFile(join(folder, name));
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      await writeFile(join(folder, name), damaged);
      expect(await readHashCache(folder, key())).toBeUndefined();
    }
    await writeFile(join(folder, name), whole.subarray(0, -1));
    expect(await readHashCache(folder, key())).toBeUndefined();
    await writeFile(join(folder, name), whole);
    expect(await readHashCache(folder, key())).toEqual(hashes);
  });

  it('leaves nothing unfinished behind and forgets the oldest entries beyond its size', async () => {
    const folder = await temporaryFolder();
    for (let index = 0; index < MAX_HASH_CACHE_ENTRIES; index++) {
      const path = join(folder, `${index}.hashes`);
      await writeFile(path, '');
      await utimes(path, 1_000 + index, 1_000 + index);
    }
    await writeFile(join(folder, 'foreign.txt'), '');
    await writeHashCache(folder, key(), hashes);
    const names = await readdir(folder);
    expect(names).toHaveLength(MAX_HASH_CACHE_ENTRIES + 1);
    expect(names).not.toContain('0.hashes');
    expect(names).toContain('1.hashes');
    expect(names).toContain('foreign.txt');
    expect(await readHashCache(folder, key())).toEqual(hashes);
  });

  it('that cannot be written is no error', async () => {
    const folder = await temporaryFolder({ file: '' });
    await writeHashCache(join(folder, 'file'), key(), hashes);
    expect(await readHashCache(join(folder, 'file'), key())).toBeUndefined();
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('a file is settled', () => {
  const at = (ms: number) => file({ ctimeNs: BigInt(ms) * 1_000_000n });

  it('when it was changed more than a tick before it was looked at', () => {
    expect(areSettled([at(100_001)], 100_040)).toBe(false);
    expect(areSettled([at(100_001)], 100_052)).toBe(true);
    expect(areSettled([at(100_001)], 90_000)).toBe(false);
  });

  it('only after two seconds where the file system counts in whole seconds', () => {
    expect(areSettled([at(100_000)], 101_000)).toBe(false);
    expect(areSettled([at(100_000)], 102_001)).toBe(true);
  });

  it('and a content when all of its files are', () => {
    expect(areSettled([at(1), at(100_001)], 100_002)).toBe(false);
    expect(areSettled([], 0)).toBe(true);
  });
});

describe('the place of the cache', () => {
  it('is where the user says, else where the system has its caches', () => {
    expect(defaultCacheDirectory({ LANSHARE_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/h')).toBe(
      '/c',
    );
    expect(defaultCacheDirectory({ LANSHARE_CACHE_DIR: '', XDG_CACHE_HOME: '/x' }, 'linux', '/h')).toBe(
      '/x/lanshare',
    );
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: 'relative' }, 'linux', '/h')).toBe('/h/.cache/lanshare');
    expect(defaultCacheDirectory({}, 'linux', '/h')).toBe('/h/.cache/lanshare');
    expect(defaultCacheDirectory({}, 'darwin', '/h')).toBe('/h/Library/Caches/lanshare');
    expect(defaultCacheDirectory({ LOCALAPPDATA: '/l' }, 'win32', '/h')).toBe('/l/lanshare/cache');
  });
});
