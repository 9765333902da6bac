import { realpath } from 'node:fs/promises';
import { expectedTree } from '../metainfo/expected-piece.ts';
import { TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import { allPieces, type Metainfo, torrentVersion } from '../metainfo/metainfo.ts';
import { areSettled, type CacheKey, readHashCache, writeHashCache } from './hash-cache.ts';
import type { PieceHashes } from './hash-pieces.ts';
import type { ListedFile } from './list-files.ts';

/** A content that a .torrent describes, as it lies on disk now. */
export interface RecalledContent {
  /** Undefined to do without a cache. */
  readonly directory: string | undefined;
  readonly metainfo: Metainfo;
  readonly sourcePath: string;
  /** In the order of `metainfo.files`; undefined for padding, and for what is not there. */
  readonly files: readonly (ListedFile | undefined)[];
}

/** The CRC-32 of each piece, where the hash cache knows that these files have just the hashes of the .torrent. */
export async function recallHashes(content: RecalledContent): Promise<Uint32Array | undefined> {
  const { directory, metainfo } = content;
  const key = await keyOf(content);
  if (directory === undefined || key === undefined) return undefined;
  const known = await readHashCache(directory, key);
  const described = hashesOf(metainfo);
  if (known === undefined || described === undefined) return undefined;
  const same = isSame(known.hashes, described.hashes) && isSame(known.roots, described.roots);
  return same ? known.crc32s : undefined;
}

/** To be called when all pieces have been compared. What the cache says of these files must hold for `share`, too. */
export async function rememberHashes(
  content: RecalledContent,
  crc32s: Uint32Array,
  listedAtMs: number,
): Promise<void> {
  const { directory, metainfo } = content;
  // Of a hybrid only the SHA-1s have been compared, and padding that v1 lists is no part of what `share` hashes.
  if (metainfo.version === 'hybrid') return;
  if (metainfo.version === 'v1' && metainfo.files.some(({ padding }) => padding)) return;
  const key = await keyOf(content);
  const described = hashesOf(metainfo);
  if (directory === undefined || key === undefined || described === undefined) return;
  if (areSettled(key.files, listedAtMs)) await writeHashCache(directory, key, { ...described, crc32s });
}

/** Undefined where a file is missing or has another size: then it is not what any hashes are of. */
async function keyOf({ metainfo, sourcePath, files }: RecalledContent): Promise<CacheKey | undefined> {
  const { pieceLength, pieceCount } = metainfo;
  const version = torrentVersion(metainfo);
  const listed: ListedFile[] = [];
  for (const [at, { padding, length }] of metainfo.files.entries()) {
    if (padding) continue;
    const file = files[at];
    if (file?.length !== length) return undefined;
    listed.push(file);
  }
  const realPath = await realpath(sourcePath).catch(() => undefined);
  return realPath === undefined ? undefined : { realPath, pieceLength, pieceCount, version, files: listed };
}

/** What the .torrent says of its pieces; undefined where it does not say all. */
function hashesOf(metainfo: Metainfo): Omit<PieceHashes, 'crc32s'> | undefined {
  const { version, pieceHashes: hashes, pieceCount } = metainfo;
  if (version === 'v1') return { hashes };
  const roots = new Uint8Array(pieceCount * TREE_HASH_BYTES);
  for (const index of allPieces(pieceCount)) {
    const expected = expectedTree(metainfo, index);
    if (expected.kind !== 'tree') return undefined;
    roots.set(expected.root, index * TREE_HASH_BYTES);
  }
  return { hashes, roots };
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}
