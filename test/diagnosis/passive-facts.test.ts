import { describe, expect, it } from 'vitest';
import { passiveFacts } from '../../src/diagnosis/passive-facts.ts';
import { verdictOf } from '../../src/diagnosis/verdict.ts';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import { BEACON_PORT } from '../../src/limits.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type VirtualHost, VirtualLan } from '../support/virtual-lan.ts';

const peerId = 'aa'.repeat(20) as PeerId;

/** A node that searches on `host` for a second, and what it makes of that. */
async function afterSearching(host: VirtualHost, clock: VirtualClock) {
  const beacon = await createBeacon({
    peerId,
    port: 47_470,
    clock,
    random: seededRandom(3),
    logger: silentLogger,
    peers: [],
    datagrams: host,
    interfaceSource: host.interfaces,
    heard() {},
  });
  beacon.seek({ kind: 'name', name: 'movie.txt' });
  await clock.advance(1_000);
  const reports = [beacon.describe()];
  const closing = beacon.close();
  await clock.advance(1_000);
  await closing;
  return passiveFacts({
    port: 47_470,
    reports,
    interfaces: host.interfaces(),
    interfaceNames: undefined,
    peers: [],
  });
}

function lan() {
  const clock = new VirtualClock();
  return { clock, lan: new VirtualLan(clock, seededRandom(1)) };
}

describe('what a searching node knows by itself', () => {
  it('that its own datagrams come back', async () => {
    const { clock, lan: network } = lan();
    const facts = await afterSearching(network.host({ eth0: ['10.77.0.2/24', 'fe80::2/64'] }), clock);
    expect(facts.interfaces.find(({ name }) => name === 'eth0')).toMatchObject({
      kind: 'lan',
      addresses: ['10.77.0.2', 'fe80::2%eth0'],
      used: true,
      echoes: {
        'multicast IPv4': { kind: 'heard back' },
        'multicast IPv6': { kind: 'heard back' },
        broadcast: { kind: 'not tried' },
      },
    });
    expect(verdictOf(facts).cause).toBe('alone');
  });

  it('that they do not', async () => {
    const { clock, lan: network } = lan();
    const host = network.host({ eth0: ['10.77.0.2/24'] });
    host.muted = true;
    expect(verdictOf(await afterSearching(host, clock)).cause).toBe('own datagrams not heard');
  });

  it('that another program has the port of the groups', async () => {
    const { clock, lan: network } = lan();
    const host = network.host({ eth0: ['10.77.0.2/24'] });
    const options = { family: 'IPv4', address: '0.0.0.0', port: BEACON_PORT, shared: false } as const;
    await host.open(options, { onDatagram() {}, onError() {} });
    expect(verdictOf(await afterSearching(host, clock)).cause).toBe('group port taken');
  });

  it('that there is no LAN', async () => {
    const { clock, lan: network } = lan();
    expect(verdictOf(await afterSearching(network.host({}), clock)).cause).toBe('only loopback');
  });

  it('which interfaces were left out, and which peers were named', () => {
    const host = lan().lan.host({ eth0: ['10.77.0.2/24'] });
    const facts = passiveFacts({
      port: 1,
      reports: [{ path: 'beacon', interfaces: [], problems: [], dropped: new Map([['malformed', 3]]) }],
      interfaces: host.interfaces(),
      interfaceNames: ['lo'],
      peers: [{ host: 'nas', port: 5 }],
    });
    expect(facts).toMatchObject({
      interfaces: [
        { name: 'eth0', used: false, echoes: { 'multicast IPv4': { kind: 'not tried' } } },
        { name: 'lo', used: true },
      ],
      named: [{ peer: { host: 'nas', port: 5 }, outcome: 'no answer' }],
      dropped: [{ path: 'beacon', reason: 'malformed', count: 3 }],
    });
  });

  it('that a peer was named whose address is not known', () => {
    const problems = ['cannot find the address of nas:5: ENOTFOUND'];
    const facts = passiveFacts({
      port: 1,
      reports: [{ path: 'beacon', interfaces: [], problems }],
      interfaces: [],
      interfaceNames: undefined,
      peers: [
        { host: 'nas', port: 5 },
        { host: 'nas', port: 55 },
      ],
    });
    expect(facts.named.map(({ outcome }) => outcome)).toEqual(['unknown name', 'no answer']);
  });
});
