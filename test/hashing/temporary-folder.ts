import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Contents by path; a path with a slash makes its folders. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

/** A new folder with these files in it, removed when the test ends. */
export async function temporaryFolder(tree: Tree = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lanshare-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await fill(folder, tree);
  return folder;
}

export async function fill(folder: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Bytes that differ from place to place, the same in every run. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + Math.floor(i / 251)) % 256);
}
