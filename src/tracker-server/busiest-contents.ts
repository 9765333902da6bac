import { infoHashOf } from './registry/info-hash-words.ts';
import type { Swarm } from './registry/swarm.ts';
import type { TrackedContent } from './tracker-server-api.ts';

/** The contents with the most peers, the first of them first; of as many, those that were known first. */
export function busiestContents(
  swarms: Iterable<Swarm>,
  most: number,
  nameOf: (infoHash: TrackedContent['infoHash']) => string | undefined,
): readonly TrackedContent[] {
  // Most of a hundred thousand contents are passed over with one comparison.
  const busiest: { readonly swarm: Swarm; readonly peers: number }[] = [];
  for (const swarm of swarms) {
    const peers = swarm.seeders + swarm.leechers;
    if (busiest.length >= most && peers <= (busiest.at(-1)?.peers ?? Number.POSITIVE_INFINITY)) continue;
    const at = busiest.findIndex((other) => other.peers < peers);
    busiest.splice(at < 0 ? busiest.length : at, 0, { swarm, peers });
    busiest.length = Math.min(busiest.length, most);
  }
  return busiest.map(({ swarm }) => {
    const { seeders, leechers, completed } = swarm;
    const infoHash = infoHashOf(swarm.infoHash);
    return { infoHash, name: nameOf(infoHash), seeders, leechers, completed };
  });
}
