import { MAX_PIECE_LENGTH_BYTES, MAX_TIME_MS, MIN_PIECE_LENGTH_BYTES } from '../../limits.ts';

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/**
 * Bytes, written as GNU coreutils read sizes: `K`, `Ki` and `KiB` are 1024, `KB` is 1000; case does not
 * matter. Undefined where the text is no size, or not one of at least one byte.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)(i?)(b?)$/i.exec(text);
  if (match === null) return undefined;
  const [, digits = '', prefix = '', binary = '', unit = ''] = match;
  if (prefix === '' && binary !== '') return undefined;
  const base = unit !== '' && binary === '' ? 1000 : 1024;
  const bytes = Math.round(Number(digits) * base ** (POWERS[prefix.toLowerCase()] ?? 0));
  return Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : undefined;
}

/** Bytes a second: a size with or without `/s`. */
export function parseRate(text: string): number | undefined {
  return parseSize(text.replace(/\/s$/i, ''));
}

/** A size that can be a piece length: a power of two within the limits. */
export function parsePieceLength(text: string): number | undefined {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes < MIN_PIECE_LENGTH_BYTES || bytes > MAX_PIECE_LENGTH_BYTES)
    return undefined;
  return Number.isInteger(Math.log2(bytes)) ? bytes : undefined;
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; a number without a unit is seconds. Undefined where it is no time or longer than a timer can wait. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)?$/i.exec(text);
  if (match === null) return undefined;
  const [, digits = '', unit = 's'] = match;
  const ms = Math.round(Number(digits) * (MILLISECONDS[unit.toLowerCase()] ?? Number.NaN));
  return ms <= MAX_TIME_MS ? ms : undefined;
}
