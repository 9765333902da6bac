import { MAX_FILE_RANGES, MAX_FILES } from '../limits.ts';

/** Positions in a list of files, both ends included. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `0,2,4-7` (BEP 53); undefined where it is anything else, or more than a torrent can have. */
export function parseFileRanges(text: string): readonly FileRange[] | undefined {
  const parts = text.split(',', MAX_FILE_RANGES + 1);
  if (parts.length > MAX_FILE_RANGES) return undefined;
  const ranges: FileRange[] = [];
  for (const part of parts) {
    const [, from, to = from] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part) ?? [];
    if (from === undefined || to === undefined) return undefined;
    const range = { first: Number(from), last: Number(to) };
    if (range.first > range.last || range.last > MAX_FILES) return undefined;
    ranges.push(range);
  }
  return ranges;
}

export function formatFileRanges(ranges: readonly FileRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
