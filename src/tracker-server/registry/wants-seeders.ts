import type { Announcement } from './announcement.ts';

/** `A2-`, which the peer ids of aria2 begin with. */
const ARIA2_PEER_ID = 0x41322d;

/**
 * Whether seeders are of use to this asker. A client without the metainfo cannot know what is left, and says a number
 * that is not 0 for it; aria2 says 0 then (seen with 1.36), so of its word nothing follows here.
 */
export function wantsSeeders({ isSeeder, peerId }: Pick<Announcement, 'isSeeder' | 'peerId'>): boolean {
  return !isSeeder || (peerId[0] as number) >>> 8 === ARIA2_PEER_ID;
}
