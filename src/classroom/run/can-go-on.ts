import type { Bitfield } from '../../pieces/bitfield.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';

type HeldBits = Readonly<Pick<Bitfield, 'bytes'>>;

/** Whether one of the two has what the other lacks. */
export function canGoOnWith(
  { wanted, theirs }: Pick<PeerSession, 'wanted' | 'theirs'>,
  ours: HeldBits,
): boolean {
  return wanted > 0 || lacksSomeOf(theirs, ours);
}

/** Whether we have a piece that they lack. */
export function lacksSomeOf(theirs: HeldBits, ours: HeldBits): boolean {
  return ours.bytes.some((byte, at) => (byte & ~(theirs.bytes[at] ?? 0)) !== 0);
}
