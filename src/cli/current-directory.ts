import type { Environment } from './host.ts';

/**
 * The directory that relative paths start from. Where it was deleted the system knows none, and the name that the
 * shell gave it does: what needs the directory then says that it is not there, and the rest works.
 */
export function currentDirectory(read: () => string, env: Environment): string {
  try {
    return read();
  } catch {
    const { PWD: named = '' } = env;
    return named.startsWith('/') ? named : '/nonexistent';
  }
}
