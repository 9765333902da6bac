import { constants } from 'node:fs';
import { diskError } from '../errors.ts';
import { closeDescriptor, openDescriptor, readAt, statDescriptor } from '../platform/file-calls.ts';
import { identityOf } from './file-identity.ts';
import type { FileIdentity } from './hashed-content.ts';

/** What a pass needs to know of a file. */
export interface PassFile {
  readonly absolutePath: string;
  /** Bytes that will be asked for, all in all. */
  readonly length: number;
}

interface OpenPassFile {
  readonly descriptor: Promise<number>;
  unread: number;
}

/**
 * Reads each file once from start to end, in any order and several runs at once. A file is opened at its first
 * read and closed after its last, so a folder of any size needs few descriptors.
 */
export class FilePass {
  readonly #files: readonly PassFile[];
  readonly #open = new Map<number, OpenPassFile>();
  readonly #whole: (file: number, identity: FileIdentity) => void;

  /** `whole` is told the state of each file after its last read; what it throws goes to who read. */
  constructor(files: readonly PassFile[], whole: (file: number, identity: FileIdentity) => void = () => {}) {
    this.#files = files;
    this.#whole = whole;
  }

  /** Resolves with the bytes read: fewer than `target` holds where the file ends. Rejects with a disk error. */
  async read(file: number, position: number, target: Uint8Array): Promise<number> {
    const { absolutePath, length } = this.#file(file);
    const open = this.#open.get(file) ?? this.#openFile(file, absolutePath, length);
    try {
      const descriptor = await open.descriptor;
      const count = await readAt(descriptor, target, 0, target.length, position);
      open.unread -= target.length;
      if (open.unread === 0) await this.#finish(file, descriptor);
      return count;
    } catch (error) {
      throw diskError(error, 'read', absolutePath);
    }
  }

  /** Closes what is still open; to be called when no read is under way. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async ({ descriptor }) => closeDescriptor(await descriptor)));
  }

  #openFile(file: number, path: string, length: number): OpenPassFile {
    const open = { descriptor: openDescriptor(path, constants.O_RDONLY), unread: length };
    this.#open.set(file, open);
    return open;
  }

  async #finish(file: number, descriptor: number): Promise<void> {
    this.#open.delete(file);
    try {
      this.#whole(file, identityOf(await statDescriptor(descriptor)));
    } finally {
      await closeDescriptor(descriptor);
    }
  }

  #file(index: number): PassFile {
    const file = this.#files[index];
    if (file === undefined) throw new RangeError(`there is no file ${index}`);
    return file;
  }
}
