import { systemErrorCode } from '../errors.ts';
import { MAX_OPEN_FILES } from '../limits.ts';
import { closeDescriptor } from '../platform/file-calls.ts';

/** A file that is open and may be in use by several reads and writes at once. */
export interface OpenFile {
  /** Index in `metainfo.files`. */
  readonly file: number;
  readonly descriptor: number;
}

export interface OpenFilesOptions {
  readonly limit?: number;
  readonly closeFailed?: (error: unknown) => void;
}

interface Entry extends OpenFile {
  users: number;
}

/**
 * The open files of one content, bounded: the one that was used longest ago is closed for the next, never one
 * in use. Who holds a file must not wait for another, so that waiting for a place always ends.
 */
export class OpenFiles {
  readonly #openFile: (file: number) => Promise<number>;
  readonly #limit: number;
  readonly #closeFailed: (error: unknown) => void;
  /** Least recently used first. */
  readonly #open = new Map<number, Entry>();
  readonly #opening = new Map<number, Promise<Entry>>();
  readonly #closing = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];

  /**
   * `openFile` resolves with a descriptor; its errors go to whoever wanted the file. `closeFailed` hears of
   * written data that a network file system could not keep.
   */
  constructor(
    openFile: (file: number) => Promise<number>,
    { limit = MAX_OPEN_FILES, closeFailed = () => {} }: OpenFilesOptions = {},
  ) {
    this.#openFile = openFile;
    this.#limit = limit;
    this.#closeFailed = closeFailed;
  }

  /** Files open now. */
  get count(): number {
    return this.#open.size;
  }

  /** Opens the file or shares the one that is open. Every acquire is followed by one `release`. */
  async acquire(file: number): Promise<OpenFile> {
    for (;;) {
      const open = this.#share(file);
      if (open !== undefined) return open;
      const opening = this.#opening.get(file);
      if (opening !== undefined) await opening;
      else if (this.#makeRoom()) return await this.#openNow(file);
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  release(open: OpenFile): void {
    const entry = this.#open.get(open.file);
    if (entry === undefined || entry.users === 0) throw new RangeError(`file ${open.file} is not in use`);
    entry.users--;
    if (entry.users === 0) this.#waiting.shift()?.();
  }

  /** Closes all. To be called when no file is in use. */
  async close(): Promise<void> {
    while (this.#closeIdle());
    await Promise.all(this.#closing);
  }

  #share(file: number): Entry | undefined {
    const entry = this.#open.get(file);
    if (entry === undefined) return undefined;
    this.#open.delete(file);
    this.#open.set(file, entry);
    entry.users++;
    return entry;
  }

  #makeRoom(): boolean {
    return this.#open.size + this.#opening.size < this.#limit || this.#closeIdle();
  }

  async #openNow(file: number): Promise<Entry> {
    const opening = this.#descriptorFor(file).then((descriptor) => {
      const entry: Entry = { file, descriptor, users: 1 };
      this.#open.set(file, entry);
      return entry;
    });
    this.#opening.set(file, opening);
    try {
      return await opening;
    } catch (error) {
      this.#waiting.shift()?.();
      throw error;
    } finally {
      this.#opening.delete(file);
    }
  }

  /** The process, not this content, may have run out of descriptors; then one of ours makes room. */
  async #descriptorFor(file: number): Promise<number> {
    for (;;) {
      try {
        return await this.#openFile(file);
      } catch (error) {
        if (systemErrorCode(error) !== 'EMFILE' || !this.#closeIdle()) throw error;
        await Promise.all(this.#closing);
      }
    }
  }

  #closeIdle(): boolean {
    for (const [file, entry] of this.#open) {
      if (entry.users > 0) continue;
      this.#open.delete(file);
      const closing = closeDescriptor(entry.descriptor)
        .catch(this.#closeFailed)
        .finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
      return true;
    }
    return false;
  }
}
