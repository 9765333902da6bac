import { describe, expect, it } from 'vitest';
import type { DialOutcome } from '../../src/discovery/discovery.ts';
import { GossipDiscovery } from '../../src/discovery/gossip/gossip-discovery.ts';
import { LanDatagrams } from '../../src/discovery/lan/lan-datagrams.ts';
import { createIdentity } from '../../src/gossip/identity.ts';
import { testSeed } from '../support/seeded-random.ts';
import type { VirtualHost } from '../support/virtual-lan.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf, PORT, type Setting } from './discovery-lan.ts';

const seed = testSeed();
const PROBE = 16;

/** Nodes that only gossip. Nobody's TCP port answers. */
class GossipLan extends DiscoveryLan<GossipDiscovery> {
  readonly dials: AbortSignal[] = [];

  node(host: VirtualHost = this.host(), groups = true): Promise<DiscoveryNode<GossipDiscovery>> {
    return this.open((setting) => this.#create(setting, groups), host);
  }

  async #create(setting: Setting, groups: boolean): Promise<GossipDiscovery> {
    const lan = await LanDatagrams.open({ ...setting, peers: [], groups });
    const dialBack = (_node: unknown, signal: AbortSignal): Promise<DialOutcome> => {
      this.dials.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('no answer')));
    };
    const identity = createIdentity(this.random.bytes(32));
    return new GossipDiscovery({ ...setting, identity, lan, inquire() {}, dialBack });
  }

  probed(): string[] {
    return [...new Set(this.lan.sent.filter(({ bytes }) => bytes[5] === PROBE).map(({ to }) => to.host))];
  }
}

const newLan = lansOf(() => new GossipLan(seed));

describe(`an address that others named (seed ${seed})`, () => {
  it.each([true, false])(
    'is not probed where it is everybody, or outside of the LAN (groups: %s)',
    async (groups) => {
      const lan = newLan();
      const host = lan.lan.host({ eth0: ['10.77.4.4/16'], eth1: ['198.51.100.6/29'] }, 'eth1');
      const { discovery } = await lan.node(host, groups);
      for (const to of ['10.77.255.255', '203.0.113.9', '10.77.0.200', '198.51.100.5'])
        discovery.meet({ host: to, port: PORT });
      await lan.clock.advance(1_000);
      expect(lan.probed()).toEqual(['10.77.0.200', '198.51.100.5']);
    },
  );
});

describe(`a node that ends (seed ${seed})`, () => {
  it('waits neither for whom it has asked to dial it, nor for whom it dials', async () => {
    const lan = newLan();
    const asker = await lan.node();
    const dialler = await lan.node();
    asker.hold({});
    dialler.hold({ infoHash: hash(2) });
    asker.discovery.meet({ host: '10.77.0.2', port: PORT });
    await lan.clock.advance(1_000);
    const examination = asker.discovery.examine(PORT);
    await lan.clock.advance(50);
    expect(lan.dials.map(({ aborted }) => aborted)).toEqual([false]);
    await lan.closed(dialler.discovery, asker.discovery);
    expect(lan.dials.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await examination).toBeUndefined();
    expect(lan.clock.now()).toBeLessThan(3_000);
  });

  it('lets nobody dial for it any more who has asked and given up', async () => {
    const lan = newLan();
    const { discovery } = await lan.node();
    const given = new AbortController();
    given.abort();
    const before = lan.clock.pending;
    expect(await discovery.examine(PORT, given.signal)).toBeUndefined();
    expect(lan.clock.pending).toBe(before);
  });
});
