import fs, { type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { diskError, LanshareError, systemErrorCode } from '../errors.ts';
import type { FileIdentity, HashedContent, SourceFile } from '../hashing/hashed-content.ts';
import { inLanes } from '../hashing/lanes.ts';
import { FILE_CALLS_AT_ONCE, MAX_OPEN_FILES, SOURCE_CHECK_INTERVAL_MS } from '../limits.ts';
import type { Metainfo, PieceIndex } from '../metainfo/metainfo.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import { goalAlreadyReached, type PieceGoal } from '../pieces/piece-goal.ts';
import type { Clock } from '../platform/clock.ts';
import { closeDescriptor, openDescriptor, readAt, statDescriptor } from '../platform/file-calls.ts';
import { Activity } from './activity.ts';
import type { ContentStore } from './content-store.ts';
import { Layout, type Segment } from './layout.ts';
import { OpenFiles } from './open-files.ts';

/** What is shared: the files as they were when they were hashed. */
export interface SharedContent extends Pick<HashedContent, 'metainfo' | 'crc32s'> {
  /** In the order of `metainfo.files`; undefined for what is not there, which no held piece has bytes in. */
  readonly files: readonly (SourceFile | undefined)[];
  /** Pieces that are right. Default: all. */
  readonly have?: Bitfield;
}

export interface SourceStoreOptions {
  readonly clock: Clock;
  readonly maxOpenFiles?: number;
}

/**
 * Serves a content from where it lies on disk and notices when that is no longer what was hashed: size, mtime,
 * inode and device are compared when a file is opened and, while it is read, once in
 * SOURCE_CHECK_INTERVAL_MS. A change within that time is caught by whoever checks the CRC-32.
 * After the first SHARE_CHANGED every read is refused.
 */
export class SourceStore implements ContentStore {
  readonly metainfo: Metainfo;
  readonly have: Bitfield;
  readonly goal: PieceGoal;
  readonly #files: readonly (SourceFile | undefined)[];
  readonly #crc32s: Uint32Array;
  readonly #clock: Clock;
  readonly #layout: Layout;
  readonly #open: OpenFiles;
  readonly #activity = new Activity();
  /** When a file was last compared, in the clock's milliseconds. */
  readonly #comparedAt: Float64Array;
  #refusal: LanshareError | undefined;

  constructor({ metainfo, files, crc32s, have }: SharedContent, options: SourceStoreOptions) {
    this.metainfo = metainfo;
    this.have = have ?? Bitfield.full(metainfo.pieceCount);
    this.goal = goalAlreadyReached(metainfo, this.have);
    this.#files = files;
    this.#crc32s = crc32s;
    this.#clock = options.clock;
    this.#layout = new Layout(metainfo);
    this.#open = new OpenFiles((file) => this.#openFile(file), {
      limit: options.maxOpenFiles ?? MAX_OPEN_FILES,
    });
    this.#comparedAt = new Float64Array(files.length).fill(Number.NEGATIVE_INFINITY);
  }

  async read(index: PieceIndex, offset: number, target: Uint8Array): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (!this.have.has(index)) throw new RangeError(`piece ${index} is not held`);
    const segments = this.#layout.inPiece(index, offset, target.length);
    this.#activity.enter();
    try {
      const [only] = segments;
      if (only !== undefined && segments.length === 1) await this.#readSegment(only, target);
      else await inLanes(segments, FILE_CALLS_AT_ONCE, (segment) => this.#readSegment(segment, target));
    } finally {
      this.#activity.leave();
    }
  }

  crc32(index: PieceIndex): number | undefined {
    return this.have.has(index) ? this.#crc32s[index] : undefined;
  }

  /** Compares every file with what was hashed. Rejects as `read` does. */
  async check(): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    this.#activity.enter();
    try {
      await inLanes(this.#files.keys(), FILE_CALLS_AT_ONCE, (file) => this.#comparePath(file));
    } finally {
      this.#activity.leave();
    }
  }

  async write(): Promise<void> {
    throw new LanshareError('INTERNAL', `${this.metainfo.name} is shared as it is and takes no pieces`);
  }

  async finish(): Promise<string> {
    throw new LanshareError(
      'INTERNAL',
      `${this.metainfo.name} is shared as it is and was whole from the start`,
    );
  }

  async close(): Promise<void> {
    this.#refusal ??= new LanshareError('INTERRUPTED', `${this.metainfo.name} is no longer shared`);
    await this.#activity.idle();
    await this.#open.close();
  }

  async #readSegment(segment: Segment, target: Uint8Array): Promise<void> {
    const { file, fileOffset, start, length } = segment;
    if (this.metainfo.files[file]?.padding === true) {
      target.fill(0, start, start + length);
      return;
    }
    const open = await this.#open.acquire(file);
    try {
      const count = await readAt(open.descriptor, target, start, length, fileOffset);
      if (count < length) throw this.#changed(file, 'is shorter than it was');
      // After the read: what was read before a change was noticed must not be served.
      if (this.#isDue(file)) await this.#comparePath(file);
    } catch (error) {
      throw diskError(error, 'read', this.#pathOf(file));
    } finally {
      this.#open.release(open);
    }
  }

  async #openFile(file: number): Promise<number> {
    const descriptor = await this.#openDescriptor(file);
    try {
      this.#comparedAt[file] = this.#clock.now();
      this.#compare(file, await statDescriptor(descriptor));
      return descriptor;
    } catch (error) {
      await closeDescriptor(descriptor);
      throw error;
    }
  }

  async #openDescriptor(file: number): Promise<number> {
    const path = this.#pathOf(file);
    try {
      // Non-blocking: a named pipe that took the file's place would hold a thread for ever.
      return await openDescriptor(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    } catch (error) {
      throw this.#missingOr(error, file);
    }
  }

  #isDue(file: number): boolean {
    const now = this.#clock.now();
    if (now - (this.#comparedAt[file] ?? 0) < SOURCE_CHECK_INTERVAL_MS) return false;
    this.#comparedAt[file] = now;
    return true;
  }

  async #comparePath(file: number): Promise<void> {
    if (this.metainfo.files[file]?.padding === true || this.#files[file] === undefined) return;
    try {
      this.#compare(file, await stat(this.#pathOf(file), { bigint: true }));
    } catch (error) {
      throw this.#missingOr(error, file);
    }
  }

  #compare(file: number, found: BigIntStats): void {
    const hashed = this.#files[file]?.identity;
    const difference = hashed === undefined ? undefined : describeDifference(hashed, found);
    if (difference !== undefined) throw this.#changed(file, difference);
  }

  #missingOr(error: unknown, file: number): unknown {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return this.#changed(file, 'was deleted or renamed');
    // Left as it is: the pool of open files has an answer of its own to it.
    return code === 'EMFILE' ? error : diskError(error, 'read', this.#pathOf(file));
  }

  #changed(file: number, what: string): LanshareError {
    const error = new LanshareError(
      'SHARE_CHANGED',
      `${this.#pathOf(file)} ${what} while it was shared`,
      'share it again to offer it as it is now',
    );
    this.#refusal ??= error;
    return error;
  }

  #pathOf(file: number): string {
    return this.#files[file]?.absolutePath ?? this.metainfo.name;
  }
}

function describeDifference(hashed: FileIdentity, found: BigIntStats): string | undefined {
  if (!found.isFile()) return 'was replaced by something that is not a file';
  if (hashed.inode !== found.ino || hashed.device !== found.dev) return 'was replaced by another file';
  if (BigInt(hashed.size) !== found.size)
    return `changed its size from ${hashed.size} to ${found.size} bytes`;
  if (hashed.mtimeNs !== found.mtimeNs) return 'was changed';
  return undefined;
}
