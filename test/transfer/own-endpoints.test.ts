import { afterEach, describe, expect, it } from 'vitest';
import { type Endpoint, formatEndpoint } from '../../src/platform/endpoint.ts';
import type { OwnEndpoints } from '../../src/transfer/own-endpoints.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

let swarm: SimulatedSwarm | undefined;
afterEach(async () => {
  await swarm?.close();
  swarm = undefined;
});

/** What a node learns of itself, and what it would dial. */
class Learned implements OwnEndpoints {
  readonly met = (endpoint: Endpoint): void => void this.endpoints.push(formatEndpoint(endpoint));
  readonly endpoints: string[] = [];

  has(endpoint: Endpoint): boolean {
    return this.endpoints.includes(formatEndpoint(endpoint));
  }
}

describe.each(['lan', 'bittorrent'] as const)(
  'a peer that is told its own address, in the %s dialect',
  (dialect) => {
    it('meets itself once, without a word to anybody, and knows the address from then on', async () => {
      swarm = new SimulatedSwarm({ seed: 1, pieces: 4 });
      const ownEndpoints = new Learned();
      const peer = await swarm.addFetcher({ ownEndpoints });
      peer.swarm.learn(peer.endpoint, undefined, dialect);
      await swarm.clock.advance(60_000);
      peer.swarm.learn(peer.endpoint, undefined, dialect);
      await swarm.clock.advance(60_000);
      expect(ownEndpoints.endpoints).toEqual([formatEndpoint(peer.endpoint)]);
      expect(peer.changes).toEqual([]);
      expect(peer.swarm.lastTrouble).toBeUndefined();
    });
  },
);
