import fs, { type BigIntStats } from 'node:fs';
import { diskError, LanshareError } from '../../errors.ts';
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
import { existsAlready } from '../out-folder.ts';
import type { FilePlaces } from './file-places.ts';
import { fileMode, type PartRoot } from './part-root.ts';
import { isPlace } from './safe-folder.ts';
import { strange, strangeFile } from './strange-file.ts';

export interface PartFilesOptions {
  readonly metainfo: Metainfo;
  readonly layout: Layout;
  readonly root: PartRoot;
  readonly places: FilePlaces;
}

/** The files of a part: made when their first byte arrives, opened without following links. */
export class PartFiles {
  readonly #metainfo: Metainfo;
  readonly #layout: Layout;
  readonly #root: PartRoot;
  readonly #places: FilePlaces;
  readonly #open: OpenFiles;
  /** Files that an earlier run or this one has made; any other that turns up is not ours. */
  readonly #made = new Set<number>();

  constructor({ metainfo, layout, root, places }: PartFilesOptions, options: OpenFilesOptions) {
    this.#metainfo = metainfo;
    this.#layout = layout;
    this.#root = root;
    this.#places = places;
    this.#open = new OpenFiles((file) => this.#openFile(file), options);
    if (root.kind === 'file') this.#made.add(0);
  }

  /** For messages; not looked at. */
  pathOf(file: number): string {
    return this.#places.pathOf(file);
  }

  /** What an earlier run left of a file; undefined where it made none. */
  async find(file: number): Promise<BigIntStats | undefined> {
    const stats = (await this.#places.findPlaced(file)) ?? (await this.#places.findInPart(file));
    if (stats !== undefined) this.#made.add(file);
    return stats;
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

  /** The segments must lie on disk. What is placed is compared: EXISTS_DIFFERENT where it is another file. */
  async write(segments: readonly Segment[], content: Uint8Array): Promise<void> {
    await this.#each(segments, async (segment) => {
      const { file, fileOffset, start, length } = segment;
      if (this.#places.isPlaced(file)) await this.#compare(segment, content);
      else
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

  async #compare({ file, fileOffset, start, length }: Segment, content: Uint8Array): Promise<void> {
    const there = Buffer.allocUnsafe(length);
    await this.use(file, 'read', async ({ descriptor }) => {
      const count = await readAt(descriptor, there, 0, length, fileOffset);
      if (count < length || !there.equals(content.subarray(start, start + length)))
        throw existsAlready(this.pathOf(file), ', is different (wrong content)');
    });
  }

  #isPadding(file: number): boolean {
    return this.#metainfo.files[file]?.padding === true;
  }

  async #openFile(file: number): Promise<number> {
    if (this.#places.isPlaced(file)) return await this.#openPlaced(file);
    const create = !this.#made.has(file);
    const path = await this.#places.checkedPath(file, { create });
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

  /** It is the user's now: only read. */
  async #openPlaced(file: number): Promise<number> {
    const path = await this.#places.checkedPath(file, { create: false });
    const flags = fs.constants.O_RDONLY | NO_FOLLOW | (fs.constants.O_NONBLOCK ?? 0);
    const descriptor = await openDescriptor(path, flags).catch((error: unknown) => {
      throw strangeFile(error, path) ?? error;
    });
    const stats = await statDescriptor(descriptor);
    if (stats.isFile()) return descriptor;
    await closeDescriptor(descriptor);
    throw strange(path, 'is not a file');
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

function changedBySomebody(path: string): LanshareError {
  return new LanshareError(
    'SHARE_CHANGED',
    `${path} was changed while it was fetched`,
    'run the same command again',
  );
}
