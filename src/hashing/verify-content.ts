import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, systemErrorCode } from '../errors.ts';
import { MAX_HASH_LANES } from '../limits.ts';
import { matchesPiece, pieceDigest } from '../metainfo/expected-piece.ts';
import { filesLength, type Metainfo, type PieceIndex, pieceIndex } from '../metainfo/metainfo.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { FilePass } from './file-pass.ts';
import { inLanes, inPieceLanes, type PieceWork, pieceLanes } from './lanes.ts';
import type { PieceHasher } from './piece-hasher.ts';
import { type PlannedPiece, planPieces } from './piece-plan.ts';
import { type OnProgress, ProgressMeter } from './progress-meter.ts';

/**
 * Why a file does not match. `unproven`: it shares a piece with a file that is missing or has another size,
 * so the piece's hash cannot be checked.
 */
export type BadFileReason = 'missing' | 'not a file' | 'wrong size' | 'wrong content' | 'unproven';

export interface BadFile {
  /** Below the content's folder, with slashes; the content's name where it is a single file. */
  readonly path: string;
  readonly reason: BadFileReason;
}

export interface VerifyReport {
  /** Every file is there and every piece is right. Other files in the folder do not matter. */
  readonly matches: boolean;
  readonly piecesGood: number;
  readonly piecesTotal: number;
  /** Bytes of the good pieces. */
  readonly bytesGood: number;
  /** In the order of the metainfo. */
  readonly badFiles: readonly BadFile[];
}

export interface VerifyOptions {
  /** Stop where it is certain that it does not match: at once where a size differs. The counts are partial then. */
  readonly untilFirstFault?: boolean;
  readonly clock?: Clock;
  readonly onProgress?: OnProgress;
  /** A piece is right; in no order. */
  readonly onGoodPiece?: (index: PieceIndex, crc32: number) => void;
  readonly signal?: AbortSignal;
  /** Closed at the end. Default: one with a thread a core. */
  readonly hasher?: PieceHasher;
}

/**
 * Compares what lies at `path`, the file or folder itself, with its description. Rejects with NO_SUCH_PATH
 * where there is nothing at all, NOT_PERMITTED or DISK where something cannot be read, or INTERRUPTED.
 */
export async function verifyContent(
  metainfo: Metainfo,
  path: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  await stat(path).catch((error: unknown) => {
    throw diskError(error, 'read', path);
  });
  const verification = new Verification(metainfo, path, options);
  await verification.compareSizes();
  await verification.comparePieces();
  return verification.report();
}

class Verification {
  readonly #metainfo: Metainfo;
  readonly #options: VerifyOptions;
  readonly #paths: readonly string[];
  readonly #faults = new Map<number, BadFileReason>();
  #piecesGood = 0;
  #bytesGood = 0;

  constructor(metainfo: Metainfo, root: string, options: VerifyOptions) {
    this.#metainfo = metainfo;
    this.#options = options;
    this.#paths = metainfo.files.map((file) => join(root, ...file.path));
  }

