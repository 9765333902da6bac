import { isAbsolute, relative } from 'node:path';
import { printableName } from '../../metainfo/printable-name.ts';

/** A path for a person: from the current directory where it lies below it; parts of it may come from a peer. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  const below = short !== '' && !short.startsWith('..') && !isAbsolute(short);
  return printableName(below ? short : path);
}
