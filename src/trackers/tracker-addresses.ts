import { systemErrorCode } from '../errors.ts';
import { MAX_ADDRESSES_PER_NAME, TRACKER_LOOK_UP_TIMEOUT_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import { canonicalAddress } from '../platform/endpoint.ts';
import type { AddressFamily } from '../wire/tracker/compact-peers.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import type { LookUps } from './look-ups.ts';
import { waitFor } from './wait-for.ts';

/** Addresses of one host, at least one, by family: IPv4 first. */
export type TrackerAddresses = ReadonlyMap<AddressFamily, readonly string[]>;

/** At most MAX_ADDRESSES_PER_NAME of a family. Rejects with TrackerFault; with the signal's reason where that aborts. */
export async function trackerAddresses(
  host: string,
  lookUps: LookUps,
  clock: Clock,
  signal: AbortSignal,
): Promise<TrackerAddresses> {
  const looked = lookUps.resolve(host).catch((error: unknown) => {
    throw new TrackerFault(`cannot find the address of ${host}: ${systemErrorCode(error) ?? error}`);
  });
  const found = (await waitFor(looked, TRACKER_LOOK_UP_TIMEOUT_MS, clock, signal)) ?? [];
  if (found.length === 0) throw new TrackerFault(`cannot find the address of ${host}`);
  const all = [...new Set(found.map(canonicalAddress))];
  const families = (['IPv4', 'IPv6'] as const).map((family) => {
    const addresses = all.filter((address) => familyOf(address) === family);
    return [family, addresses.slice(0, MAX_ADDRESSES_PER_NAME)] as const;
  });
  return new Map(families.filter(([, addresses]) => addresses.length > 0));
}

export function familyOf(address: string): AddressFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
