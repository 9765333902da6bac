import { LanshareError } from '../errors.ts';
import { BLOCK_BYTES } from '../limits.ts';
import { aligned, isPadding, type Padding } from '../metainfo/alignment.ts';
import { type PieceDigest, SHA1_DIGEST } from '../metainfo/expected-piece.ts';
import { merkleRoot, TREE_HASH_BYTES, treeWidth } from '../metainfo/merkle.ts';
import type { TorrentVersion } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import { sameIdentity } from './file-identity.ts';
import { FilePass } from './file-pass.ts';
import type { SourceFile } from './hashed-content.ts';
import { inPieceLanes, type PieceWork, pieceLanes } from './lanes.ts';
import type { PieceCheck, PieceHasher } from './piece-hasher.ts';
import { type PieceSegment, type PlannedPiece, planPieces } from './piece-plan.ts';
import { type OnProgress, ProgressMeter } from './progress-meter.ts';

export interface PieceHashes {
  /** 20 bytes a piece: SHA-1. None for v2 alone. */
  readonly hashes: Uint8Array;
  /** 32 bytes a piece: the root of the tree over its blocks (BEP 52). Undefined for v1 alone. */
  readonly roots?: Uint8Array | undefined;
  /** CRC-32 of each piece. */
  readonly crc32s: Uint32Array;
}

export interface HashOptions {
  readonly clock: Clock;
  /** Default: v1. For the others every file starts a piece, with zeros in between. */
  readonly version?: TorrentVersion | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Closed at the end. Default: one with a thread a core. */
  readonly hasher?: PieceHasher;
}

/**
 * Hashes files as one content, in the order they are given, in one pass for whatever version. Reading and hashing run
 * on several threads, with a bounded number of pieces under way. Rejects with SHARE_CHANGED where a file is not what it
 * was when it was listed, with a disk error that names the file, or with INTERRUPTED.
 */
export async function hashPieces(
  files: readonly SourceFile[],
  pieceLength: number,
  options: HashOptions,
): Promise<PieceHashes> {
  const { clock, version = 'v1', onProgress, signal, hasher } = options;
  const parts = version === 'v1' ? files : [...aligned(files, pieceLength)];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const results = new Results(parts, pieceLength, Math.ceil(length / pieceLength), version);
  const progress = new ProgressMeter(
    files.reduce((sum, file) => sum + file.length, 0),
    clock,
    onProgress,
  );
  const pass = new FilePass(parts.map(passFile), (part, identity) => {
    const listed = sourceAt(parts, part);
    if (listed !== undefined && !sameIdentity(listed.identity, identity)) throw changed(listed);
  });

  const hashPiece: PieceWork<PlannedPiece> = async (planned, buffer, lanesHasher) => {
    const piece = buffer.subarray(0, planned.size);
    let read = 0;
    for (const segment of planned.segments) read += await fillSegment(segment, piece);
    results.add(planned, await lanesHasher.check(piece, results.digestOf(planned)));
    progress.add(read);
  };

  /** The bytes that were read. */
  async function fillSegment(segment: PieceSegment, piece: Uint8Array): Promise<number> {
    const { file, fileOffset, pieceOffset, length } = segment;
    const target = piece.subarray(pieceOffset, pieceOffset + length);
    const source = sourceAt(parts, file);
    if (source === undefined) {
      target.fill(0);
      return 0;
    }
    if ((await pass.read(file, fileOffset, target)) < length) throw changed(source);
    return length;
  }

  try {
    const lanes = {
      width: pieceLanes(pieceLength),
      pieceBytes: Math.min(pieceLength, length),
      hasher,
      signal,
    };
    await inPieceLanes(planPieces(parts, pieceLength), lanes, hashPiece);
  } finally {
    await pass.close();
  }
  return results;
}

type Part = SourceFile | Padding;

class Results implements PieceHashes {
  readonly hashes: Uint8Array;
  readonly roots: Uint8Array | undefined;
  readonly crc32s: Uint32Array;
  readonly #parts: readonly Part[];
  readonly #pieceLength: number;
  readonly #version: TorrentVersion;

  constructor(parts: readonly Part[], pieceLength: number, pieceCount: number, version: TorrentVersion) {
    this.#parts = parts;
    this.#pieceLength = pieceLength;
    this.#version = version;
    this.hashes = new Uint8Array(version === 'v2' ? 0 : pieceCount * 20);
    this.roots = version === 'v1' ? undefined : new Uint8Array(pieceCount * TREE_HASH_BYTES);
    this.crc32s = new Uint32Array(pieceCount);
  }

  digestOf({ segments: [content] }: PlannedPiece): PieceDigest {
    if (this.#version === 'v1' || content === undefined) return SHA1_DIGEST;
    return { kind: this.#version === 'v2' ? 'blocks' : 'both', length: content.length };
  }

  add({ index, segments: [content] }: PlannedPiece, { sha1, blockHashes, crc32 }: PieceCheck): void {
    this.crc32s[index] = crc32;
    if (sha1 !== undefined) this.hashes.set(sha1, index * 20);
    if (blockHashes === undefined || content === undefined) return;
    const fileLength = this.#parts[content.file]?.length ?? 0;
    const width = fileLength > this.#pieceLength ? this.#pieceLength / BLOCK_BYTES : treeWidth(fileLength);
    this.roots?.set(merkleRoot(blockHashes, width), index * TREE_HASH_BYTES);
  }
}

function sourceAt(parts: readonly Part[], at: number): SourceFile | undefined {
  const part = parts[at];
  return part === undefined || isPadding(part) ? undefined : part;
}

/** Padding is never read. */
function passFile(part: Part): { absolutePath: string; length: number } {
  return isPadding(part) ? { absolutePath: '', length: part.length } : part;
}

function changed(file: SourceFile): LanshareError {
  return new LanshareError(
    'SHARE_CHANGED',
    `${file.absolutePath} changed while it was being hashed`,
    'wait until nothing writes to it any more, then share it again',
  );
}
