import type { Swarm } from './swarm.ts';

/** What went, how much was looked at, and where to go on in the same swarm; undefined when it is done. */
export interface Swept {
  readonly peers: number;
  readonly seeders: number;
  readonly looked: number;
  readonly next: number | undefined;
}

/**
 * Removes expired peers, looking at `most` of them from `from` on: 0, or what `next` was. Slots of all lists of the
 * swarm are counted through; peers that come and go in between may be looked at twice, or next time.
 */
export function sweepSwarm(
  swarm: Swarm,
  from: number,
  most: number,
  isExpired: (seenAt: number) => boolean,
): Swept {
  const swept = { peers: 0, seeders: 0, looked: 0, next: undefined };
  let passed = 0;
  for (const table of swarm.tables()) {
    for (const list of [table.leechers, table.seeders]) {
      let slot = Math.max(0, from - passed);
      while (slot < list.count) {
        if (swept.looked === most) return { ...swept, next: passed + slot };
        swept.looked++;
        if (!isExpired(list.seenAt(slot))) {
          slot++;
          continue;
        }
        swept.peers++;
        if (list === table.seeders) swept.seeders++;
        table.removeAt(slot * 2 + (list === table.seeders ? 1 : 0));
      }
      passed += list.count;
    }
  }
  return swept;
}
