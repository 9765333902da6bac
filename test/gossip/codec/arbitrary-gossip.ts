import fc from 'fast-check';
import { signStatement } from '../../../src/gossip/codec/sign-statement.ts';
import type { GossipBody, GossipHeader, GossipItem, Scope } from '../../../src/gossip/gossip-message.ts';
import { createIdentity, type Identity } from '../../../src/gossip/identity.ts';
import {
  type IndexPart,
  SEGMENT_PIECES,
  type SignedStatement,
  type Statement,
} from '../../../src/gossip/statement.ts';
import type { PeerId, PieceRange } from '../../../src/holdings/holding.ts';
import { MAX_GOSSIP_FILTER_BYTES, MAX_GOSSIP_INTERESTS, MAX_PIECES } from '../../../src/limits.ts';
import type { InfoHash } from '../../../src/metainfo/metainfo.ts';
import { namePartFault } from '../../../src/metainfo/safe-name.ts';

/** Generated gossip: whatever may be said, up to every limit. */
export const bytesOf = (size: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: size, maxLength: size });
const digits = (bytes: number): fc.Arbitrary<string> =>
  bytesOf(bytes).map((value) => Buffer.from(value).toString('hex'));
export const peerId = digits(20).map((text) => text as PeerId);
export const infoHash = digits(20).map((text) => text as InfoHash);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const uint48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const port = fc.integer({ min: 1, max: 65_535 });
export const contentName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
  .filter((text) => namePartFault(text, 'linux') === undefined);

/** Ascending and apart, in [0, size); few long ones or many short ones. */
export function rangesWithin(size: number): fc.Arbitrary<PieceRange[]> {
  const longest = fc.constantFrom(1, 2, 5, 300);
  return longest
    .chain((most) => {
      const step = fc.integer({ min: 1, max: most });
      return fc.array(fc.tuple(step, step), { maxLength: 1_500, size: 'max' });
    })
    .map((steps) => {
      const ranges: PieceRange[] = [];
      let position = -1;
      for (const [gap, held] of steps) {
        const start = position + gap;
        position = start + held;
        if (position > size) break;
        ranges.push({ start, end: position });
      }
      return ranges;
    });
}

const pieceCount = fc.oneof(
  fc.integer({ min: 1, max: 3 * SEGMENT_PIECES }),
  fc.integer({ min: 1, max: MAX_PIECES }),
);

function partOf(count: number): fc.Arbitrary<IndexPart> {
  const segment = fc.nat(Math.ceil(count / SEGMENT_PIECES) - 1).chain((number) => {
    const first = number * SEGMENT_PIECES;
    return rangesWithin(Math.min(SEGMENT_PIECES, count - first)).map(
      (ranges): IndexPart => ({
        kind: 'segment',
        segment: number,
        ranges: ranges.map(({ start, end }) => ({ start: first + start, end: first + end })),
      }),
    );
  });
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<IndexPart>({ kind: 'whole' }) },
    { weight: 4, arbitrary: segment },
  );
}

export const identities: readonly Identity[] = [1, 2, 3].map((fill) =>
  createIdentity(Buffer.alloc(32, fill)),
);

export const statement: fc.Arbitrary<Statement> = fc
  .tuple(fc.constantFrom(...identities), uint48)
  .chain(([{ peerId: id }, version]) => {
    const said = { peerId: fc.constant(id), version: fc.constant(version) };
    return fc.oneof(
      fc.record({
        kind: fc.constant('summary' as const),
        ...said,
        port,
        contentCount: uint32,
        interests: fc.array(infoHash, { maxLength: MAX_GOSSIP_INTERESTS }),
        filter: fc.uint8Array({ maxLength: MAX_GOSSIP_FILTER_BYTES, size: 'max' }),
      }),
      fc.record({ kind: fc.constant('leave' as const), ...said }),
      pieceCount.chain((count) =>
        fc.record({
          kind: fc.constant('index' as const),
          ...said,
          infoHash,
          name: contentName,
          length: fc.integer({ min: MAX_PIECES, max: Number.MAX_SAFE_INTEGER }),
          pieceCount: fc.constant(count),
          part: partOf(count),
        }),
      ),
      fc.record({ kind: fc.constant('index end' as const), ...said, infoHash }),
    );
  });

export const signedStatement: fc.Arbitrary<SignedStatement> = statement.map((said) =>
  signStatement(signer(said.peerId), said),
);

export function signer(id: PeerId): Identity {
  const identity = identities.find((candidate) => candidate.peerId === id);
  if (identity === undefined) throw new Error('nobody has this peer id');
  return identity;
}

const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant<Scope>({ kind: 'members' }),
  infoHash.map((hash): Scope => ({ kind: 'content', infoHash: hash })),
);
const entries = fc.array(fc.record({ shortId: digits(8), version: uint48 }), { maxLength: 81, size: 'max' });
const hint = fc.option(
  fc.record({
    host: fc.oneof(
      fc.ipV4().filter((host) => !/^(0|22[4-9]|2[345]\d)\./.test(host)),
      fc.constantFrom(
        '2001:db8::1',
        'fd00:0:0:1::',
        '::1',
        'fec0::1',
        'fc12:3456:789a:bcde:f012:3456:789a:bcde',
      ),
    ),
    port,
  }),
  { nil: undefined },
);

export const item: fc.Arbitrary<GossipItem> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ping' as const, 'ack' as const), sequence: uint32 }),
  fc.record({ kind: fc.constantFrom('ask' as const, 'vouch' as const), sequence: uint32, target: peerId }),
  fc.record({ kind: fc.constant('unreachable' as const), target: peerId }),
  fc.record({ kind: fc.constant('root' as const), scope, digest: bytesOf(8) }),
  fc.nat(8).chain((bits) =>
    fc.record({
      kind: fc.constant('buckets' as const),
      scope,
      bits: fc.constant(bits),
      digests: fc
        .array(uint32, { minLength: 2 ** bits, maxLength: 2 ** bits })
        .map((all) => Uint32Array.from(all)),
    }),
  ),
  fc.nat(8).chain((bits) =>
    fc.record({
      kind: fc.constant('entries' as const),
      scope,
      bits: fc.constant(bits),
      bucket: fc.nat(2 ** bits - 1),
      entries,
    }),
  ),
  fc.record({ kind: fc.constant('want' as const), scope, entries }),
  fc.record({ kind: fc.constant('statement' as const), statement: signedStatement, provenAt: hint }),
  fc.record({ kind: fc.constant('examine' as const), sequence: uint32, port }),
  fc.record({
    kind: fc.constant('examined' as const),
    sequence: uint32,
    outcome: fc.constantFrom('reached' as const, 'refused' as const, 'no answer' as const),
    wallTime: uint48,
  }),
);

export const header: fc.Arbitrary<GossipHeader> = fc.record({ sender: peerId, cookie: bytesOf(8) });

/** Bodies that fit a datagram, whatever they are. */
export const body: fc.Arbitrary<GossipBody> = fc.oneof(
  fc.record({ kind: fc.constant('probe' as const), nonce: bytesOf(8) }),
  fc.record({
    kind: fc.constant('proof' as const),
    nonce: bytesOf(8),
    given: bytesOf(8),
    publicKey: bytesOf(32),
    signature: bytesOf(64),
  }),
  fc.constant<GossipBody>({ kind: 'unknown' }),
  item.map((only): GossipBody => ({ kind: 'items', items: [only] })),
);

/** The same each time; so below. */
export function sampleOf<T>(arbitrary: fc.Arbitrary<T>): T {
  const [value] = samples(arbitrary, 1);
  return value as T;
}

export function samples<T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: 7 });
}
