import type { BigIntStats } from 'node:fs';
import { diskError, LanshareError } from '../../errors.ts';
import { identityOf } from '../../hashing/file-identity.ts';
import type { FileIdentity } from '../../hashing/hashed-content.ts';
import { inLanes } from '../../hashing/lanes.ts';
import {
  BACKGROUND_SYNCS_AT_ONCE,
  FILE_CALLS_AT_ONCE,
  SYNC_DISTANCE_BYTES,
  SYNC_DISTANCE_FILES,
} from '../../limits.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { statDescriptor, syncData } from '../../platform/file-calls.ts';
import type { Segment } from '../layout.ts';
import type { PartFiles } from './part-files.ts';

export type SyncedFiles = Pick<PartFiles, 'use' | 'pathOf'>;

/**
 * Brings what was written to the disk: from time to time in the background, beside reads and writes, and all of
 * it at the end. Every file is synced, small ones too; many at once, because a journalling file system puts
 * their commits together.
 */
export class PartSync {
  readonly #metainfo: Metainfo;
  readonly #files: SyncedFiles;
  readonly #onFailure: (error: LanshareError) => void;
  readonly #dirty = new Set<number>();
  readonly #identities = new Map<number, FileIdentity>();
  #bytesSince = 0;
  #filesSince = 0;
  #background: Promise<void> | undefined;
  #failure: LanshareError | undefined;

  /** `onFailure` hears, once, that the disk did not keep what was written. */
  constructor(metainfo: Metainfo, files: SyncedFiles, onFailure: (error: LanshareError) => void) {
    this.#metainfo = metainfo;
    this.#files = files;
    this.#onFailure = onFailure;
  }

  /** Why the part can no longer become whole in this run: after a failed fsync nothing is certain. */
  get failure(): LanshareError | undefined {
    return this.#failure;
  }

  /** To be called after the bytes are written, not before: a sync under way must not take the mark with it. */
  wrote(segments: readonly Segment[]): void {
    for (const { file, length } of segments) {
      if (!this.#dirty.has(file)) this.#filesSince++;
      this.#dirty.add(file);
      this.#bytesSince += length;
    }
    if (this.#bytesSince >= SYNC_DISTANCE_BYTES || this.#filesSince >= SYNC_DISTANCE_FILES) this.#startSync();
  }

  /** What an earlier run wrote may not be on the disk either. */
  markAll(files: Iterable<number>): void {
    for (const file of files) this.#dirty.add(file);
  }

  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = diskError(error, 'keep what was written to', this.#metainfo.name);
    this.#onFailure(this.#failure);
  }

  /** Resolves when no sync is under way. */
  async idle(): Promise<void> {
    await this.#background;
  }

  /** Every file is on the disk, with the length it must have. Rejects with a DISK code or SHARE_CHANGED. */
  async finish(): Promise<readonly (FileIdentity | undefined)[]> {
    await this.idle();
    await this.#syncDirty(FILE_CALLS_AT_ONCE);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#metainfo.files.map((_, file) => this.#identities.get(file));
  }

  #startSync(): void {
    if (this.#background !== undefined || this.#failure !== undefined) return;
    this.#bytesSince = 0;
    this.#filesSince = 0;
    this.#background = this.#syncDirty(BACKGROUND_SYNCS_AT_ONCE)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.#background = undefined;
      });
  }

  async #syncDirty(atOnce: number): Promise<void> {
    await inLanes([...this.#dirty], atOnce, (file) => this.#sync(file));
  }

  async #sync(file: number): Promise<void> {
    this.#dirty.delete(file);
    this.#identities.delete(file);
    try {
      await this.#files.use(file, 'keep what was written to', async ({ descriptor }) => {
        await syncData(descriptor);
        this.#identities.set(file, this.#checkedIdentity(file, await statDescriptor(descriptor)));
      });
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  #checkedIdentity(file: number, stats: BigIntStats): FileIdentity {
    const length = this.#metainfo.files[file]?.length ?? 0;
    if (stats.size !== BigInt(length) && !this.#dirty.has(file))
      throw new LanshareError(
        'SHARE_CHANGED',
        `${this.#files.pathOf(file)} was changed by somebody else while it was fetched`,
        'run the same command again',
      );
    return identityOf(stats);
  }
}
