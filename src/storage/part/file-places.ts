import type { BigIntStats } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { identityOf } from '../../hashing/file-identity.ts';
import type { FileIdentity } from '../../hashing/hashed-content.ts';
import type { WantedFiles } from '../../metainfo/choose-files.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { existsAlready } from '../out-folder.ts';
import type { PartRoot } from './part-root.ts';
import { isPlace, SafeFolder } from './safe-folder.ts';
import { strange } from './strange-file.ts';

/**
 * Where each file of a part lies: below the part's own name, or placed already under its final one. A placed file is
 * read and never written. Only wanted files are looked for under their final names: what became of others is the
 * user's business.
 */
export class FilePlaces {
  readonly #metainfo: Metainfo;
  readonly #root: PartRoot;
  readonly #part: SafeFolder;
  readonly #wanted: WantedFiles | undefined;
  #final: SafeFolder | undefined;
  /** As it was before its pieces were compared with their hashes; undefined for what this run has placed. */
  readonly #placed = new Map<number, FileIdentity | undefined>();

  /** `final`: the folder that bears the content's final name, where there is one. */
  constructor(
    metainfo: Metainfo,
    root: PartRoot,
    final: PartRoot | undefined,
    wanted: WantedFiles | undefined,
  ) {
    this.#metainfo = metainfo;
    this.#root = root;
    this.#part = new SafeFolder(root.path, root.place);
    this.#wanted = wanted;
    if (final !== undefined) this.openFinal(final);
  }

  get hasFinal(): boolean {
    return this.#final !== undefined;
  }

  openFinal({ path, place }: PartRoot): void {
    this.#final = new SafeFolder(path, place);
  }

  isPlaced(file: number): boolean {
    return this.#placed.has(file);
  }

  placed(): Iterable<number> {
    return this.#placed.keys();
  }

  identityOfPlaced(file: number): FileIdentity | undefined {
    return this.#placed.get(file);
  }

  setPlaced(file: number): void {
    this.#placed.set(file, undefined);
  }

  /** For messages; not looked at. */
  pathOf(file: number): string {
    const folder = this.isPlaced(file) ? (this.#final ?? this.#part) : this.#part;
    return this.#isRoot(file) ? this.#root.path : folder.join(this.#partsOf(file));
  }

  /** After the folders on the way have been looked at; with `create` they are made. */
  async checkedPath(file: number, options: { readonly create: boolean }): Promise<string> {
    if (this.isPlaced(file) && this.#final !== undefined)
      return await this.#final.pathOf(this.#partsOf(file), { create: false });
    return await this.partPath(file, options);
  }

  async partPath(file: number, options: { readonly create: boolean }): Promise<string> {
    return this.#isRoot(file) ? this.#root.path : await this.#part.pathOf(this.#partsOf(file), options);
  }

  /** Below the folder with the final name, which must be open; folders are made. */
  async finalPath(file: number): Promise<string> {
    if (this.#final === undefined) throw new RangeError('nothing bears the final name yet');
    return await this.#final.pathOf(this.#partsOf(file), { create: true });
  }

  /** Rejects with EXISTS_DIFFERENT where something else bears the file's final name. Undefined where nothing does. */
  async findPlaced(file: number): Promise<BigIntStats | undefined> {
    const final = this.#final;
    if (final === undefined || this.#wanted?.has(file) === false) return undefined;
    const path = final.join(this.#partsOf(file));
    try {
      const stats = await lstat(await final.pathOf(this.#partsOf(file), { create: false }), { bigint: true });
      if (!stats.isFile()) throw existsAlready(path, ', is different (not a file)');
      if (stats.size !== BigInt(this.#metainfo.files[file]?.length ?? 0))
        throw existsAlready(path, ', is different (wrong size)');
      this.#placed.set(file, identityOf(stats));
      return stats;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw diskError(error, 'look at', path);
    }
  }

  /** What an earlier run left of a file; undefined where it made none. */
  async findInPart(file: number): Promise<BigIntStats | undefined> {
    try {
      const path = await this.partPath(file, { create: false });
      const stats = await lstat(path, { bigint: true });
      if (!stats.isFile()) throw strange(this.pathOf(file), 'is not a file');
      if (stats.nlink === 1n || !(await this.#isAlsoFinal(file, stats))) return stats;
      // Killed between the two steps of placing it: it is the user's now.
      await unlink(path);
      return undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw diskError(error, 'look at', this.pathOf(file));
    }
  }

  async #isAlsoFinal(file: number, stats: BigIntStats): Promise<boolean> {
    if (this.#final === undefined) return false;
    try {
      const path = await this.#final.pathOf(this.#partsOf(file), { create: false });
      return isPlace({ device: stats.dev, inode: stats.ino }, await lstat(path, { bigint: true }));
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  #isRoot(file: number): boolean {
    return this.#root.kind === 'file' || this.#partsOf(file).length === 0;
  }

  #partsOf(file: number): readonly string[] {
    return this.#metainfo.files[file]?.path ?? [];
  }
}

function isMissing(error: unknown): boolean {
  if (error instanceof LanshareError) return error.code === 'NO_SUCH_PATH';
  return systemErrorCode(error) === 'ENOENT';
}
