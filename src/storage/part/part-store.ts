import { rm } from 'node:fs/promises';
import { LanshareError } from '../../errors.ts';
import type { FileIdentity, SourceFile } from '../../hashing/hashed-content.ts';
import { inLanes } from '../../hashing/lanes.ts';
import { FILE_CALLS_AT_ONCE } from '../../limits.ts';
import { type Metainfo, type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import { Bitfield } from '../../pieces/bitfield.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { Activity } from '../activity.ts';
import type { ContentStore } from '../content-store.ts';
import type { Layout } from '../layout.ts';
import { type SharedContent, SourceStore } from '../source-store.ts';
import { moveIntoPlace } from './move-into-place.ts';
import type { PartFiles } from './part-files.ts';
import type { PartLock } from './part-lock.ts';
import { finalFilePath, type PartNames } from './part-names.ts';
import type { PartRoot } from './part-root.ts';
import { PartSync } from './part-sync.ts';
import type { ResumeJournal } from './resume-journal.ts';
import { foldersBelow, syncFolder } from './sync-folder.ts';
import type { VerifiedPieces } from './verified-pieces.ts';

/** What `openPart` has opened; the store closes it. */
export interface OpenedPart {
  readonly metainfo: Metainfo;
  readonly names: PartNames;
  readonly layout: Layout;
  readonly root: PartRoot;
  readonly files: PartFiles;
  readonly journal: ResumeJournal;
  readonly lock: PartLock;
  readonly verified: VerifiedPieces;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Phase =
  | { readonly kind: 'fetching' }
  /** The final step, a few milliseconds; reads wait for its end. */
  | { readonly kind: 'moving'; readonly moved: Promise<unknown> }
  | { readonly kind: 'whole'; readonly source: SourceStore }
  | { readonly kind: 'closed' };

/**
 * A content that is being fetched: a part file (or folder) with a resume record beside it. Only `finish` gives
 * it its name; from then on it is served from there like any shared content, and watched for changes.
 */
export class PartStore implements ContentStore {
  readonly metainfo: Metainfo;
  readonly have: Bitfield;
  readonly #part: OpenedPart;
  readonly #sync: PartSync;
  readonly #crc32s: Uint32Array;
  readonly #activity = new Activity();
  #phase: Phase = { kind: 'fetching' };
  readonly #writing = new Map<PieceIndex, Promise<void>>();
  #finishing: Promise<string> | undefined;
  #closing: Promise<void> | undefined;

  constructor(part: OpenedPart) {
    const { metainfo, files, journal, verified } = part;
    this.metainfo = metainfo;
    this.#part = part;
    this.#sync = new PartSync(metainfo, files, (error) => {
      part.logger.error({ error }, 'the disk did not keep written data');
      // Where even this cannot be written, the disk is gone and the record with it.
      journal.append({ kind: 'distrust' }).catch(() => {});
    });
    this.have = new Bitfield(metainfo.pieceCount);
    this.#crc32s = new Uint32Array(metainfo.pieceCount);
    for (const [index, crc] of verified) this.#hold(index, crc);
    this.#sync.markAll(this.#filesOf(verified.keys()));
  }

  async read(index: PieceIndex, offset: number, target: Uint8Array): Promise<void> {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'fetching':
        return await this.#readPart(index, offset, target);
      case 'moving':
        await phase.moved;
        return await this.read(index, offset, target);
      case 'whole':
        return await phase.source.read(index, offset, target);
      case 'closed':
        throw this.#closedError();
    }
  }

  crc32(index: PieceIndex): number | undefined {
    return this.have.has(index) ? this.#crc32s[index] : undefined;
  }

  async write(index: PieceIndex, content: Uint8Array, crc32: number): Promise<void> {
    if (this.have.has(index)) return;
    // The same piece from two peers at the end of a fetch: nothing may write to a file that is finished.
    const running = this.#writing.get(index);
    if (running !== undefined) return await running;
    const writing = this.#write(index, content, crc32).finally(() => this.#writing.delete(index));
    this.#writing.set(index, writing);
    await writing;
  }

  finish(): Promise<string> {
    this.#finishing ??= this.#finish().catch((error: unknown) => {
      this.#finishing = undefined;
      throw error;
    });
    return this.#finishing;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#finishing?.catch(() => {});
    const phase = this.#phase;
    this.#phase = { kind: 'closed' };
    switch (phase.kind) {
      case 'fetching':
      case 'moving':
        return await this.#closePart();
      case 'whole':
        return await phase.source.close();
      case 'closed':
        return;
    }
  }

  async #write(index: PieceIndex, content: Uint8Array, crc32: number): Promise<void> {
    if (this.#phase.kind !== 'fetching') throw this.#closedError();
    if (this.#sync.failure !== undefined) throw this.#sync.failure;
    if (content.length !== pieceSize(this.metainfo, index))
      throw new RangeError(
        `piece ${index} has ${pieceSize(this.metainfo, index)} bytes, not ${content.length}`,
      );
    this.#activity.enter();
    try {
      const segments = this.#part.layout.onDisk(index);
      await this.#part.files.write(segments, content);
      this.#sync.wrote(segments);
      await this.#part.journal.append({ kind: 'piece', index, crc32 });
      this.#hold(index, crc32);
    } finally {
      this.#activity.leave();
    }
  }

  async #readPart(index: PieceIndex, offset: number, target: Uint8Array): Promise<void> {
    if (!this.have.has(index)) throw new RangeError(`piece ${index} is not there yet`);
    const segments = this.#part.layout.inPiece(index, offset, target.length);
    this.#activity.enter();
    try {
      await this.#part.files.read(segments, target);
    } finally {
      this.#activity.leave();
    }
  }

  #hold(index: PieceIndex, crc32: number): void {
    this.#crc32s[index] = crc32;
    this.have.add(index);
  }

  #filesOf(pieces: Iterable<PieceIndex>): Set<number> {
    const files = new Set<number>();
    for (const index of pieces) for (const { file } of this.#part.layout.onDisk(index)) files.add(file);
    return files;
  }

  /** Data, fsync, rename, and only then the record goes. */
  async #finish(): Promise<string> {
    const { names, root } = this.#part;
    if (this.#phase.kind === 'closed') throw this.#closedError();
    if (!this.have.complete)
      throw new LanshareError('INTERNAL', `${this.metainfo.name} still lacks pieces and cannot be finished`);
    this.#sync.markAll(emptyFiles(this.metainfo));
    const identities = await this.#sync.finish();
    if (root.kind === 'folder') await syncFolders(root.path, this.metainfo);
    const moved = this.#move(identities);
    this.#phase = { kind: 'moving', moved: moved.catch(() => {}) };
    await moved;
    return names.final;
  }

  async #move(identities: readonly (FileIdentity | undefined)[]): Promise<void> {
    const { names, root, files, journal, lock, clock, logger } = this.#part;
    await this.#activity.idle();
    await files.close();
    try {
      await moveIntoPlace(root, names.final);
    } catch (error) {
      this.#phase = { kind: 'fetching' };
      throw error;
    }
    this.#phase = { kind: 'whole', source: new SourceStore(this.#contentAt(identities), { clock }) };
    // The content is whole and in place: what goes wrong from here on costs nothing but tidiness.
    const tidying = [
      () => syncFolder(names.outDir),
      () => journal.remove(),
      () => journal.close(),
      () => lock.release(),
    ];
    for (const step of tidying)
      await step().catch((error: unknown) => logger.warn({ error }, 'could not tidy up after the fetch'));
  }

  #contentAt(identities: readonly (FileIdentity | undefined)[]): SharedContent {
    const { metainfo } = this;
    const files = metainfo.files.map((file, position): SourceFile => {
      const identity = identities[position] ?? { size: 0, mtimeNs: 0n, inode: 0n, device: 0n };
      return { absolutePath: finalFilePath(this.#part.names, file), length: file.length, identity };
    });
    return { metainfo, files, crc32s: this.#crc32s };
  }

  async #closePart(): Promise<void> {
    const { files, journal, lock } = this.#part;
    await this.#activity.idle();
    await this.#sync.idle();
    try {
      await files.close();
      if (await this.#removeEmpty()) return;
      // A disk too full for the mark only makes the next run look twice.
      await journal.append({ kind: 'closed' }).catch(() => {});
      await journal.close();
    } finally {
      await lock.release();
    }
  }

  /** A part that was made here and never got a piece is nothing to go on with, and would only be in the way. */
  async #removeEmpty(): Promise<boolean> {
    const { root, names, journal, logger } = this.#part;
    if (!root.empty || this.have.count > 0) return false;
    try {
      await rm(names.part, { recursive: true, force: true });
      await journal.remove();
      await journal.close();
      return true;
    } catch (error) {
      logger.warn({ error }, 'could not remove an empty part');
      return false;
    }
  }

  #closedError(): LanshareError {
    return new LanshareError('INTERRUPTED', `the fetch of ${this.metainfo.name} was stopped`);
  }
}

async function syncFolders(root: string, metainfo: Metainfo): Promise<void> {
  await inLanes(foldersBelow(root, metainfo), FILE_CALLS_AT_ONCE, syncFolder);
}

/** They have no piece whose arrival would make them. */
function emptyFiles(metainfo: Metainfo): readonly number[] {
  return [...metainfo.files.entries()].filter(([, file]) => file.length === 0).map(([position]) => position);
}
