import { type FSWatcher, watch } from 'node:fs';
import { asLanshareError } from '../../errors.ts';
import { WHITELIST_REREAD_MS, WHITELIST_SETTLE_MS } from '../../limits.ts';
import { type Clock, repeat, type Timer } from '../../platform/clock.ts';
import type { ServedContent } from './served-contents.ts';
import { TorrentFolder } from './torrent-folder.ts';

export interface WhitelistOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Told what is there, unless it is nothing, and whenever that changes. */
  readonly onContents: (contents: readonly ServedContent[]) => void;
  /** A sentence each, once. */
  readonly onWarning: (message: string) => void;
}

export interface Whitelist {
  close(): Promise<void>;
}

/**
 * Reads a folder of .torrent files, and again when it changes: as soon as the system says so, and every
 * WHITELIST_REREAD_MS, for on network file systems it says nothing. Rejects with a disk error where the folder cannot be
 * read; when that happens later, what was read last holds.
 */
export async function openWhitelist(options: WhitelistOptions): Promise<Whitelist> {
  const whitelist = new WatchedWhitelist(options);
  await whitelist.begin();
  return whitelist;
}

class WatchedWhitelist implements Whitelist {
  readonly #options: WhitelistOptions;
  readonly #folder: TorrentFolder;
  #watcher: FSWatcher | undefined;
  #regular: Timer | undefined;
  #settling: Timer | undefined;
  /** The reading under way; it never rejects. */
  #reading: Promise<void> | undefined;
  #changedMeanwhile = false;
  #isUnreadable = false;
  #isClosed = false;

  constructor(options: WhitelistOptions) {
    this.#options = options;
    this.#folder = new TorrentFolder(options.directory);
  }

  async begin(): Promise<void> {
    await this.#read();
    const { clock } = this.#options;
    this.#regular = repeat(clock, WHITELIST_REREAD_MS, () => this.#readSoon());
    this.#watcher = this.#watch();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#regular?.cancel();
    this.#settling?.cancel();
    this.#watcher?.close();
    await this.#reading;
  }

  /** Undefined where the system has no more watches: the folder is read again all the same, only later. */
  #watch(): FSWatcher | undefined {
    const { directory, clock } = this.#options;
    try {
      const watcher = watch(directory, { persistent: false }, () => {
        // A file that is being copied changes many times.
        this.#settling ??= clock.setTimer(WHITELIST_SETTLE_MS, () => this.#readSoon());
      });
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  #readSoon(): void {
    this.#settling?.cancel();
    this.#settling = undefined;
    if (this.#isClosed) return;
    if (this.#reading !== undefined) {
      this.#changedMeanwhile = true;
      return;
    }
    this.#reading = this.#readAgain().finally(() => {
      this.#reading = undefined;
      if (!this.#changedMeanwhile) return;
      this.#changedMeanwhile = false;
      this.#readSoon();
    });
  }

  async #readAgain(): Promise<void> {
    try {
      await this.#read();
      this.#isUnreadable = false;
    } catch (error) {
      if (this.#isUnreadable || this.#isClosed) return;
      this.#isUnreadable = true;
      this.#options.onWarning(`${asLanshareError(error).message}; the contents known so far are served`);
    }
  }

  async #read(): Promise<void> {
    const { contents, faults, changed } = await this.#folder.read();
    if (this.#isClosed) return;
    for (const fault of faults) this.#options.onWarning(fault);
    if (changed) this.#options.onContents(contents);
  }
}
