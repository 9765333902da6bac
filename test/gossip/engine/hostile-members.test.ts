import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signStatement } from '../../../src/gossip/codec/sign-statement.ts';
import type { GossipItem } from '../../../src/gossip/gossip-message.ts';
import type { PeerId } from '../../../src/holdings/holding.ts';
import { itemsTo, RawGossiper, Subject } from '../raw-gossiper.ts';
import { firstPieces, holdingOf, infoHashOf } from '../sample-holdings.ts';

function subjectWithMembers(count: number) {
  const subject = new Subject();
  const holdings = [holdingOf(subject.identity.peerId, 1, firstPieces(3))];
  subject.handle({ kind: 'holdings', holdings });
  const interests = [infoHashOf(1)];
  const members = Array.from({ length: count }, (_, at) =>
    new RawGossiper(subject, `10.0.1.${at + 1}`).join({ interests }),
  );
  const liar = new RawGossiper(subject, '10.0.0.2').join({ interests });
  subject.advance(200);
  return { subject, members, liar };
}

/** Anything that can be said, about those who are there and those who are not. */
function anyItem(ids: readonly PeerId[], liar: RawGossiper): fc.Arbitrary<GossipItem> {
  const target = fc.constantFrom(...ids);
  const sequence = fc.nat();
  const scope = fc.constantFrom(
    { kind: 'members' } as const,
    { kind: 'content', infoHash: infoHashOf(1) } as const,
    { kind: 'content', infoHash: infoHashOf(2) } as const,
  );
  const version = fc.nat(2 ** 40);
  const entry = fc.record({ shortId: target.map((id) => id.slice(16, 32)), version });
  const entries = fc.array(entry, { maxLength: 20 });
  const bits = fc.nat(8);
  const summary = fc.record({
    kind: fc.constant('summary' as const),
    peerId: fc.constant(liar.identity.peerId),
    version,
    port: fc.integer({ min: 1, max: 65_535 }),
    contentCount: fc.nat(),
    filter: fc.uint8Array({ maxLength: 512 }),
    interests: fc.array(fc.nat(3).map(infoHashOf), { maxLength: 16 }),
  });
  const index = fc.record({
    kind: fc.constant('index' as const),
    peerId: fc.constant(liar.identity.peerId),
    version,
    infoHash: fc.nat(3).map(infoHashOf),
    name: fc.constant('x.bin'),
    length: fc.constant(1_000_000),
    pieceCount: fc.integer({ min: 1, max: 100_000 }),
    part: fc.constantFrom({ kind: 'whole' } as const, { kind: 'segment', segment: 0, ranges: [] } as const),
  });
  const provenAt = fc.option(
    fc.record({
      host: fc.nat(255).map((last) => `10.7.7.${last}`),
      port: fc.integer({ min: 1, max: 65_535 }),
    }),
    { nil: undefined },
  );
  const statement = fc.oneof(summary, index).map((said) => signStatement(liar.identity, said));
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('ping' as const, 'ack' as const), sequence }),
    fc.record({ kind: fc.constantFrom('ask' as const, 'vouch' as const), sequence, target }),
    fc.record({ kind: fc.constant('unreachable' as const), target }),
    fc.record({
      kind: fc.constant('root' as const),
      scope,
      digest: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    }),
    fc
      .tuple(scope, bits)
      .map(
        ([of, all]) =>
          ({ kind: 'buckets', scope: of, bits: all, digests: new Uint32Array(2 ** all) }) as const,
      ),
    fc
      .tuple(scope, bits, fc.nat(255), entries)
      .map(
        ([of, all, at, known]) =>
          ({ kind: 'entries', scope: of, bits: all, bucket: at % 2 ** all, entries: known }) as const,
      ),
    fc.record({ kind: fc.constant('want' as const), scope, entries }),
    fc.record({ kind: fc.constant('statement' as const), statement, provenAt }),
    fc.record({ kind: fc.constant('examine' as const), sequence, port: fc.integer({ min: 1, max: 65_535 }) }),
    fc.record({
      kind: fc.constant('examined' as const),
      sequence,
      outcome: fc.constantFrom('reached' as const, 'refused' as const),
      wallTime: fc.nat(),
    }),
  );
}

describe('whatever a member says', () => {
  it('breaks nothing, and costs the others nothing', () => {
    const { subject, members, liar } = subjectWithMembers(6);
    const ids = [subject, liar, ...members].map(({ identity }) => identity.peerId);
    fc.assert(
      fc.property(fc.array(anyItem(ids, liar), { maxLength: 8 }), fc.nat(100), (items, passes) => {
        for (const member of members) member.answerPings(liar.sendItems(...items));
        const effects = subject.advance(passes);
        for (const member of [...members, liar]) member.answerPings(effects);
        expect(subject.gossip.counts.members).toBe(7);
        expect(subject.sightings.filter(({ kind }) => kind === 'gone')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('makes us send no more than the limit a round', () => {
    const { subject, liar } = subjectWithMembers(20);
    const start = subject.effects.length;
    for (let asked = 0; asked < 500; asked++)
      liar.sendItems({
        kind: 'buckets',
        scope: { kind: 'members' },
        bits: 0,
        digests: Uint32Array.of(asked),
      });
    const sent = subject.effects
      .slice(start)
      .reduce((sum, effect) => sum + (effect.kind === 'send' ? effect.bytes.length : 0), 0);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(20 * 1_024);
  });

  it('makes us look for no more peers a round than the limit', () => {
    const { subject, members, liar } = subjectWithMembers(200);
    subject.advance(400);
    const start = subject.effects.length;
    for (let time = 0; time < 3; time++)
      for (const { identity } of members) liar.sendItems({ kind: 'unreachable', target: identity.peerId });
    const pinged = members.filter(({ endpoint }) =>
      itemsTo(subject.effects.slice(start), endpoint).some(({ kind }) => kind === 'ping'),
    );
    expect(pinged).toHaveLength(128);
  });

  it('is not listened to any more where it is too much', () => {
    const { subject, liar } = subjectWithMembers(1);
    for (let sent = 0; sent < 3_000; sent++) liar.sendItems({ kind: 'ping', sequence: sent });
    expect(subject.drops.filter((reason) => reason === 'datagrams a second').length).toBeGreaterThan(1_900);
  });
});
