/**
 * Whether a client would rather have a page for people than JSON (RFC 9110 section 12.5.1). Browsers name text/html;
 * who takes anything, as curl does, or says nothing, gets JSON.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',', MAX_RANGES).map(readRange);
  return weight(ranges, 'text', 'html') > weight(ranges, 'application', 'json');
}

/** Browsers send up to ten. */
const MAX_RANGES = 32;

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.toLowerCase().split(';', MAX_RANGES);
  const weights = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]);
  return { type: type.trim(), weight: Number(weights.find((found) => found !== undefined) ?? 1) };
}

/** That of the most specific range that fits; 0 where none does. */
function weight(ranges: readonly MediaRange[], type: string, subtype: string): number {
  for (const name of [`${type}/${subtype}`, `${type}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === name);
    if (range !== undefined) return range.weight;
  }
  return 0;
}
