/** A bitfield of the right length, with the bits behind the last piece cleared, and whether any was set. */
export function clearSpareBits(
  bits: Uint8Array,
  pieceCount: number,
): { readonly cleared: Uint8Array; readonly hadSpareBits: boolean } {
  const spare = bits.length * 8 - pieceCount;
  const mask = (1 << spare) - 1;
  const last = bits.at(-1) ?? 0;
  if ((last & mask) === 0) return { cleared: bits, hadSpareBits: false };
  const cleared = Uint8Array.from(bits);
  cleared[bits.length - 1] = last & ~mask;
  return { cleared, hadSpareBits: true };
}
