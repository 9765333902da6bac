import { statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

const isRoot = process.geteuid?.() === 0;

/** Root may read everything, so it becomes nobody for a while; nobody must be able to get to the folder. */
export const canBeDenied =
  !isRoot || ancestors(tmpdir()).every((path) => (statSync(path).mode & 0o001) !== 0);

/** Runs with the rights of an ordinary user. Only where `canBeDenied`. */
export async function withoutPrivileges(folder: string, run: () => Promise<void>): Promise<void> {
  await chmod(folder, 0o755);
  if (isRoot) process.seteuid?.(65_534);
  try {
    await run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

function ancestors(path: string): string[] {
  return dirname(path) === path ? [path] : [path, ...ancestors(dirname(path))];
}
