/**
 * The order of files in a content: part by part, each by its UTF-8 bytes. It is the order of a v2 file tree
 * (BEP 52), and it puts all that lies in a folder directly behind the folder's name.
 */
export function comparePaths(one: readonly string[], other: readonly string[]): number {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) {
    const difference = compareUtf8(one[at] ?? '', other[at] ?? '');
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** As Buffer.compare of the UTF-8 bytes, without making them. */
function compareUtf8(one: string, other: string): number {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) {
    const left = one.charCodeAt(at);
    const right = other.charCodeAt(at);
    if (left !== right) return utf8Rank(left) - utf8Rank(right);
  }
  return one.length - other.length;
}

/** UTF-16 puts surrogates before U+E000 to U+FFFF; in UTF-8 what they stand for comes behind. */
function utf8Rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
