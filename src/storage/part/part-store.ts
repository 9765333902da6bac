import { rm } from 'node:fs/promises';
import { LanshareError } from '../../errors.ts';
import { type Metainfo, type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import { Bitfield } from '../../pieces/bitfield.ts';
import { goalOf, type PieceGoal } from '../../pieces/piece-goal.ts';
import { Activity } from '../activity.ts';
import type { ContentStore } from '../content-store.ts';
import { SourceStore } from '../source-store.ts';
import type { OpenedPart } from './opened-part.ts';
import { PartSync } from './part-sync.ts';
import {
  emptyFiles,
  type Identities,
  placedFiles,
  placePart,
  removeRemains,
  syncNames,
} from './place-part.ts';
import { syncFolder } from './sync-folder.ts';

type Phase =
  | { readonly kind: 'fetching' }
  /** The final step, a few milliseconds; reads wait for its end. */
  | { readonly kind: 'moving'; readonly moved: Promise<unknown> }
  /** With what is left of the part beside it: pieces of files that were not wanted. */
  | { readonly kind: 'placed'; readonly source: SourceStore; readonly partIsGone: boolean }
  | { readonly kind: 'closed' };

/**
 * A content that is being fetched: a part file (or folder) with a resume record beside it. Only `finish` gives
 * it its name, or the wanted files theirs; from then on it is served from there like any shared content, and watched for
 * changes.
 */
export class PartStore implements ContentStore {
  readonly metainfo: Metainfo;
  readonly have: Bitfield;
  readonly goal: PieceGoal;
  readonly #part: OpenedPart;
  readonly #sync: PartSync;
  readonly #crc32s: Uint32Array;
  readonly #activity = new Activity();
  #phase: Phase = { kind: 'fetching' };
  #piecesWritten = 0;
  readonly #writing = new Map<PieceIndex, Promise<void>>();
  #finishing: Promise<string> | undefined;
  #closing: Promise<void> | undefined;

  constructor(part: OpenedPart) {
    const { metainfo, wanted, files, journal, verified } = part;
    this.metainfo = metainfo;
    this.#part = part;
    this.#sync = new PartSync(metainfo, files, (error) => {
      part.logger.error({ error }, 'the disk did not keep written data');
      // Where even this cannot be written, the disk is gone and the record with it.
      journal.append({ kind: 'distrust' }).catch(() => {});
    });
    this.have = new Bitfield(metainfo.pieceCount);
    this.goal = goalOf(metainfo, this.have, wanted);
    // Of an unhashed content none are kept: each is undefined then.
    this.#crc32s = new Uint32Array(metainfo.version === 'unhashed' ? 0 : metainfo.pieceCount);
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
      case 'placed':
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
      case 'placed':
        await phase.source.close();
        return phase.partIsGone ? undefined : await this.#closeRemains();
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
      this.#sync.wrote(segments.filter(({ file }) => !this.#part.places.isPlaced(file)));
      this.#piecesWritten++;
      // What is unhashed cannot be believed later: there will be nothing to resume.
      if (this.metainfo.version !== 'unhashed')
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
    const { layout, places } = this.#part;
    for (const index of pieces)
      for (const { file } of layout.onDisk(index)) if (!places.isPlaced(file)) files.add(file);
    return files;
  }

  /** Data, fsync, rename, and only then the record goes. */
  async #finish(): Promise<string> {
    const { names } = this.#part;
    if (this.#phase.kind === 'closed') throw this.#closedError();
    if (!this.goal.reached)
      throw new LanshareError('INTERNAL', `${this.metainfo.name} still lacks pieces and cannot be finished`);
    this.#sync.markAll(emptyFiles(this.#part));
    const identities = await this.#sync.finish();
    await syncNames(this.#part);
    const moved = this.#move(identities);
    this.#phase = { kind: 'moving', moved: moved.catch(() => {}) };
    await moved;
    return names.final;
  }

  async #move(identities: Identities): Promise<void> {
    const { names, files, clock } = this.#part;
    await this.#activity.idle();
    await files.close();
    try {
      await placePart(this.#part);
    } catch (error) {
      this.#phase = { kind: 'fetching' };
      throw error;
    }
    const { metainfo, have } = this;
    const placed = { metainfo, have, crc32s: this.#crc32s, files: placedFiles(this.#part, identities) };
    const source = new SourceStore(placed, { clock });
    // All is in place: what goes wrong from here on costs nothing but tidiness.
    await this.#tidy(() => syncFolder(names.outDir));
    this.#phase = { kind: 'placed', source, partIsGone: await this.#removePart() };
  }

  /** Resolves with whether nothing of the part is left, and its record and lock neither. */
  async #removePart(): Promise<boolean> {
    const { journal, lock } = this.#part;
    const isGone = await this.#tidy(() => removeRemains(this.#part));
    if (isGone !== true) return false;
    await this.#tidy(() => journal.remove());
    await this.#tidy(() => journal.close());
    await this.#tidy(() => lock.release());
    return true;
  }

  async #tidy<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.#part.logger.warn({ error }, 'could not tidy up after the fetch');
      return undefined;
    }
  }

  async #closePart(): Promise<void> {
    const { files, lock } = this.#part;
    await this.#activity.idle();
    await this.#sync.idle();
    try {
      await files.close();
      if (await this.#removeEmpty()) return;
      await this.#closeJournal();
    } finally {
      await lock.release();
    }
  }

  async #closeRemains(): Promise<void> {
    try {
      await this.#closeJournal();
    } finally {
      await this.#part.lock.release();
    }
  }

  async #closeJournal(): Promise<void> {
    const { journal } = this.#part;
    // A disk too full for the mark only makes the next run look twice.
    await journal.append({ kind: 'closed' }).catch(() => {});
    await journal.close();
  }

  /** A part that was made here and never got a piece is nothing to go on with, and would only be in the way. */
  async #removeEmpty(): Promise<boolean> {
    const { root, names, journal, logger } = this.#part;
    if (!root.empty || this.#piecesWritten > 0) return false;
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
