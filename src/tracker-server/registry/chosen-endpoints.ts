import { addressFromBytes, type Endpoint } from '../../platform/endpoint.ts';
import type { Chosen } from './matching.ts';
import type { PeerList } from './peer-list.ts';
import type { PeerTable } from './peer-table.ts';
import type { Reach } from './reach.ts';

/** Where the asker reaches the peers that were chosen for it. */
export function chosenEndpoints(
  { seeders, leechers }: PeerTable,
  chosen: Chosen,
  reach: Reach,
): readonly Endpoint[] {
  const slots = [...chosen.slots.subarray(0, chosen.count)];
  return slots.map((slot, index) => endpoint(index < chosen.seeders ? seeders : leechers, slot, reach));
}

function endpoint(list: PeerList, slot: number, reach: Reach): Endpoint {
  const bytes = new Uint8Array(list.addressWords * 4);
  reach.write(list, slot, new DataView(bytes.buffer), 0);
  return { host: addressFromBytes(bytes), port: list.port(slot) };
}
