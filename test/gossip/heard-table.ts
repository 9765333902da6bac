import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import type { Sighting } from '../../src/holdings/sighting.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { SimulatedNode } from './simulated-gossip.ts';

/** What each node has told its holdings table, as that would remember it. */
export class HeardTable {
  readonly #holdings = new Map<string, Holding>();
  readonly sightings: { readonly node: SimulatedNode; readonly sighting: Sighting; readonly at: number }[] =
    [];

  readonly hear = (node: SimulatedNode, sighting: Sighting, at: number): void => {
    if (sighting.kind !== 'alive') this.sightings.push({ node, sighting, at });
    if (sighting.kind === 'holding') {
      const { peerId, infoHash } = sighting.holding;
      this.#holdings.set(key(node, peerId, infoHash), sighting.holding);
    } else if (sighting.kind === 'withdrawn') {
      this.#holdings.delete(key(node, sighting.peerId, sighting.infoHash));
    }
  };

  /** What the node has heard that the other holds of this content. */
  holding(node: SimulatedNode, other: SimulatedNode, infoHash: InfoHash): Holding | undefined {
    return this.#holdings.get(key(node, other.peerId, infoHash));
  }

  /** How often the node was told that a peer is gone. */
  goneOf(peerId: PeerId): number {
    return this.sightings.filter(({ sighting }) => sighting.kind === 'gone' && sighting.peerId === peerId)
      .length;
  }

  get gone(): number {
    return this.sightings.filter(({ sighting }) => sighting.kind === 'gone').length;
  }
}

function key(node: SimulatedNode, peerId: PeerId, infoHash: InfoHash): string {
  return `${node.peerId} ${peerId} ${infoHash}`;
}
