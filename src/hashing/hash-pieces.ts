import { LanshareError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { sameIdentity } from './file-identity.ts';
import { FilePass } from './file-pass.ts';
import type { SourceFile } from './hashed-content.ts';
import { inPieceLanes, type PieceWork, pieceLanes } from './lanes.ts';
import type { PieceHasher } from './piece-hasher.ts';
import { type PieceSegment, type PlannedPiece, planPieces } from './piece-plan.ts';
import { type OnProgress, ProgressMeter } from './progress-meter.ts';

export interface PieceHashes {
  /** 20 bytes a piece: SHA-1. */
  readonly hashes: Uint8Array;
  /** CRC-32 of each piece. */
  readonly crc32s: Uint32Array;
}

export interface HashOptions {
  readonly clock: Clock;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Closed at the end. Default: one with a thread a core. */
  readonly hasher?: PieceHasher;
}

/**
 * Hashes files as one content, in the order they are given. Reading and hashing run on several threads, with
 * a bounded number of pieces under way. Rejects with SHARE_CHANGED where a file is not what it was when it
 * was listed, with a disk error that names the file, or with INTERRUPTED.
 */
export async function hashPieces(
  files: readonly SourceFile[],
  pieceLength: number,
  { clock, onProgress, signal, hasher }: HashOptions,
): Promise<PieceHashes> {
  const length = files.reduce((sum, file) => sum + file.length, 0);
  const pieceCount = Math.ceil(length / pieceLength);
  const hashes = new Uint8Array(pieceCount * 20);
  const crc32s = new Uint32Array(pieceCount);
  const progress = new ProgressMeter(length, clock, onProgress);
  const pass = new FilePass(files, (file, identity) => {
    const listed = files[file];
    if (listed !== undefined && !sameIdentity(listed.identity, identity)) throw changed(listed);
  });

  const hashPiece: PieceWork<PlannedPiece> = async ({ index, size, segments }, buffer, lanesHasher) => {
    const piece = buffer.subarray(0, size);
    for (const segment of segments) await fillSegment(segment, piece);
    const { sha1, crc32 } = await lanesHasher.check(piece);
    crc32s[index] = crc32;
    hashes.set(sha1, index * 20);
    progress.add(size);
  };

  async function fillSegment({ file, fileOffset, pieceOffset, length }: PieceSegment, piece: Uint8Array) {
    const count = await pass.read(file, fileOffset, piece.subarray(pieceOffset, pieceOffset + length));
    if (count < length) throw changed(files[file]);
  }

  try {
    const lanes = {
      width: pieceLanes(pieceLength),
      pieceBytes: Math.min(pieceLength, length),
      hasher,
      signal,
    };
    await inPieceLanes(planPieces(files, pieceLength), lanes, hashPiece);
  } finally {
    await pass.close();
  }
  return { hashes, crc32s };
}

function changed(file: SourceFile | undefined): LanshareError {
  return new LanshareError(
    'SHARE_CHANGED',
    `${file?.absolutePath} changed while it was being hashed`,
    'wait until nothing writes to it any more, then share it again',
  );
}
