import { createHash } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { identityOf } from '../../src/hashing/file-identity.ts';
import type { HashedContent, SourceFile } from '../../src/hashing/hashed-content.ts';
import { encodeBencode } from '../../src/metainfo/bencode.ts';
import {
  allPieces,
  type Metainfo,
  type PieceIndex,
  pieceIndex,
  pieceSize,
} from '../../src/metainfo/metainfo.ts';
import { parseInfo } from '../../src/metainfo/parse-info.ts';

export interface SampleFile {
  /** With slashes. */
  readonly path: string;
  readonly length: number;
  readonly executable?: boolean;
  readonly padding?: boolean;
}

export interface SampleOptions {
  readonly name?: string;
  readonly pieceLength?: number;
  /** A folder with these files; without it a single file of `length` bytes. */
  readonly files?: readonly SampleFile[];
  readonly length?: number;
  /** Other numbers give other bytes. */
  readonly seed?: number;
}

/** A content in memory: its description and all its bytes. */
export interface SampleContent {
  readonly metainfo: Metainfo;
  readonly bytes: Buffer;
  readonly crc32s: Uint32Array;
  piece(index: PieceIndex): Buffer;
  /** Throws a RangeError where there is no such piece. */
  index(number: number): PieceIndex;
  /** The bytes of one of its files. */
  file(position: number): Buffer;
}

export function sampleContent(options: SampleOptions = {}): SampleContent {
  const { name = 'movie.txt', pieceLength = 1024, files, length = 5000, seed = 1 } = options;
  const parts = files ?? [{ path: '', length }];
  const bytes = Buffer.concat(parts.map((file, position) => fileBytes(file, seed * 1000 + position)));
  const pieceHashes: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength)
    pieceHashes.push(
      createHash('sha1')
        .update(bytes.subarray(start, start + pieceLength))
        .digest(),
    );
  const common = { name, 'piece length': pieceLength, pieces: Buffer.concat(pieceHashes) };
  const info = files === undefined ? { ...common, length } : { ...common, files: files.map(entry) };
  const metainfo = parseInfo(encodeBencode(info));
  const piece = (index: PieceIndex): Buffer =>
    bytes.subarray(index * pieceLength, index * pieceLength + pieceSize(metainfo, index));
  return {
    metainfo,
    bytes,
    crc32s: Uint32Array.from(allPieces(metainfo.pieceCount), (index) => crc32(piece(index))),
    piece,
    index(number) {
      const index = pieceIndex(number, metainfo.pieceCount);
      if (index === undefined) throw new RangeError(`there is no piece ${number}`);
      return index;
    },
    file(position) {
      const { offset, length } = metainfo.files[position] ?? { offset: 0, length: 0 };
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Puts the content on disk below `folder`, as somebody who shares it has it. */
export async function placeSample(content: SampleContent, folder: string): Promise<HashedContent> {
  const { metainfo, crc32s } = content;
  const sourcePath = path.join(folder, metainfo.name);
  const files: SourceFile[] = [];
  for (const [position, file] of metainfo.files.entries()) {
    const absolutePath = path.join(sourcePath, ...file.path);
    if (!file.padding) {
      await mkdir(path.dirname(absolutePath), { recursive: true });
      await writeFile(absolutePath, content.file(position), { mode: file.executable ? 0o755 : 0o644 });
    }
    const identity = file.padding
      ? { size: file.length, mtimeNs: 0n, inode: 0n, device: 0n }
      : identityOf(await stat(absolutePath, { bigint: true }));
    files.push({ absolutePath, length: file.length, identity });
  }
  return { metainfo, sourcePath, files, crc32s, warnings: [], cached: false };
}

function entry({ path: name, length, executable, padding }: SampleFile) {
  const attr = `${executable === true ? 'x' : ''}${padding === true ? 'p' : ''}`;
  return { path: name.split('/'), length, attr: attr === '' ? undefined : attr };
}

function fileBytes({ length, padding }: SampleFile, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (padding === true) return bytes;
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
