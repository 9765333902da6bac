import type { Endpoint } from '../../platform/endpoint.ts';
import type { Peer } from './peer.ts';

/**
 * Where we have proven a peer to be, as it may mean something to `target`: of several addresses the one nearest
 * to the target's own. A loopback address means something only on the same machine, a link-local one nothing.
 */
export function hintFor(peer: Peer | undefined, target: Peer): Endpoint | undefined {
  const there = target.sessions[0]?.endpoint.host;
  if (peer === undefined || there === undefined) return undefined;
  let best: Endpoint | undefined;
  let bestLength = -1;
  for (const { endpoint } of peer.sessions) {
    if (!meansSomething(endpoint.host, there)) continue;
    const length = commonPrefix(endpoint.host, there);
    if (length <= bestLength) continue;
    best = endpoint;
    bestLength = length;
  }
  return best;
}

/** What a hint of somebody who is at `teller` means here: nobody else can know what is on this machine. */
export function hintFrom(hint: Endpoint | undefined, teller: Endpoint): Endpoint | undefined {
  return hint !== undefined && meansSomething(hint.host, teller.host) ? hint : undefined;
}

function meansSomething(host: string, there: string): boolean {
  if (host.includes('%')) return false;
  return !isLoopback(host) || isLoopback(there);
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
