import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  COARSE_TIMESTAMP_TICK_MS,
  MAX_HASH_CACHE_ENTRIES,
  MAX_HASH_CACHE_ENTRY_BYTES,
  TIMESTAMP_TICK_MS,
} from '../limits.ts';
import { type Bencoded, decodeBencode, encodeBencode } from '../metainfo/bencode.ts';
import { TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import type { TorrentVersion } from '../metainfo/metainfo.ts';
import type { PieceHashes } from './hash-pieces.ts';
import type { ListedFile } from './list-files.ts';

/** What was hashed: where, in pieces of which size, and in which state. The name it is shared under is no part. */
export interface CacheKey {
  /** With all links resolved. */
  readonly realPath: string;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Default: v1. Each has an entry of its own. */
  readonly version?: TorrentVersion;
  readonly files: readonly ListedFile[];
}

/*
 * One file an entry: SHA-1 of the rest, then a bencoded dictionary. An entry that is damaged, cut off or of
 * another version is as good as none.
 */
const VERSION = 1;
const CHECKSUM_BYTES = 20;
const SUFFIX = '.hashes';

/** The hashes of the same files in the same state; undefined where they are not known. Never rejects. */
export async function readHashCache(directory: string, key: CacheKey): Promise<PieceHashes | undefined> {
  try {
    const entry = openEnvelope(await readFile(entryPath(directory, key)));
    return entry === undefined ? undefined : hashesIn(entry, key);
  } catch {
    return undefined;
  }
}

/**
 * Remembers hashes and forgets the oldest entries beyond MAX_HASH_CACHE_ENTRIES. Never rejects: without a
 * cache everything works, only slower.
 */
export async function writeHashCache(directory: string, key: CacheKey, hashes: PieceHashes): Promise<void> {
  const path = entryPath(directory, key);
  const unfinished = `${path}.${process.pid}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(unfinished, encodeEntry(key, hashes));
    await rename(unfinished, path);
    await forgetOldest(directory);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

/**
 * Whether a later change would surely show in the files' times. Not so for a file that was changed within the
 * last tick of its file system's clock: another write could leave it with the same size and times. The time
 * of change (ctime) is looked at, as programs can set the other back.
 */
export function areSettled(files: readonly ListedFile[], listedAtMs: number): boolean {
  return files.every(({ ctimeNs }) => {
    const tickMs = ctimeNs % 1_000_000_000n === 0n ? COARSE_TIMESTAMP_TICK_MS : TIMESTAMP_TICK_MS;
    return Number(ctimeNs / 1_000_000n) < listedAtMs - tickMs;
  });
}

function entryPath(directory: string, { realPath, pieceLength, version = 'v1' }: CacheKey): string {
  const other = version === 'v1' ? '' : `\0${version}`;
  const digest = createHash('sha256').update(`${pieceLength}\0${realPath}${other}`).digest('hex');
  return join(directory, digest.slice(0, 40) + SUFFIX);
}

/** Changes with every file that is added, removed, renamed, replaced, written to or touched. */
function fingerprint({ realPath, files }: CacheKey): Uint8Array {
  const hash = createHash('sha256').update(`${realPath}\0`);
  for (const { path, identity, ctimeNs } of files) {
    const { size, mtimeNs, inode, device } = identity;
    hash.update(`${path.join('/')}\0${size} ${mtimeNs} ${ctimeNs} ${inode} ${device}\0`);
  }
  return hash.digest();
}

function encodeEntry(key: CacheKey, { hashes, roots, crc32s }: PieceHashes): Uint8Array {
  const crc32Bytes = Buffer.alloc(crc32s.length * 4);
  for (const [index, crc32] of crc32s.entries()) crc32Bytes.writeUInt32BE(crc32, index * 4);
  const body = encodeBencode({
    crc32s: crc32Bytes,
    fingerprint: fingerprint(key),
    pieces: hashes,
    roots,
    version: VERSION,
  });
  return Buffer.concat([sha1(body), body]);
}

function openEnvelope(bytes: Uint8Array): Bencoded | undefined {
  const body = bytes.subarray(CHECKSUM_BYTES);
  if (Buffer.compare(bytes.subarray(0, CHECKSUM_BYTES), sha1(body)) !== 0) return undefined;
  return decodeBencode(body, { maxBytes: MAX_HASH_CACHE_ENTRY_BYTES });
}

function hashesIn(entry: Bencoded, key: CacheKey): PieceHashes | undefined {
  const hashes = entry.field('pieces')?.bytes;
  const roots = entry.field('roots')?.bytes;
  const crc32Bytes = entry.field('crc32s')?.bytes;
  const state = entry.field('fingerprint')?.bytes;
  if (entry.field('version')?.integer !== VERSION || state === undefined) return undefined;
  if (Buffer.compare(state, fingerprint(key)) !== 0) return undefined;
  const { pieceCount, version = 'v1' } = key;
  if (hashes?.length !== (version === 'v2' ? 0 : pieceCount * 20)) return undefined;
  if (roots?.length !== (version === 'v1' ? undefined : pieceCount * TREE_HASH_BYTES)) return undefined;
  if (crc32Bytes?.length !== pieceCount * 4) return undefined;
  const view = new DataView(crc32Bytes.buffer, crc32Bytes.byteOffset);
  const crc32s = Uint32Array.from({ length: key.pieceCount }, (_, index) => view.getUint32(index * 4));
  return { hashes: hashes.slice(), ...(roots && { roots: roots.slice() }), crc32s };
}

async function forgetOldest(directory: string): Promise<void> {
  // With what a killed process left unfinished, whose name goes on behind the suffix.
  const names = (await readdir(directory)).filter((name) => name.includes(SUFFIX));
  if (names.length <= MAX_HASH_CACHE_ENTRIES) return;
  const entries = await Promise.all(
    names.map(async (name) => ({ name, mtimeMs: (await stat(join(directory, name))).mtimeMs })),
  );
  entries.sort((one, other) => one.mtimeMs - other.mtimeMs);
  const surplus = entries.slice(0, entries.length - MAX_HASH_CACHE_ENTRIES);
  await Promise.all(surplus.map(({ name }) => rm(join(directory, name), { force: true })));
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}
