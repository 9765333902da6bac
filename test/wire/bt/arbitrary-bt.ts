import fc from 'fast-check';
import { MAX_CLIENT_NAME_BYTES, MAX_TORRENT_BYTES } from '../../../src/limits.ts';
import { addressFromBytes, type Endpoint } from '../../../src/platform/endpoint.ts';
import type { BtMessage, ExtensionHandshake } from '../../../src/wire/bt/message.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const id = fc.integer({ min: 1, max: 255 });
const port = fc.integer({ min: 1, max: 65_535 });
const orUndefined = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const exactly = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const typed = <T extends BtMessage['type'], R>(
  type: T,
  rest: fc.Arbitrary<R>,
): fc.Arbitrary<{ type: T } & R> => rest.map((fields) => ({ type, ...fields }));
const only = <T extends BtMessage['type']>(type: T): fc.Arbitrary<{ type: T }> => fc.constant({ type });

const index = fc.record({ index: uint32 });
const blockPlace = fc.record({ index: uint32, begin: uint32, length: uint32 });
const hashPlace = fc.record({
  piecesRoot: exactly(32),
  baseLayer: uint32,
  index: uint32,
  length: uint32,
  proofLayers: uint32,
});
const hashes = fc.integer({ min: 0, max: 8 }).chain((count) => exactly(32 * count));

const extension: fc.Arbitrary<ExtensionHandshake> = fc.record({
  metadataId: orUndefined(id),
  peerExchangeId: orUndefined(id),
  metadataSize: orUndefined(fc.integer({ min: 1, max: MAX_TORRENT_BYTES })),
  port: orUndefined(port),
  client: orUndefined(
    fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((name) => Buffer.byteLength(name) <= MAX_CLIENT_NAME_BYTES),
  ),
  maxRequests: orUndefined(fc.integer({ min: 1, max: 1_000_000 })),
  uploadOnly: fc.boolean(),
});

const metadataPiece = fc.integer({ min: 0, max: 640 });

/** Of one family; an IPv4 address in the form of IPv6 comes back as IPv4. */
const endpoint = (addressBytes: 4 | 16): fc.Arbitrary<Endpoint> =>
  fc
    .record({ host: exactly(addressBytes).map(addressFromBytes), port })
    .filter(({ host }) => !host.includes('::ffff:'));
/** IPv4 stands before IPv6 in the order of the keys. */
const endpoints = fc
  .tuple(fc.array(endpoint(4), { maxLength: 5 }), fc.array(endpoint(16), { maxLength: 5 }))
  .map((families) => families.flat());
const added = fc
  .tuple(endpoints, fc.infiniteStream(fc.boolean()))
  .map(([all, seeds]) => all.map((one) => ({ endpoint: one, seed: seeds.next().value === true })));

/** Every kind of message, one arbitrary each. */
export const messageKinds: { readonly [T in BtMessage['type']]: fc.Arbitrary<BtMessage> } = {
  'keep-alive': only('keep-alive'),
  choke: only('choke'),
  unchoke: only('unchoke'),
  interested: only('interested'),
  'not interested': only('not interested'),
  have: typed('have', index),
  bitfield: typed('bitfield', fc.record({ bits: fc.uint8Array({ maxLength: 40 }) })),
  request: typed('request', blockPlace),
  cancel: typed('cancel', blockPlace),
  port: typed('port', fc.record({ port })),
  suggest: typed('suggest', index),
  'have all': only('have all'),
  'have none': only('have none'),
  reject: typed('reject', blockPlace),
  'allowed fast': typed('allowed fast', index),
  'hash request': typed('hash request', hashPlace),
  hashes: fc.tuple(hashPlace, hashes).map(([place, bytes]) => ({ type: 'hashes', ...place, hashes: bytes })),
  'hash reject': typed('hash reject', hashPlace),
  'extension handshake': typed('extension handshake', fc.record({ extension })),
  'unknown extension': typed('unknown extension', fc.record({ id: fc.integer({ min: 3, max: 255 }) })),
  'metadata request': typed('metadata request', fc.record({ piece: metadataPiece })),
  metadata: typed(
    'metadata',
    fc.record({
      piece: metadataPiece,
      totalSize: fc.integer({ min: 1, max: MAX_TORRENT_BYTES }),
      bytes: fc.uint8Array({ maxLength: 60 }),
    }),
  ),
  'metadata reject': typed('metadata reject', fc.record({ piece: metadataPiece })),
  'peer exchange': typed('peer exchange', fc.record({ added, dropped: endpoints })),
};

export const btMessage: fc.Arbitrary<BtMessage> = fc.oneof(...Object.values(messageKinds));

/** One of each kind, the same in every run. */
export const everyMessage: readonly BtMessage[] = Object.values(messageKinds).flatMap((kind) =>
  fc.sample(kind, { numRuns: 1, seed: 4 }),
);
