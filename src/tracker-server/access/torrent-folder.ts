import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { MAX_TORRENT_BYTES, MAX_WHITELIST_WARNINGS, MAX_WHITELISTED_TORRENTS } from '../../limits.ts';
import { readTorrent } from '../../metainfo/parse-torrent.ts';
import { type ServedContent, servedContent } from './served-contents.ts';

/** What the .torrent files of a folder describe, and what is the matter with the others. */
export interface TorrentFolderReading {
  readonly contents: readonly ServedContent[];
  /** Sentences that have not been given before. */
  readonly faults: readonly string[];
  /** Whether the contents are others than the last time. */
  readonly changed: boolean;
}

type ReadFile =
  | { readonly kind: 'content'; readonly state: string; readonly content: ServedContent }
  | { readonly kind: 'fault'; readonly state: string; readonly fault: string };

/** The .torrent files in a folder, not below it. A file that is as it was is not read again. */
export class TorrentFolder {
  readonly #directory: string;
  readonly #most: number;
  /** By file name. */
  #files: ReadonlyMap<string, ReadFile> = new Map();
  #hadTooMany = false;

  constructor(directory: string, most = MAX_WHITELISTED_TORRENTS) {
    this.#directory = directory;
    this.#most = most;
  }

  /** Rejects with a disk error where the folder itself cannot be read. */
  async read(): Promise<TorrentFolderReading> {
    const before = this.#files;
    const names = await this.#names();
    const files = new Map<string, ReadFile>();
    for (const name of names.slice(0, this.#most)) {
      const file = await this.#readOne(name, before.get(name));
      if (file !== undefined) files.set(name, file);
    }
    this.#files = files;
    return {
      contents: [...files.values()].flatMap((file) => (file.kind === 'content' ? file.content : [])),
      faults: [...fewest(newFaults(files, before)), ...this.#tooMany(names.length)],
      changed: files.size !== before.size || [...files].some(([name, file]) => before.get(name) !== file),
    };
  }

  /** In the same order each time, so that the same ones are read where there are too many. */
  async #names(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#directory);
      return names.filter((name) => name.endsWith('.torrent')).sort();
    } catch (error) {
      throw diskError(error, 'read', this.#directory);
    }
  }

  /** Undefined where it is no file, or no longer there. */
  async #readOne(name: string, before: ReadFile | undefined): Promise<ReadFile | undefined> {
    const file = path.join(this.#directory, name);
    try {
      const found = await stat(file);
      if (!found.isFile()) return undefined;
      const state = `${found.mtimeMs} ${found.size} ${found.ino}`;
      if (before?.state === state) return before;
      if (found.size > MAX_TORRENT_BYTES) return faulty(state, `${file} is too large for a .torrent file`);
      return described(file, state, await readFile(file));
    } catch (error) {
      const fault = diskError(error, 'read', file);
      if (fault.code === 'NO_SUCH_PATH') return undefined;
      const state = systemErrorCode(error) ?? fault.message;
      return before?.state === state ? before : faulty(state, fault.message);
    }
  }

  #tooMany(count: number): readonly string[] {
    const hadTooMany = this.#hadTooMany;
    this.#hadTooMany = count > this.#most;
    if (!this.#hadTooMany || hadTooMany) return [];
    return [`${this.#directory} has ${count} .torrent files; the first ${this.#most} are used`];
  }
}

function described(file: string, state: string, bytes: Uint8Array): ReadFile {
  try {
    return { kind: 'content', state, content: servedContent(readTorrent(bytes).torrent.metainfo) };
  } catch (error) {
    if (!(error instanceof LanshareError)) throw error;
    return faulty(state, `${file} is left out: ${error.message}`);
  }
}

function faulty(state: string, fault: string): ReadFile {
  return { kind: 'fault', state, fault };
}

function newFaults(files: ReadonlyMap<string, ReadFile>, before: ReadonlyMap<string, ReadFile>): string[] {
  return [...files].flatMap(([name, file]) =>
    file.kind === 'fault' && before.get(name) !== file ? [file.fault] : [],
  );
}

function fewest(faults: readonly string[]): readonly string[] {
  const others = faults.length - MAX_WHITELIST_WARNINGS;
  if (others <= 1) return faults;
  return [...faults.slice(0, MAX_WHITELIST_WARNINGS), `${others} more .torrent files are left out`];
}
