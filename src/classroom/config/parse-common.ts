import { MAX_CONFIG_NOTES, MAX_PIECES } from '../../limits.ts';
import { namePartFault } from '../../metainfo/safe-name.ts';
import { COMMON_KEYS, type CommonKey, type CommonNumberKey, commonKey, numberRule } from './common-keys.ts';
import { type ConfigPlace, configFault, placeText, quoted } from './config-fault.ts';
import { type ConfigLine, configLines, withoutComment } from './config-lines.ts';
import { type CommonConfig, pieceCountOf } from './project.ts';
import { wholeNumber } from './whole-number.ts';

export interface ParsedCommonConfig {
  readonly common: CommonConfig;
  /** A sentence for each line that is left out, or for the first of many. */
  readonly notes: readonly string[];
}

/**
 * Keys in any order and case, with a blank, `=` or `:` before the value.
 *
 * @throws LanshareError BAD_CONFIG with file and line.
 */
export function parseCommonConfig(text: string, file = 'Common.cfg'): ParsedCommonConfig {
  const { entries, notes } = readEntries(text, file);
  const common: CommonConfig = {
    preferredNeighbors: numberOf('preferredNeighbors', entries, file),
    unchokingIntervalSeconds: numberOf('unchokingIntervalSeconds', entries, file),
    optimisticUnchokingIntervalSeconds: numberOf('optimisticUnchokingIntervalSeconds', entries, file),
    fileName: fileNameOf(entries, file),
    fileSize: numberOf('fileSize', entries, file),
    pieceSize: numberOf('pieceSize', entries, file),
  };
  refuseTooManyPieces(common, { file, line: entries.get('pieceSize')?.line });
  return { common, notes };
}

interface Entry {
  readonly value: string;
  readonly line: number;
}

type Entries = ReadonlyMap<CommonKey, Entry>;

function readEntries(
  text: string,
  file: string,
): { readonly entries: Entries; readonly notes: readonly string[] } {
  const entries = new Map<CommonKey, Entry>();
  const notes: string[] = [];
  for (const line of configLines(text)) {
    const place = { file, line: line.number };
    const { word, value } = keyAndValue(line);
    const key = commonKey(word);
    if (key === undefined) {
      notes.push(`${placeText(place)}: ${quoted(word)} is no key of this file; the line is left out`);
      continue;
    }
    const earlier = entries.get(key);
    if (earlier !== undefined) throw repeated(key, earlier.line, place);
    entries.set(key, { value, line: line.number });
  }
  return { entries, notes: fewNotes(notes, file) };
}

function fewNotes(notes: readonly string[], file: string): readonly string[] {
  const more = notes.length - MAX_CONFIG_NOTES;
  if (more <= 0) return notes;
  return [
    ...notes.slice(0, MAX_CONFIG_NOTES),
    `${file}: ${more} more lines are left out for the same reason`,
  ];
}

function keyAndValue({ text }: ConfigLine): { readonly word: string; readonly value: string } {
  const [, word = text, value = ''] = /^([^\s=:]+)\s*[=:]?\s*(.*)$/s.exec(text) ?? [];
  return { word, value };
}

function repeated(key: CommonKey, earlierLine: number, place: ConfigPlace): Error {
  return configFault(
    place,
    `${COMMON_KEYS[key].name} stands in line ${earlierLine} already`,
    'take one of the two lines away',
  );
}

/** The entry of a key that has to be there, with a value. */
function entryOf(key: CommonKey, entries: Entries, file: string): Entry {
  const { name, example } = COMMON_KEYS[key];
  const hint = `write a line such as "${name} ${example}"`;
  const entry = entries.get(key);
  if (entry === undefined) throw configFault({ file, line: undefined }, `${name} is missing`, hint);
  if (entry.value === '') throw configFault({ file, line: entry.line }, `${name} has no value`, hint);
  return entry;
}

function numberOf(key: CommonNumberKey, entries: Entries, file: string): number {
  const { value, line } = entryOf(key, entries, file);
  return wholeNumber(withoutComment(value), numberRule(key), { file, line });
}

function fileNameOf(entries: Entries, file: string): string {
  const { value, line } = entryOf('fileName', entries, file);
  const fault = namePartFault(value);
  if (fault === undefined) return value;
  throw configFault(
    { file, line },
    `the FileName ${quoted(value)} ${fault}`,
    'write the bare name of the file; where it lies follows from the peer',
  );
}

function refuseTooManyPieces(common: CommonConfig, place: ConfigPlace): void {
  const count = pieceCountOf(common);
  if (count <= MAX_PIECES) return;
  throw configFault(
    place,
    `a PieceSize of ${common.pieceSize} makes ${count} pieces of the file, more than ${MAX_PIECES}`,
    `take a PieceSize of ${Math.ceil(common.fileSize / MAX_PIECES)} or more`,
  );
}
