import fs, { type BigIntStats, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../errors.ts';
import { MAX_FILES, MAX_HASH_LANES } from '../limits.ts';
import { inContentOrder } from '../metainfo/create-torrent.ts';
import { printableName } from '../metainfo/printable-name.ts';
import { pathFault } from '../metainfo/safe-name.ts';
import { identityOf } from './file-identity.ts';
import type { SourceFile } from './hashed-content.ts';
import { inLanes } from './lanes.ts';

/** A file that is to be shared, as it was when it was found. */
export interface ListedFile extends SourceFile {
  /** Below the folder; empty where the file itself was named. */
  readonly path: readonly string[];
  readonly executable: boolean;
  /** Nanoseconds since 1970; unlike mtime it cannot be set back. */
  readonly ctimeNs: bigint;
}

export interface FileListing {
  readonly sourcePath: string;
  /** The last part of the path; empty for the root of a file system. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** In content order. */
  readonly files: readonly ListedFile[];
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
}

/** lanshare's own unfinished fetches. */
const UNFINISHED = /\.lanshare-(?:part|resume)$/;

/**
 * Finds what is to be shared at `path`: a file, or all files of a folder and its folders. Links to files are
 * followed; links to folders, broken links, sockets, pipes and devices are left out with a warning.
 * Rejects with NO_SUCH_PATH, NOT_PERMITTED, NO_FILES, USAGE (a name, or too many files) or INTERRUPTED.
 */
export async function listFiles(path: string, signal?: AbortSignal): Promise<FileListing> {
  const sourcePath = resolve(path);
  const name = basename(sourcePath);
  const stats = await statPath(sourcePath).catch((error: unknown) => {
    throw diskError(error, 'read', sourcePath);
  });
  if (stats.isFile()) {
    const files = [listedFile(sourcePath, [], stats)];
    return { sourcePath, name, kind: 'file', files, warnings: [] };
  }
  if (!stats.isDirectory()) throw noFiles(`${sourcePath} is neither a file nor a folder`);
  const walk = new Walk(sourcePath, signal);
  await walk.run();
  if (walk.files.length === 0) throw noFiles(`there are no files in ${sourcePath}`);
  return { sourcePath, name, kind: 'folder', files: inContentOrder(walk.files), warnings: walk.warnings };
}

/** Goes down a folder level by level, so that the calls under way are bounded by one number. */
class Walk {
  readonly files: ListedFile[] = [];
  readonly warnings: string[] = [];
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;

  constructor(root: string, signal: AbortSignal | undefined) {
    this.#root = root;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    for (let folders: (readonly string[])[] = [[]]; folders.length > 0; ) {
      const entries = await this.#readFolders(folders);
      folders = entries.filter(({ type }) => type === 'folder').map(({ path }) => path);
      const others = entries.filter(({ type }) => type !== 'folder');
      await inLanes(others, MAX_HASH_LANES, (entry) => this.#add(entry), this.#signal);
    }
  }

  async #readFolders(folders: readonly (readonly string[])[]): Promise<Entry[]> {
    const found: Entry[] = [];
    const readFolder = async (folder: readonly string[]): Promise<void> => {
      const entries = await readdir(this.#absolute(folder), { withFileTypes: true }).catch(
        (error: unknown) => {
          throw this.#pathError(error, folder);
        },
      );
      for (const entry of entries) {
        if (UNFINISHED.test(entry.name)) continue;
        found.push({ path: [...folder, entry.name], type: typeOf(entry) });
      }
    };
    await inLanes(folders, MAX_HASH_LANES, readFolder, this.#signal);
    return found;
  }

  async #add(entry: Entry): Promise<void> {
    if (entry.type === 'other') return this.#leaveOut(entry, 'it is no regular file');
    const stats = await this.#stat(entry);
    if (stats === undefined) return this.#leaveOut(entry, 'it is a link to nothing');
    if (stats.isDirectory()) return this.#leaveOut(entry, 'it is a link to a folder');
    if (!stats.isFile()) return this.#leaveOut(entry, 'it is no regular file');
    const fault = pathFault(entry.path);
    if (fault !== undefined) throw this.#unsafe(fault);
    if (this.files.length === MAX_FILES) throw tooManyFiles(this.#root);
    this.files.push(listedFile(this.#absolute(entry.path), entry.path, stats));
  }

  /** Undefined for a link to nothing. */
  async #stat(entry: Entry): Promise<BigIntStats | undefined> {
    try {
      return await statPath(this.#absolute(entry.path));
    } catch (error) {
      if (entry.type === 'link' && ['ENOENT', 'ELOOP'].includes(systemErrorCode(error) ?? ''))
        return undefined;
      throw this.#pathError(error, entry.path);
    }
  }

  #leaveOut(entry: Entry, why: string): void {
    this.warnings.push(`left out ${printableName(this.#absolute(entry.path))}: ${why}`);
  }

  /** Node reads a name that is not UTF-8 with U+FFFD in it, and under that name there is nothing. */
  #pathError(error: unknown, path: readonly string[]): LanshareError {
    const mangled = systemErrorCode(error) === 'ENOENT' && path.some((part) => part.includes('\ufffd'));
    if (mangled) return this.#unsafe(`the name "${printableName(path.join('/'))}" is not valid UTF-8`);
    return diskError(error, 'read', this.#absolute(path));
  }

  #unsafe(fault: string): LanshareError {
    return new LanshareError(
      'USAGE',
      `cannot share ${this.#root}: ${fault}`,
      'rename it, or move it out of the folder',
    );
  }

  #absolute(path: readonly string[]): string {
    return join(this.#root, ...path);
  }
}

interface Entry {
  readonly path: readonly string[];
  readonly type: 'file' | 'folder' | 'link' | 'other';
}

function typeOf(entry: Dirent): Entry['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function listedFile(absolutePath: string, path: readonly string[], stats: BigIntStats): ListedFile {
  const identity = identityOf(stats);
  const executable = (stats.mode & 0o100n) !== 0n;
  return { absolutePath, path, length: identity.size, identity, executable, ctimeNs: stats.ctimeNs };
}

function statPath(path: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.stat(path, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

function noFiles(message: string): LanshareError {
  return new LanshareError('NO_FILES', message, 'name a file, or a folder with files in it');
}

function tooManyFiles(root: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `there are more than ${MAX_FILES} files in ${root}`,
    'share its folders one by one, or pack it into one file',
  );
}
