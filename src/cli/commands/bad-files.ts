import { MAX_SHOWN_BAD_FILES } from '../../limits.ts';
import type { Verified } from '../output/events.ts';

type BadFiles = Verified['badFiles'];

/** The first few, and how many more there are. A file that only shares a piece with a bad one must not hide that one. */
export function shownBadFiles(badFiles: BadFiles): { readonly shown: BadFiles; readonly more: number } {
  const certain = badFiles.filter((bad) => !isUnproven(bad));
  const shown = [...certain, ...badFiles.filter(isUnproven)].slice(0, MAX_SHOWN_BAD_FILES);
  return { shown, more: badFiles.length - shown.length };
}

function isUnproven({ reason }: BadFiles[number]): boolean {
  return reason === 'unproven';
}
