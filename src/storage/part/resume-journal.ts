import fs from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { diskError, systemErrorCode } from '../../errors.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import {
  closeDescriptor,
  NO_FOLLOW,
  openDescriptor,
  readAt,
  statDescriptor,
  syncData,
  writeAt,
} from '../../platform/file-calls.ts';
import {
  ENTRY_BYTES,
  encodeEntry,
  encodeHeader,
  HEADER_BYTES,
  parseRecord,
  type RecordEntry,
  type RecordHeader,
  type ResumeRecord,
} from './resume-record.ts';

/** A record as it lies on disk, with the time of its last entry. */
export type FoundRecord =
  | { readonly kind: 'absent' }
  | { readonly record: ResumeRecord; readonly kind: 'found'; readonly changedNs: bigint };

/** A symbolic link or anything else that is not a file is not read: it counts as damaged. */
export async function readRecord(path: string, pieceCount: number): Promise<FoundRecord> {
  let descriptor: number;
  try {
    descriptor = await openDescriptor(
      path,
      fs.constants.O_RDONLY | NO_FOLLOW | (fs.constants.O_NONBLOCK ?? 0),
    );
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { kind: 'absent' };
    return { kind: 'found', record: { kind: 'damaged' }, changedNs: 0n };
  }
  try {
    const { size, mtimeNs } = await statDescriptor(descriptor);
    // Twice the pieces: one may have been written again, and there are marks.
    const most = HEADER_BYTES + ENTRY_BYTES * (2 * pieceCount + 64);
    const bytes = Buffer.alloc(Math.min(Number(size), most));
    const length = await readAt(descriptor, bytes, 0, bytes.length, 0);
    return { kind: 'found', record: parseRecord(bytes.subarray(0, length)), changedNs: mtimeNs };
  } catch (error) {
    throw diskError(error, 'read', path);
  } finally {
    await closeDescriptor(descriptor);
  }
}

/** A new record that is not yet in force: the one of an earlier run stays until `publish`. */
export class RecordDraft {
  /** Who owns what this process creates here. */
  readonly owner: bigint;
  readonly #path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number, owner: bigint) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.owner = owner;
  }

  /** Only under the part's lock. */
  static async create(path: string): Promise<RecordDraft> {
    const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
    try {
      await removeIfThere(draftPath(path));
      const descriptor = await openDescriptor(draftPath(path), O_RDWR | O_CREAT | O_EXCL | NO_FOLLOW, 0o644);
      return new RecordDraft(path, descriptor, (await statDescriptor(descriptor)).uid);
    } catch (error) {
      throw diskError(error, 'create', draftPath(path));
    }
  }

  /** Takes the place of an earlier record, in one step; is on the disk when the promise resolves. */
  async publish(
    header: RecordHeader,
    pieces: Iterable<readonly [PieceIndex, number]>,
  ): Promise<ResumeJournal> {
    const head = encodeHeader(header);
    const chunks = [head];
    for (const [index, crc32] of pieces) chunks.push(encodeEntry({ kind: 'piece', index, crc32 }, head));
    const bytes = Buffer.concat(chunks);
    try {
      await writeAt(this.#descriptor, bytes, 0, bytes.length, 0);
      await syncData(this.#descriptor);
      await rename(draftPath(this.#path), this.#path);
    } catch (error) {
      throw diskError(error, 'write', this.#path);
    }
    return new ResumeJournal(this.#path, this.#descriptor, head, bytes.length);
  }

  async discard(): Promise<void> {
    await closeDescriptor(this.#descriptor);
    await removeIfThere(draftPath(this.#path));
  }
}

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/** Appends to the record in force. Entries that arrive during a write go together into the next one. */
export class ResumeJournal {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #header: Buffer;
  /** Where the next entry goes. Positions, not O_APPEND: an entry torn by a full disk is written over. */
  #end: number;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(path: string, descriptor: number, header: Buffer, end: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#header = header;
    this.#end = end;
  }

  /** Resolves when the kernel has it, which outlives this process. */
  append(entry: RecordEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: encodeEntry(entry, this.#header), resolve, reject });
      if (!this.#writing) void this.#writeWaiting();
    });
  }

  /** To be called when nothing is being appended. */
  async close(): Promise<void> {
    await closeDescriptor(this.#descriptor);
  }

  async remove(): Promise<void> {
    try {
      await removeIfThere(this.#path);
    } catch (error) {
      throw diskError(error, 'remove', this.#path);
    }
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const bytes = Buffer.concat(batch.map((waiting) => waiting.bytes));
      try {
        await writeAt(this.#descriptor, bytes, 0, bytes.length, this.#end);
        this.#end += bytes.length;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(diskError(error, 'write', this.#path));
      }
    }
    this.#writing = false;
  }
}

export async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  });
}

function draftPath(path: string): string {
  return `${path}~`;
}
