import type { PeerId } from '../holdings/holding.ts';
import type { KnownHolders } from './known-holders.ts';
import type { Prospect } from './lacking.ts';
import type { SwarmState } from './swarm-state.ts';

/** What a peer that is not linked could give, as things are now. */
export function prospectsOf(
  { exchange, pieceCount }: SwarmState,
  holders: KnownHolders,
): (peerId: PeerId | undefined) => Prospect {
  if (exchange === undefined) return () => ({ kind: 'unknown' });
  const { lacking } = exchange;
  lacking.update();
  return (peerId) =>
    lacking.prospect(peerId === undefined ? undefined : holders.announced(peerId, pieceCount));
}
