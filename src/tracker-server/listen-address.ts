import { canonicalAddress, unmapAddress } from '../platform/endpoint.ts';

/**
 * The address that a tracker is told to listen on, as the system spells it; undefined for all of both families, which `::`
 * means with most programs, too.
 */
export function listenAddress(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const address = canonicalAddress(unmapAddress(host));
  return address === '::' ? undefined : address;
}
