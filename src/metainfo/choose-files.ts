import { LanshareError } from '../errors.ts';
import { MAX_FILE_RANGES } from '../limits.ts';
import { type FileRange, parseFileRanges } from './file-ranges.ts';
import { composed, matchesPath, type PathPattern, parsePathPattern } from './glob.ts';
import type { Metainfo } from './metainfo.ts';

/** What is wanted of a content: each entry adds files to the choice. */
export type FileChoice = readonly ChosenFiles[];

export type ChosenFiles =
  /** Counted from 1, as the list of files shows them, without padding. */
  | { readonly kind: 'numbers'; readonly text: string; readonly range: FileRange }
  | { readonly kind: 'pattern'; readonly text: string; readonly pattern: PathPattern }
  /** Places in the torrent's own list, from 0: `so` of a magnet link (BEP 53). */
  | { readonly kind: 'positions'; readonly range: FileRange };

/** Indexes in `metainfo.files`, never of padding. */
export type WantedFiles = ReadonlySet<number>;

/**
 * Reads `1,3-5,*.flac`: numbers, ranges of them, and patterns, with commas between them; `\,` is a comma in a name.
 * Undefined where an entry is empty, a range runs backwards, or there are too many.
 */
export function parseFileChoice(text: string): FileChoice | undefined {
  const entries = splitAtCommas(text);
  if (entries.length > MAX_FILE_RANGES) return undefined;
  const choice: ChosenFiles[] = [];
  for (const entry of entries) {
    const chosen = parseEntry(entry);
    if (chosen === undefined) return undefined;
    choice.push(chosen);
  }
  return choice;
}

/** The same for what a magnet link chooses. */
export function choiceOfPositions(ranges: readonly FileRange[]): FileChoice {
  return ranges.map((range) => ({ kind: 'positions', range }));
}

/**
 * The files that are chosen; undefined for all of them. Throws USAGE where an entry chooses nothing, because then it was
 * meant otherwise.
 */
export function chooseFiles(metainfo: Metainfo, choice: FileChoice): WantedFiles | undefined {
  const listed = listedFiles(metainfo);
  const wanted = new Set<number>();
  for (const chosen of choice) for (const file of filesOf(chosen, metainfo, listed)) wanted.add(file);
  return wanted.size === listed.length ? undefined : wanted;
}

/** Index in `metainfo.files` of each file that is shown: padding has no number. */
function listedFiles({ files }: Metainfo): readonly number[] {
  return [...files.keys()].filter((file) => files[file]?.padding === false);
}

function filesOf(chosen: ChosenFiles, metainfo: Metainfo, listed: readonly number[]): readonly number[] {
  switch (chosen.kind) {
    case 'numbers':
      return numbered(chosen, metainfo, listed);
    case 'pattern':
      return matching(chosen, metainfo, listed);
    case 'positions':
      return positioned(chosen.range, metainfo, listed);
  }
}

function numbered(
  { text, range }: { readonly text: string; readonly range: FileRange },
  metainfo: Metainfo,
  listed: readonly number[],
): readonly number[] {
  if (range.first === 0) throw noSuchFile('there is no file 0: numbers start at 1');
  if (range.last > listed.length)
    throw noSuchFile(`"${text}" chooses file ${range.last}, and ${counted(metainfo, listed)}`);
  return listed.slice(range.first - 1, range.last);
}

/** A path is taken as the list shows it, with the content's name in front, and as it is below that. */
function matching(
  { text, pattern }: { readonly text: string; readonly pattern: PathPattern },
  metainfo: Metainfo,
  listed: readonly number[],
): readonly number[] {
  const { files, name } = metainfo;
  const found = listed.filter((file) => {
    const path = composed([name, ...(files[file]?.path ?? [])]);
    return matchesPath(pattern, path) || (path.length > 1 && matchesPath(pattern, path.slice(1)));
  });
  if (found.length === 0) throw noSuchFile(`"${text}" matches no file of ${name}`);
  return found;
}

function positioned(range: FileRange, metainfo: Metainfo, listed: readonly number[]): readonly number[] {
  // What pads a content of v2 alone stands in no torrent, and has no place in its list.
  const places = metainfo.version === 'v2' ? listed : [...metainfo.files.keys()];
  if (range.last >= places.length)
    throw noSuchFile(
      `the link chooses file ${range.last}, counted from 0 (so=), and ${counted(metainfo, listed)}`,
    );
  const found = places
    .slice(range.first, range.last + 1)
    .filter((file) => metainfo.files[file]?.padding === false);
  if (found.length === 0) throw noSuchFile('the link chooses padding, which is no file (so=)');
  return found;
}

function parseEntry(text: string): ChosenFiles | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,7}(?:-\d{1,7})?$/.test(text)) return { kind: 'pattern', text, pattern: parsePathPattern(text) };
  const [range] = parseFileRanges(text) ?? [];
  return range === undefined ? undefined : { kind: 'numbers', text, range };
}

/** At those that no backslash stands before. Backslashes stay: they are the pattern's. */
function splitAtCommas(text: string): readonly string[] {
  const entries: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      entries.push(text.slice(start, at));
      start = at + 1;
    }
  }
  entries.push(text.slice(start));
  return entries.map((entry) => entry.trim());
}

function counted({ name }: Metainfo, listed: readonly number[]): string {
  return `${name} has ${listed.length === 1 ? 'one file' : `${listed.length} files`}`;
}

function noSuchFile(sentence: string): LanshareError {
  return new LanshareError(
    'USAGE',
    sentence,
    'lanshare fetch --list-files FILE.torrent shows the files and their numbers',
  );
}
