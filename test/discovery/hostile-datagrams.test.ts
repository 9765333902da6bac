import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBeacon, isBeacon } from '../../src/discovery/beacon/decode-beacon.ts';
import { encodeBye, encodeHoldings, encodeQuery } from '../../src/discovery/beacon/encode-beacon.ts';
import { decodeLsd, encodeLsd } from '../../src/discovery/lsd/lsd-message.ts';
import { type DnsMessage, recordKey } from '../../src/discovery/mdns/dns-record.ts';
import { encodeQuery as encodeDnsQuery } from '../../src/discovery/mdns/encode-query.ts';
import { loadMulticastDns, type MdnsCodec, makeMdnsCodec } from '../../src/discovery/mdns/mdns-codec.ts';
import { announcedRecords, onLink, subtype } from '../../src/discovery/mdns/service-records.ts';
import { SERVICE_TYPE } from '../../src/discovery/mdns/service-types.ts';
import { decodeTxt } from '../../src/discovery/mdns/txt-record.ts';
import { decodeGossip, isGossip } from '../../src/gossip/codec/decode-gossip.ts';
import { encodeGossip } from '../../src/gossip/codec/encode-gossip.ts';
import type { GossipBody, GossipMessage } from '../../src/gossip/gossip-message.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import { LSD_GROUP_IPV6, MDNS_GROUP_IPV4, MDNS_PORT } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { body, header, sampleOf, samples, signedStatement } from '../gossip/codec/arbitrary-gossip.ts';
import { hostileDatagram } from '../support/hostile-datagrams.ts';
import { seededRandom, testSeed } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { VirtualLan } from '../support/virtual-lan.ts';

/** FUZZ_RUNS=1000000 for the long run. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000);
const SEED = testSeed();

const peerId = 'ab'.repeat(20) as PeerId;
const hash = (digits: string): InfoHash => digits.repeat(20) as InfoHash;
const held: Holding[] = [
  { infoHash: hash('01'), name: 'movie.mkv', pieces: { kind: 'all' } as const },
  {
    infoHash: hash('02'),
    name: 'Ünï',
    pieces: { kind: 'some', count: 3, ranges: [{ start: 2, end: 5 }], more: false } as const,
  },
].map((content) => ({ ...content, peerId, port: 47_470, length: 9_000_000, pieceCount: 9, version: 4 }));

const mdnsGroup = { host: MDNS_GROUP_IPV4, port: MDNS_PORT };
const from = { host: '10.77.0.9', port: MDNS_PORT };

/** What became of a datagram: it was read, or refused with a reason. */
type Decoder = (bytes: Uint8Array) => 'read' | 'refused';

function outcome(decoded: object): 'read' | 'refused' {
  return 'fault' in decoded ? 'refused' : 'read';
}

/** The ranges of an index are unpacked when somebody looks at them. */
function lookAtRanges(message: GossipMessage): void {
  if (message.kind !== 'items') return;
  for (const item of message.items) {
    if (item.kind !== 'statement' || item.statement.statement.kind !== 'index') continue;
    const { part, pieceCount } = item.statement.statement;
    if (part.kind === 'whole') continue;
    for (const { start, end } of part.ranges) {
      expect(start).toBeLessThan(end);
      expect(end).toBeLessThanOrEqual(pieceCount);
    }
  }
}

function lookAtRecords({ answers, additionals }: DnsMessage): void {
  for (const record of [...answers, ...additionals]) {
    recordKey(record);
    if (record.type === 'TXT') decodeTxt(record.data);
  }
}

