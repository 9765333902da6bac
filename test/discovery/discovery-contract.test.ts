import { describe, expect, it } from 'vitest';
import { inBackground } from '../../src/discovery/background-discovery.ts';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import { BEACON_GROUP_IPV4, BEACON_PORT, MDNS_GROUP_IPV4, MDNS_PORT } from '../../src/limits.ts';
import { sleep } from '../../src/platform/clock.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { testSeed } from '../support/seeded-random.ts';
import { discoveryContract } from './contract.ts';
import type { DiscoveryMaker } from './contract-lan.ts';
import { DiscoveryLan, PORT } from './discovery-lan.ts';

const seed = testSeed();

const beacon: DiscoveryMaker = {
  open: (setting) => createBeacon({ ...setting, peers: [] }),
  listeningAt: (address) => [
    { host: address, port: PORT },
    { host: address, port: BEACON_PORT },
    { host: BEACON_GROUP_IPV4, port: BEACON_PORT },
  ],
  strangerPort: BEACON_PORT,
};

const mdnsGroup: Endpoint = { host: MDNS_GROUP_IPV4, port: MDNS_PORT };
const mdns: DiscoveryMaker = {
  open: createMdns,
  listeningAt: (address) => [mdnsGroup, { host: address, port: MDNS_PORT }],
  strangerPort: MDNS_PORT,
};

discoveryContract('the beacon', beacon, seed);
discoveryContract('mDNS', mdns, seed);
discoveryContract(
  'mDNS that opens in the background, after a while',
  {
    ...mdns,
    open: async (setting) =>
      inBackground('mdns', async () => {
        await sleep(setting.clock, 100);
        return await createMdns(setting);
      }),
  },
  seed,
);

describe.each([
  ['the beacon', beacon],
  ['mDNS', mdns],
])('%s', (_, maker) => {
  it('refuses an interface that does not exist, and leaves nothing open', async () => {
    const lan = new DiscoveryLan(seed);
    const host = lan.lan.host({ eth0: ['10.77.0.1/24'], wlan0: ['10.78.0.1/24'] });
    const opening = maker.open({ ...lan.setting(host), interfaces: ['eth7'] });
    await expect(opening).rejects.toMatchObject({
      code: 'NO_USABLE_INTERFACE',
      hint: 'these exist: eth0, wlan0, lo',
    });
    expect([lan.clock.pending, host.openSockets]).toEqual([0, 0]);
  });
});
