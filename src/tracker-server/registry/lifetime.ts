import { PEER_LIFETIME_INTERVALS, PEER_LIFETIME_SLACK_SECONDS } from '../../limits.ts';

/** How long a peer is kept that does not announce again. */
export function peerLifetimeSeconds(intervalSeconds: number): number {
  return intervalSeconds * PEER_LIFETIME_INTERVALS + PEER_LIFETIME_SLACK_SECONDS;
}
