import { afterEach, describe, expect, it } from 'vitest';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import type { Discovery, Sighting } from '../../src/discovery/discovery.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { DatagramSocket } from '../../src/platform/datagram.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { systemInterfaces } from '../../src/platform/interfaces.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemDatagrams } from '../../src/platform/system-datagram.ts';

/** Real sockets, but only on the loopback interface: nothing of this leaves the machine. */
const loopback = systemInterfaces().find(({ kind }) => kind === 'loopback')?.name ?? 'lo';
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

/** Not a name that somebody else on this machine could share at the same time. */
const name = `test ${Buffer.from(systemRandom.bytes(6)).toString('hex')}.txt`;
const infoHash = Buffer.from(systemRandom.bytes(20)).toString('hex') as InfoHash;

interface Node {
  readonly discovery: Discovery;
  readonly peerId: PeerId;
  readonly sightings: Sighting[];
}

async function open(create: typeof createBeacon | typeof createMdns, port: number): Promise<Node> {
  const sightings: Sighting[] = [];
  const peerId = Buffer.from(systemRandom.bytes(20)).toString('hex') as PeerId;
  const discovery = await create({
    peerId,
    port,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    interfaces: [loopback],
    peers: [],
    heard: (sighting) => sightings.push(sighting),
  });
  opened.push(discovery);
  return { discovery, peerId, sightings };
}

function holding(peerId: PeerId, port: number): Holding {
  return { peerId, port, infoHash, name, length: 1, pieceCount: 1, pieces: { kind: 'all' }, version: 1 };
}

describe.each([
  ['beacon', createBeacon],
  ['mDNS', createMdns],
] as const)('two nodes with a %s on the loopback interface', (_, create) => {
  it('find each other, and hear the goodbye', async () => {
    const sharer = await open(create, 47_999);
    sharer.discovery.announce([holding(sharer.peerId, 47_999)]);
    const fetcher = await open(create, 47_998);
    fetcher.discovery.seek({ kind: 'name', name });
    const heard = (): string[] => fetcher.sightings.map(inWords);
    await expect.poll(heard, { timeout: 5_000 }).toContain(`${sharer.peerId} has ${name} at 127.0.0.1:47999`);
    expect(fetcher.discovery.describe().interfaces[0]).toContain('127.0.0.1');
    await sharer.discovery.close();
    await expect.poll(heard, { timeout: 5_000 }).toContain(`${sharer.peerId} is gone`);
  });
});

function inWords(sighting: Sighting): string {
  if (sighting.kind !== 'holding') return `${sighting.peerId} is gone`;
  const { host, holding: told } = sighting;
  return `${told.peerId} has ${told.name} at ${host}:${told.port}`;
}

describe('the UDP of this machine', () => {
  async function socket(
    port: number,
    received: { text: string; from: Endpoint }[] = [],
    shared = false,
  ): Promise<DatagramSocket> {
    const made = await systemDatagrams.open(
      { family: 'IPv4', address: '127.0.0.1', port, shared },
      {
        onDatagram: (bytes, from) => received.push({ text: Buffer.from(bytes).toString(), from }),
        onError: () => {},
      },
    );
    opened.push(made);
    return made;
  }

  it('carries datagrams with the address they came from', async () => {
    const received: { text: string; from: Endpoint }[] = [];
    const to = await socket(0, received);
    const from = await socket(0);
    from.send(Buffer.from('hello'), to.local);
    await expect.poll(() => received).toEqual([{ text: 'hello', from: from.local }]);
  });

  it('has taken a datagram when send returns, even if the socket is closed in the same moment', async () => {
    const received: { text: string; from: Endpoint }[] = [];
    const to = await socket(0, received);
    const from = await socket(0);
    from.send(Buffer.from('bye'), to.local);
    await from.close();
    await expect.poll(() => received.map(({ text }) => text)).toEqual(['bye']);
  });

  it('refuses a port that is taken, and shares one where both sides want to', async () => {
    const first = await socket(0);
    await expect(socket(first.local.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const shared = await socket(0, [], true);
    await expect(socket(shared.local.port, [], true)).resolves.toBeDefined();
  });

  it('tells an address that nothing can be sent to, and goes on', async () => {
    const errors: (Endpoint | undefined)[] = [];
    const received: { text: string; from: Endpoint }[] = [];
    const to = await socket(0, received);
    const from = await systemDatagrams.open(
      { family: 'IPv4', address: '127.0.0.1', port: 0, shared: false },
      { onDatagram: () => {}, onError: (_, endpoint) => errors.push(endpoint) },
    );
    opened.push(from);
    const nowhere = { host: 'no address', port: 9 };
    from.send(Buffer.from('lost'), nowhere);
    await expect.poll(() => errors).toEqual([nowhere]);
    from.send(Buffer.from('found'), to.local);
    await expect.poll(() => received.map(({ text }) => text)).toEqual(['found']);
  });

  it('is silent after it was closed, however often that is', async () => {
    const one = await socket(0);
    await one.close();
    await one.close();
    one.send(Buffer.from('x'), { host: '127.0.0.1', port: 9 });
  });

  it('finds the addresses of names, and takes an address for what it is', async () => {
    expect(await systemDatagrams.resolve('10.1.2.3')).toEqual(['10.1.2.3']);
    expect(await systemDatagrams.resolve('fe80::1%eth0')).toEqual(['fe80::1%eth0']);
    expect(await systemDatagrams.resolve('localhost')).toEqual(
      expect.arrayContaining([expect.stringMatching(/127|::1/)]),
    );
  });
});
