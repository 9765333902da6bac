import type { Endpoint } from '../platform/endpoint.ts';
import { isLoopback } from './this-machine.ts';

/**
 * The peers of an answer, without those on this machine where the tracker is not: nobody far away knows of such peers, and
 * one who names them wants us to connect to another program here.
 */
export function peersBelieved(peers: readonly Endpoint[], tracker: string | undefined): readonly Endpoint[] {
  if (tracker !== undefined && isLoopback(tracker)) return peers;
  return peers.filter(({ host }) => !isLoopback(host));
}
