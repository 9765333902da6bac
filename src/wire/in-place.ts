/** Below it, what is missing and the frames behind it are better received together. */
export const LEAST_RECEIVED_IN_PLACE_BYTES = 16 * 1024;

/** The bytes were received where they belong, at `filled` in `target`. */
export function isInPlace(part: Uint8Array, target: Uint8Array, filled: number): boolean {
  return part.buffer === target.buffer && part.byteOffset === target.byteOffset + filled;
}