  async compareSizes(): Promise<void> {
    const compare = async (file: number): Promise<void> => {
      const fault = await this.#sizeFault(file);
      if (fault !== undefined) this.#faults.set(file, fault);
    };
    await inLanes(this.#stillWanted(this.#paths.keys()), MAX_HASH_LANES, compare, this.#options.signal);
  }

  async comparePieces(): Promise<void> {
    const { files, length, pieceLength } = this.#metainfo;
    const { clock = systemClock, onProgress, signal, hasher } = this.#options;
    const progress = new ProgressMeter(filesLength(this.#metainfo), clock, onProgress);
    const pass = new FilePass(
      files.map((file, index) => ({ absolutePath: this.#paths[index] ?? '', length: file.length })),
    );
    const compare: PieceWork<PlannedPiece> = async (planned, buffer, lanesHasher) => {
      const piece = buffer.subarray(0, planned.size);
      const whole = await this.#fill(planned, piece, pass);
      this.#judge(planned, whole && (await this.#check(planned, piece, lanesHasher)));
      progress.add(this.#contentBytes(planned));
    };
    const pieces = this.#stillWanted(planPieces(files, pieceLength));
    try {
      const lanes = {
        width: pieceLanes(pieceLength),
        pieceBytes: Math.min(pieceLength, length),
        hasher,
        signal,
      };
      await inPieceLanes(pieces, lanes, compare);
    } finally {
      await pass.close();
    }
  }

  report(): VerifyReport {
    const { files, name, pieceCount } = this.#metainfo;
    const badFiles = [...this.#faults]
      .sort(([one], [other]) => one - other)
      .map(([file, reason]) => ({ path: files[file]?.path.join('/') || name, reason }));
    return {
      matches: badFiles.length === 0 && this.#piecesGood === pieceCount,
      piecesGood: this.#piecesGood,
      piecesTotal: pieceCount,
      bytesGood: this.#bytesGood,
      badFiles,
    };
  }

  *#stillWanted<T>(items: Iterable<T>): Generator<T> {
    for (const item of items) {
      if (this.#options.untilFirstFault === true && this.#faults.size > 0) return;
      yield item;
    }
  }

  async #sizeFault(index: number): Promise<BadFileReason | undefined> {
    const file = this.#metainfo.files[index];
    const path = this.#paths[index];
    if (file === undefined || path === undefined || file.padding) return undefined;
    try {
      const stats = await stat(path);
      if (!stats.isFile()) return 'not a file';
      return stats.size === file.length ? undefined : 'wrong size';
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return 'missing';
      throw diskError(error, 'read', path);
    }
  }

  /** False where not all of the piece is there. */
  async #fill({ segments }: PlannedPiece, piece: Uint8Array, pass: FilePass): Promise<boolean> {
    let whole = true;
    for (const { file, fileOffset, pieceOffset, length } of segments) {
      const target = piece.subarray(pieceOffset, pieceOffset + length);
      const fault = this.#faults.get(file);
      if (this.#metainfo.files[file]?.padding === true) target.fill(0);
      else if (fault === 'missing' || fault === 'not a file') whole = false;
      else if ((await pass.read(file, fileOffset, target)) < length) whole = false;
    }
    return whole;
  }

  #contentBytes({ segments }: PlannedPiece): number {
    const { files } = this.#metainfo;
    return segments.reduce((sum, { file, length }) => (files[file]?.padding ? sum : sum + length), 0);
  }

  /** Whether the piece is right, which is told. */
  async #check({ index }: PlannedPiece, piece: Uint8Array, hasher: PieceHasher): Promise<boolean> {
    const known = pieceIndex(index, this.#metainfo.pieceCount);
    if (known === undefined) return false;
    const check = await hasher.check(piece, pieceDigest(this.#metainfo, known));
    if (!matchesPiece(this.#metainfo, known, check)) return false;
    this.#options.onGoodPiece?.(known, check.crc32);
    return true;
  }

  #judge({ size, segments }: PlannedPiece, right: boolean): void {
    if (right) {
      this.#piecesGood++;
      this.#bytesGood += size;
      return;
    }
    const unproven = segments.some(({ file }) => isFaultOfSize(this.#faults.get(file)));
    for (const { file } of segments) this.#blame(file, unproven ? 'unproven' : 'wrong content');
  }

  #blame(file: number, reason: BadFileReason): void {
    const known = this.#faults.get(file);
    if (this.#metainfo.files[file]?.padding === true) return;
    if (known === undefined || (known === 'unproven' && reason === 'wrong content'))
      this.#faults.set(file, reason);
  }
}

function isFaultOfSize(reason: BadFileReason | undefined): boolean {
  return reason === 'missing' || reason === 'not a file' || reason === 'wrong size';
}
