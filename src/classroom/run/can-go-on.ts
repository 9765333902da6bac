import type { Bitfield } from '../../pieces/bitfield.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';

/** Whether one of the two has what the other lacks. */
export function canGoOnWith(
  { wanted, theirs }: Pick<PeerSession, 'wanted' | 'theirs'>,
  ours: Readonly<Pick<Bitfield, 'bytes'>>,
): boolean {
  return wanted > 0 || ours.bytes.some((byte, at) => (byte & ~(theirs.bytes[at] ?? 0)) !== 0);
}
