/**
 * A bencoded dictionary of values that are encoded already; its keys, text or bytes, are sorted by their bytes as BEP 3
 * wants it. `encodeBencode` is for all that does without keys beyond ASCII and bytes that must stay as they are.
 */
export function encodeDictionary(
  entries: Iterable<readonly [key: string | Uint8Array, value: Uint8Array]>,
): Uint8Array {
  const sorted = [...entries]
    .map(([key, value]) => [Buffer.from(key), value] as const)
    .sort(([one], [other]) => Buffer.compare(one, other));
  const parts = sorted.flatMap(([key, value]) => [Buffer.from(`${key.length}:`), key, value]);
  return Buffer.concat([Buffer.from('d'), ...parts, Buffer.from('e')]);
}
