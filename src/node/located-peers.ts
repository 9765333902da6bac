import { LSD_ANSWERS_ENOUGH, LSD_CALL_AFTER_MS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Timer } from '../platform/clock.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeContext } from './context.ts';
import type { Place } from './finder.ts';

/**
 * Hands the swarm whoever is located to take part in the content, by a protocol that knows places and no peers (BEP
 * 14), until the returned function is called. One that has everything calls, too: a BitTorrent client that has just
 * come may wait a minute for our next announcement.
 */
export function followLocated(
  { finder, clock, random }: NodeContext,
  swarm: Swarm,
  infoHash: InfoHash,
  isPrivate: () => boolean,
): () => void {
  const waiting = new Set<Timer>();
  const call = ({ endpoint, infoHash }: Place): void =>
    swarm.learn(endpoint, undefined, 'bittorrent', infoHash);
  const stop = finder.onLocated((place) => {
    if (!swarm.isNamed(place.infoHash) || isPrivate()) return;
    if (!swarm.complete) return call(place);
    // Of many who have everything, a few are enough.
    if (random.next() * finder.table.holdersOf(infoHash).length > LSD_ANSWERS_ENOUGH) return;
    const heardAt = clock.now();
    const timer = clock.setTimer(LSD_CALL_AFTER_MS, () => {
      waiting.delete(timer);
      if (!hasComeSince(swarm, heardAt)) call(place);
    });
    waiting.add(timer);
  });
  return () => {
    stop();
    for (const timer of waiting) timer.cancel();
  };
}

/** Who knows us in a better way has come by it meanwhile, and over the network that suits it best. */
function hasComeSince(swarm: Swarm, time: number): boolean {
  for (const { openedAt } of swarm.sessions) if (openedAt >= time) return true;
  return false;
}
