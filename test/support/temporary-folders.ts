import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Folders for one test file; `remove` in its afterEach takes them away. */
export class TemporaryFolders {
  readonly #made: string[] = [];

  async make(parent: string = tmpdir()): Promise<string> {
    const folder = await mkdtemp(path.join(parent, 'lanshare-vitest-'));
    this.#made.push(folder);
    return folder;
  }

  async remove(): Promise<void> {
    for (const folder of this.#made.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}