describe('hostile datagrams', () => {
  let decoders: Readonly<Record<string, Decoder>> = {};
  let valid: readonly Uint8Array[] = [];

  beforeAll(async () => {
    const makeMulticastDns = await loadMulticastDns();
    const mdns = makeMdnsCodec(makeMulticastDns, {
      group: mdnsGroup,
      onMessage: lookAtRecords,
      transmit: () => {
        throw new Error('a datagram was answered by the codec itself');
      },
    });
    decoders = {
      gossip(bytes) {
        const message = decodeGossip(bytes);
        if (!('fault' in message)) lookAtRanges(message);
        return outcome(message);
      },
      beacon: (bytes) => outcome(decodeBeacon(bytes)),
      mdns: (bytes) => (mdns.receive(bytes, from) === undefined ? 'read' : 'refused'),
      lsd: (bytes) => outcome(decodeLsd(bytes)),
    };
    valid = [...validGossip(), ...validBeacons(), ...validLsd(), ...(await validMdns(makeMulticastDns))];
  });

  it('are read or refused, whatever comes, and never more than that', { timeout: 30_000 + RUNS }, () => {
    const random = seededRandom(SEED);
    const seen = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      const bytes = hostileDatagram(random, valid);
      const before = Buffer.from(bytes);
      for (const [name, decode] of Object.entries(decoders))
        seen.add(`${name}: ${attempt(name, decode, bytes)}`);
      if (isGossip(bytes) && isBeacon(bytes)) throw new Error('both gossip and a beacon');
      if (!before.equals(bytes)) throw new Error(`a decoder has changed ${before.toString('hex')}`);
    }
    const both = Object.keys(decoders).flatMap((name) => [`${name}: read`, `${name}: refused`]);
    expect([...seen].sort()).toEqual(both.sort());
  });

  it('were valid before', () => {
    for (const bytes of valid) {
      const readers = Object.entries(decoders).filter(
        ([name, decode]) => attempt(name, decode, bytes) === 'read',
      );
      expect(readers).toHaveLength(1);
    }
  });
});

function attempt(name: string, decode: Decoder, bytes: Uint8Array): 'read' | 'refused' {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new Error(`${name} threw at ${Buffer.from(bytes).toString('hex')} (SEED=${SEED})`, { cause });
  }
}

function validGossip(): readonly Uint8Array[] {
  const statements = samples(signedStatement, 20).map(
    (statement): GossipBody => ({
      kind: 'items',
      items: [{ kind: 'statement', statement, provenAt: { host: '10.77.0.2', port: 47_470 } }],
    }),
  );
  return [...samples(body, 60), ...statements].map((said) => encodeGossip(sampleOf(header), said));
}

function validBeacons(): readonly Uint8Array[] {
  const sender = { peerId, port: 47_470, lifetimeMs: 9_000, holdings: held };
  const query = { ...sender, transaction: 7, known: ['ab'.repeat(8)], cookie: new Uint8Array(8) };
  const answer = { transaction: 7, total: 2, cookie: undefined };
  return [
    encodeQuery({ ...query, asked: { kind: 'name', name: 'movie.mkv' } }),
    encodeQuery({ ...query, asked: { kind: 'infoHash', infoHash: hash('01') } }),
    encodeQuery({ ...query, asked: { kind: 'everything' }, cookie: undefined }),
    ...encodeHoldings({ ...sender, withdrawn: [{ infoHash: hash('03'), version: 1 }], answer }),
    encodeBye(peerId),
  ];
}

function validLsd(): readonly Uint8Array[] {
  const infoHashes = ['01', '02', '03', '04', '05', '06'].map(hash);
  return encodeLsd({ port: 47_470, infoHashes, cookie: 'name' }, LSD_GROUP_IPV6);
}

async function validMdns(
  makeMulticastDns: Awaited<ReturnType<typeof loadMulticastDns>>,
): Promise<readonly Uint8Array[]> {
  const [eth0] = new VirtualLan(new VirtualClock(), seededRandom(1))
    .host({ eth0: ['10.77.0.1/24', 'fe80::1/64'] })
    .interfaces();
  if (eth0 === undefined) throw new Error('no interface');
  const names = { instance: `lanshare-1234.${SERVICE_TYPE}`, host: 'lanshare-1234.local' };
  const records = announcedRecords(onLink({ names, peerId, port: 47_470, holdings: held }, eth0));
  const pointers = records.filter(({ type }) => type === 'PTR');
  const question = { type: 'PTR', unicast: false };
  const query = encodeDnsQuery(
    [
      { ...question, name: SERVICE_TYPE },
      { ...question, name: subtype(hash('01')) },
    ],
    pointers,
  );
  const response = await transmitted(makeMulticastDns, (codec) =>
    codec.send({ kind: 'response', answers: records.slice(0, 2), additionals: records.slice(2) }),
  );
  return [query ?? new Uint8Array(), response];
}

function transmitted(
  makeMulticastDns: Awaited<ReturnType<typeof loadMulticastDns>>,
  send: (codec: MdnsCodec) => void,
): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const ignored = (): void => {};
    send(makeMdnsCodec(makeMulticastDns, { group: mdnsGroup, onMessage: ignored, transmit: resolve }));
  });
}
