import { afterEach, describe, expect, it } from 'vitest';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import type { Discovery, Sighting } from '../../src/discovery/discovery.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemInterfaces } from '../../src/platform/interfaces.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { systemRandom } from '../../src/platform/random.ts';

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
  if (sighting.kind === 'located') return `somebody at ${sighting.endpoint.host}`;
  if (sighting.kind !== 'holding') return `${sighting.peerId} is gone`;
  const { host, holding: told } = sighting;
  return `${told.peerId} has ${told.name} at ${host}:${told.port}`;
}
