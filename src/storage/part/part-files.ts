import fs, { type BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { inLanes } from '../../hashing/lanes.ts';
import { FILE_CALLS_AT_ONCE } from '../../limits.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import {
  closeDescriptor,
  NO_FOLLOW,
  openDescriptor,
  readAt,
  statDescriptor,
  truncateTo,
  writeAt,
} from '../../platform/file-calls.ts';
import type { Layout, Segment } from '../layout.ts';
import { type OpenFile, OpenFiles, type OpenFilesOptions } from '../open-files.ts';
import { fileMode, type PartRoot } from './part-root.ts';
import { isPlace, SafeFolder } from './safe-folder.ts';
import { strange, strangeFile } from './strange-file.ts';

/** The files of a part: made when their first byte arrives, opened without following links. */
export class PartFiles {
  readonly #metainfo: Metainfo;
  readonly #layout: Layout;
  readonly #root: PartRoot;
  readonly #folder: SafeFolder;
  readonly #open: OpenFiles;
  /** Files that an earlier run or this one has made; any other that turns up is not ours. */
  readonly #made = new Set<number>();

  constructor(metainfo: Metainfo, layout: Layout, root: PartRoot, options: OpenFilesOptions) {
    this.#metainfo = metainfo;
    this.#layout = layout;
    this.#root = root;
    this.#folder = new SafeFolder(root.path, root.place);
    this.#open = new OpenFiles((file) => this.#openFile(file), options);
    if (root.kind === 'file') this.#made.add(0);
  }

  /** For messages; not looked at. */
  pathOf(file: number): string {
    const parts = this.#metainfo.files[file]?.path ?? [];
    return parts.length === 0 ? this.#root.path : this.#folder.join(parts);
  }

  /** What an earlier run left of a file; undefined where it made none. */
  async find(file: number): Promise<BigIntStats | undefined> {
    try {
      const stats = await lstat(await this.#checkedPath(file, { create: false }), { bigint: true });
      if (!stats.isFile()) throw strange(this.pathOf(file), 'is not a file');
      this.#made.add(file);
      return stats;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw diskError(error, 'look at', this.pathOf(file));
    }
  }

  /** Rejects with SHARE_CHANGED where a file is shorter than what was written to it. */
  async read(segments: readonly Segment[], target: Uint8Array): Promise<void> {
    await this.#each(segments, async ({ file, fileOffset, start, length }) => {
      if (this.#isPadding(file)) target.fill(0, start, start + length);
      else
        await this.use(file, 'read', async ({ descriptor }) => {
          const count = await readAt(descriptor, target, start, length, fileOffset);
          if (count < length) throw changedBySomebody(this.pathOf(file));
        });
    });
  }

  /** The segments must lie on disk. */
  async write(segments: readonly Segment[], content: Uint8Array): Promise<void> {
    await this.#each(segments, async ({ file, fileOffset, start, length }) => {
      await this.use(file, 'write', ({ descriptor }) =>
        writeAt(descriptor, content, start, length, fileOffset),
      );
    });
  }

  /** Makes a file, or opens it, for `work`. A system error becomes a sentence about `action` and its path. */
  async use(file: number, action: string, work: (open: OpenFile) => Promise<void>): Promise<void> {
    try {
      const open = await this.#open.acquire(file);
      try {
        await work(open);
      } finally {
        this.#open.release(open);
      }
    } catch (error) {
      throw diskError(error, action, this.pathOf(file));
    }
  }

  /** To be called when nothing is being read or written. */
  async close(): Promise<void> {
    await this.#open.close();
  }

  async #each(segments: readonly Segment[], run: (segment: Segment) => Promise<void>): Promise<void> {
    const [only] = segments;
    if (only !== undefined && segments.length === 1) await run(only);
    else await inLanes(segments, FILE_CALLS_AT_ONCE, run);
  }

  #isPadding(file: number): boolean {
    return this.#metainfo.files[file]?.padding === true;
  }

  async #checkedPath(file: number, options: { readonly create: boolean }): Promise<string> {
    const parts = this.#metainfo.files[file]?.path ?? [];
    return this.#root.kind === 'file' ? this.#root.path : await this.#folder.pathOf(parts, options);
  }

  async #openFile(file: number): Promise<number> {
    const create = !this.#made.has(file);
    const path = await this.#checkedPath(file, { create });
    const descriptor = await this.#openDescriptor(file, path, create);
    try {
      this.#made.add(file);
      const found = create ? undefined : await statDescriptor(descriptor);
      if (found !== undefined) this.#inspect(path, found);
      await this.#fixLength(file, descriptor, found);
      return descriptor;
    } catch (error) {
      await closeDescriptor(descriptor);
      throw error;
    }
  }

  async #openDescriptor(file: number, path: string, create: boolean): Promise<number> {
    const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
    const mode = fileMode(this.#metainfo.files[file] ?? { executable: false });
    try {
      return await openDescriptor(path, O_RDWR | NO_FOLLOW | (create ? O_CREAT | O_EXCL : 0), mode);
    } catch (error) {
      throw strangeFile(error, path) ?? error;
    }
  }

  #inspect(path: string, stats: BigIntStats): void {
    if (!stats.isFile()) throw strange(path, 'is not a file');
    if (stats.nlink > 1n) throw strange(path, 'is a file with several names (hard links)');
    if (this.#root.kind === 'file' && !isPlace(this.#root.place, stats))
      throw strange(path, 'was exchanged for another file');
  }

  /**
   * A file that grows piece by piece gets its length at once, as a hole: a disk that cannot hold it says so now.
   * One that an earlier run left shorter or longer gets it too.
   */
  async #fixLength(file: number, descriptor: number, found: BigIntStats | undefined): Promise<void> {
    const { length } = this.#metainfo.files[file] ?? { length: 0 };
    const pieces = this.#layout.piecesOf(file);
    const oneWrite = pieces === undefined || pieces.first === pieces.last;
    const fits = found === undefined ? oneWrite : found.size === BigInt(length);
    if (!fits) await truncateTo(descriptor, length);
  }
}

function isMissing(error: unknown): boolean {
  if (error instanceof LanshareError) return error.code === 'NO_SUCH_PATH';
  return systemErrorCode(error) === 'ENOENT';
}

function changedBySomebody(path: string): LanshareError {
  return new LanshareError(
    'SHARE_CHANGED',
    `${path} was changed while it was fetched`,
    'run the same command again',
  );
}
