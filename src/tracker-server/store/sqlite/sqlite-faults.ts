import { diskError, LanshareError } from '../../../errors.ts';
import { SqlFault } from './sqlite-thread.ts';

/** A failure of the thread as a sentence about the file. Codes are those of sqlite.org/rescode.html, extended ones longer. */
export function sqliteError(error: unknown, action: string, path: string): LanshareError {
  if (!(error instanceof SqlFault)) return diskError(error, action, path);
  const cause = { cause: error };
  const is = (...codes: readonly string[]): boolean => codes.some((code) => error.code.startsWith(code));
  if (is('SQLITE_BUSY', 'SQLITE_LOCKED'))
    return new LanshareError(
      'IN_USE',
      `${path} is in use by another tracker`,
      'stop that one, or give this one a file of its own (--store sqlite:PATH)',
      cause,
    );
  if (is('SQLITE_NOTADB')) return foreignFile(path, cause);
  if (is('SQLITE_CORRUPT')) return damagedFile(path, error.message, cause);
  if (is('SQLITE_FULL')) return diskError(systemError('ENOSPC'), action, path);
  if (is('SQLITE_READONLY', 'SQLITE_PERM', 'SQLITE_AUTH'))
    return diskError(systemError('EACCES'), action, path);
  if (is('MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'))
    return new LanshareError(
      'USAGE',
      `SQLite cannot be used on this machine (${process.platform} ${process.arch}): there is no program code for it`,
      'install without --omit=optional, or use another --store',
      cause,
    );
  return diskError(error, action, path);
}

export function damagedFile(path: string, how: string, options?: { cause: unknown }): LanshareError {
  return new LanshareError(
    'DISK',
    `${path} is damaged: ${how}`,
    'move it away, and the tracker begins with a new one',
    options,
  );
}

export function foreignFile(path: string, options?: { cause: unknown }): LanshareError {
  return new LanshareError(
    'DISK',
    `${path} is not a tracker's store`,
    'give the tracker a file of its own (--store sqlite:PATH)',
    options,
  );
}

export function newerFile(path: string): LanshareError {
  return new LanshareError(
    'DISK',
    `${path} was written by a newer lanshare`,
    'update lanshare, or use another file',
  );
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
