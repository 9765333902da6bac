import type { BigIntStats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { diskError, type LanshareError, systemErrorCode } from '../../errors.ts';
import { pathFault } from '../../metainfo/safe-name.ts';
import { unsafeName } from '../../metainfo/torrent-fault.ts';
import { strange } from './strange-file.ts';

/** A file or folder told from every other one on this machine. */
export interface Place {
  readonly device: bigint;
  readonly inode: bigint;
}

export function isPlace(place: Place, stats: BigIntStats): boolean {
  return stats.dev === place.device && stats.ino === place.inode;
}

/**
 * A folder below which names from a torrent are opened. Every folder on the way down is looked at when a file is
 * opened: it must be a real folder, so that a symbolic link planted at any time leads nowhere. Node has no
 * openat(2); between the look and the opening only the owner of the part could exchange a folder, and a part
 * of another owner is refused when it is opened (part-root.ts).
 */
export class SafeFolder {
  readonly #root: string;
  readonly #place: Place;
  /** Looks under way, shared by the files of a folder that are opened at the same moment. Never kept longer. */
  readonly #looks = new Map<string, Promise<void>>();

  constructor(root: string, place: Place) {
    this.#root = root;
    this.#place = place;
  }

  /** The path of a file, after its folders have been looked at, and made with `create`. */
  async pathOf(parts: readonly string[], { create }: { readonly create: boolean }): Promise<string> {
    const file = this.join(parts);
    await this.#look(parts.slice(0, -1), create);
    return file;
  }

  /** Names were checked when the torrent was parsed; this is the second lock on the same door. */
  join(parts: readonly string[]): string {
    const fault = pathFault(parts);
    if (fault !== undefined) throw unsafeName(fault);
    const joined = path.join(this.#root, ...parts);
    if (!joined.startsWith(this.#root + path.sep)) throw unsafeName('a file of it has no name');
    return joined;
  }

  #look(folders: readonly string[], create: boolean): Promise<void> {
    const key = `${create} ${folders.join('/')}`;
    const running = this.#looks.get(key);
    if (running !== undefined) return running;
    const look = this.#lookNow(folders, create).finally(() => this.#looks.delete(key));
    this.#looks.set(key, look);
    return look;
  }

  async #lookNow(folders: readonly string[], create: boolean): Promise<void> {
    if (folders.length === 0) return await this.#lookAtRoot();
    await this.#look(folders.slice(0, -1), create);
    const folder = this.join(folders);
    try {
      const stats = await lstat(folder).catch((error: unknown) => {
        if (!create || systemErrorCode(error) !== 'ENOENT') throw error;
        return makeFolder(folder);
      });
      if (!stats.isDirectory()) throw notAFolder(folder, stats.isSymbolicLink());
    } catch (error) {
      throw diskError(error, 'open', folder);
    }
  }

  async #lookAtRoot(): Promise<void> {
    try {
      const stats = await lstat(this.#root, { bigint: true });
      if (!stats.isDirectory()) throw notAFolder(this.#root, stats.isSymbolicLink());
      if (!isPlace(this.#place, stats)) throw strange(this.#root, 'was exchanged for another folder');
    } catch (error) {
      throw diskError(error, 'open', this.#root);
    }
  }
}

async function makeFolder(folder: string): Promise<Awaited<ReturnType<typeof lstat>>> {
  await mkdir(folder).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  });
  return await lstat(folder);
}

function notAFolder(folder: string, link: boolean): LanshareError {
  return strange(folder, link ? 'is a symbolic link' : 'is a file');
}
