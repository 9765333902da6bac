import { PROBE_GIVEN_PIECES } from '../../../limits.ts';
import { type PieceIndex, pieceIndex } from '../../../metainfo/metainfo.ts';
import type { Bitfield } from '../../../pieces/bitfield.ts';

/** Which pieces the probe says it has: some that the program lacks, the last one among them, and one that it has. */
export interface Claims {
  readonly atFirst: readonly PieceIndex[];
  /** One that the program lacks, told with a `have`; undefined where there is none. */
  readonly later: PieceIndex | undefined;
}

/** Never all pieces of the file: when everybody has everything, the program would end. */
export function planClaims(held: Bitfield): Claims {
  const lacked = lackedPieces(held).slice(0, Math.max(0, held.size - 1));
  const later = lacked.length > 1 ? lacked.pop() : undefined;
  const claimed = lacked.length + (later === undefined ? 0 : 1);
  const known = firstHeld(held);
  const atFirst = known !== undefined && claimed + 1 < held.size ? [...lacked, known] : lacked;
  return { atFirst, later };
}

/** One more than is given; the last piece of the file comes first. */
function lackedPieces(held: Bitfield): PieceIndex[] {
  const lacked: PieceIndex[] = [];
  for (let at = -1; at < held.size - 1 && lacked.length <= PROBE_GIVEN_PIECES; at++) {
    const index = pieceIndex(at === -1 ? held.size - 1 : at, held.size);
    if (index !== undefined && !held.has(index)) lacked.push(index);
  }
  return lacked;
}

export function firstHeld(held: Bitfield): PieceIndex | undefined {
  for (const index of held.held()) return index;
  return undefined;
}
