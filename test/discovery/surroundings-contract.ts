import { expect, it } from 'vitest';
import { INTERFACE_POLL_MS } from '../../src/limits.ts';
import type { DatagramSocket } from '../../src/platform/datagram.ts';
import type { VirtualHost } from '../support/virtual-lan.ts';
import {
  ANNOUNCED_MS,
  type ContractLan,
  type DiscoveryMaker,
  NAME,
  OPENING_MS,
  SOON_MS,
  speaker,
} from './contract-lan.ts';
import { type DiscoveryNode, hash, PORT } from './discovery-lan.ts';

/** Interfaces are used as they are, come and go. */
export function interfacesContract(newLan: () => ContractLan, maker: DiscoveryMaker): void {
  it('says which interfaces it uses', async () => {
    const lan = newLan();
    const { discovery } = await lan.node();
    await lan.clock.advance(OPENING_MS);
    const interfaces = ['eth0 (10.77.0.1)', 'lo (127.0.0.1, ::1)'];
    expect(discovery.describe()).toMatchObject({ path: discovery.path, interfaces, problems: [] });
  });

  it('uses only the interfaces that were named', async () => {
    const lan = newLan();
    const host = lan.lan.host({ eth0: ['10.77.0.1/24'], wlan0: ['10.78.0.1/24'] });
    const discovery = await maker.open({ ...lan.setting(host), interfaces: ['wlan0'] });
    discovery.seek(NAME);
    await lan.clock.advance(OPENING_MS);
    expect(discovery.describe().interfaces).toEqual(['wlan0 (10.78.0.1)']);
    await lan.closed(discovery);
    expect(new Set(lan.lan.sent.map(({ from }) => from.host))).toEqual(new Set(['10.78.0.1']));
  });

  it('works on several LANs at once, also where there is IPv6 only', async () => {
    const lan = newLan();
    const sharer = await lan.node(lan.lan.host({ eth0: ['fe80::1/64'], eth1: ['10.88.0.1/24'] }));
    sharer.hold({});
    const first = await lan.node(lan.lan.host({ eth0: ['fe80::2/64'] }));
    const second = await lan.node(lan.lan.host({ eth1: ['10.88.0.2/24'] }));
    for (const { discovery } of [first, second]) discovery.seek(NAME);
    const heardAt = ({ table }: DiscoveryNode): (string | undefined)[] =>
      table.addressesOf(sharer.peerId).map(({ endpoint }) => endpoint.host);
    await lan.soon(() => heardAt(first).length > 0 && heardAt(second).length > 0);
    expect([heardAt(first), heardAt(second)]).toEqual([['fe80::1%eth0'], ['10.88.0.1']]);
  });

  it('works between two processes of a host that has nothing but the loopback interface', async () => {
    const lan = newLan();
    const host = lan.lan.host({});
    const sharer = await lan.node(host, PORT);
    sharer.hold({});
    await lan.clock.advance(5_000);
    const fetcher = await lan.node(host, 50_123);
    fetcher.discovery.seek(NAME);
    await lan.soon(() => fetcher.table.contents().length === 1);
    const [address] = fetcher.table.addressesOf(sharer.peerId);
    expect(address?.endpoint).toEqual({ host: '127.0.0.1', port: PORT });
    const interfaces = ['lo (127.0.0.1, ::1)'];
    expect(fetcher.discovery.describe()).toMatchObject({ interfaces, problems: [] });
  });

  it('follows interfaces that appear, change and vanish', async () => {
    const lan = newLan();
    const sharer = await lan.node(lan.lan.host({}));
    const other = await lan.node();
    sharer.hold({});
    await lan.clock.advance(5_000);
    expect(other.sightings).toEqual([]);
    for (const address of ['10.77.0.77', '10.77.0.78']) {
      sharer.host.setAddresses({ eth0: [`${address}/16`] });
      await lan.clock.advance(INTERFACE_POLL_MS + ANNOUNCED_MS);
      expect(other.table.addressesOf(sharer.peerId)[0]?.endpoint.host).toBe(address);
      expect(sharer.discovery.describe().interfaces).toContain(`eth0 (${address})`);
    }
    sharer.host.setAddresses({});
    await lan.clock.advance(INTERFACE_POLL_MS);
    expect(sharer.discovery.describe()).toMatchObject({ interfaces: ['lo (127.0.0.1, ::1)'], problems: [] });
  });
}

/** Hostile datagrams change nothing. */
export function hostileContract(newLan: () => ContractLan, maker: DiscoveryMaker): void {
  it('believes nothing of garbage or cut datagrams, and goes on', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    other.discovery.seek(NAME);
    await lan.clock.advance(SOON_MS);
    const genuine = lan.lan.sent.map(({ bytes }) => bytes);
    const stranger = await socketOf(lan.host(), maker.strangerPort);
    const targets = maker.listeningAt('10.77.0.2');
    for (let round = 0; round < 200; round++) {
      const whole = genuine[round % genuine.length] ?? new Uint8Array();
      const cut = whole.subarray(0, Math.floor(lan.random.next() * whole.length));
      const garbage = lan.random.bytes(Math.floor(lan.random.next() * 1_500));
      for (const to of targets) for (const bytes of [cut, garbage]) stranger.send(bytes, to);
      await lan.clock.advance(50);
    }
    await stranger.close();
    expect([...new Set(other.sightings.map(speaker))]).toEqual([sharer.peerId]);
    expect(
      other.sightings.filter((sighting) => 'host' in sighting && sighting.host?.startsWith('10.77.0.3')),
    ).toEqual([]);
    expect(other.table.content(hash(1))?.holders).toHaveLength(1);
    sharer.hold({ infoHash: hash(2) });
    await lan.soon(() => other.table.holdersOf(hash(2)).length === 1);
  });
}

async function socketOf(host: VirtualHost, port: number): Promise<DatagramSocket> {
  const [lan] = host.interfaces();
  const multicastInterface = lan?.addresses[0]?.address ?? '';
  const options = { family: 'IPv4', address: '0.0.0.0', port, shared: true, multicastInterface } as const;
  return await host.open(options, { onDatagram: () => {}, onError: () => {} });
}
