import { describe, expect, it } from 'vitest';
import { makeFilter } from '../../../src/gossip/codec/content-filter.ts';
import { signStatement } from '../../../src/gossip/codec/sign-statement.ts';
import { fanOut } from '../../../src/gossip/engine/fan-out.ts';
import { type IndexPart, SEGMENT_PIECES } from '../../../src/gossip/statement.ts';
import type { PieceSummary } from '../../../src/holdings/holding.ts';
import {
  GOSSIP_FANOUT_EXTRA,
  GOSSIP_STATEMENTS_BURST_PER_PEER,
  GOSSIP_STATEMENTS_PER_PEER_PER_SECOND,
  MAX_GOSSIP_NEWS_WAITING,
  MAX_PIECE_RANGES_PER_HOLDING,
  MAX_PIECES,
} from '../../../src/limits.ts';
import { itemsTo, messagesTo, RawGossiper, Subject } from '../raw-gossiper.ts';
import { firstPieces, holdingOf, infoHashOf } from '../sample-holdings.ts';

const CONTENT = infoHashOf(1);

/** A node that fetches content 1, and members that want to hear of it, too. */
function fetcherWith(members: number, limits: ConstructorParameters<typeof Subject>[0] = {}) {
  const subject = new Subject(limits);
  subject.handle({ kind: 'holdings', holdings: [holdingOf(subject.identity.peerId, 1, firstPieces(3))] });
  const joined = Array.from({ length: members }, (_, at) =>
    new RawGossiper(subject, `10.0.1.${at + 1}`).join({ interests: [CONTENT] }),
  );
  subject.advance(200);
  return { subject, joined };
}

let version = 100;

function tellIndex(of: RawGossiper, part: IndexPart, pieceCount = MAX_PIECES) {
  const said = { kind: 'index', peerId: of.identity.peerId, version: ++version } as const;
  const content = { infoHash: CONTENT, name: 'x.bin', length: pieceCount, pieceCount };
  return of.sendStatement(signStatement(of.identity, { ...said, ...content, part }));
}

function everySecondOf(segment: number): IndexPart {
  const first = segment * SEGMENT_PIECES;
  const ranges = Array.from({ length: SEGMENT_PIECES / 2 }, (_, at) => ({
    start: first + 2 * at,
    end: first + 2 * at + 1,
  }));
  return { kind: 'segment', segment, ranges };
}

function heardOf(subject: Subject, peer: RawGossiper): PieceSummary | undefined {
  const heard = subject.sightings.flatMap((one) => (one.kind === 'holding' ? [one.holding] : []));
  return heard.findLast(({ peerId }) => peerId === peer.identity.peerId)?.pieces;
}

describe('the index of a huge content with a million gaps', () => {
  it('is told with as many ranges as are kept, and the number of all pieces', () => {
    const { subject, joined } = fetcherWith(1);
    const [liar] = joined as [RawGossiper];
    const segments = MAX_PIECES / SEGMENT_PIECES;
    for (let segment = segments - 1; segment >= 0; segment--) {
      tellIndex(liar, everySecondOf(segment));
      subject.advance(20);
    }
    const pieces = heardOf(subject, liar);
    if (pieces?.kind !== 'some') throw new Error('not heard');
    expect(pieces).toMatchObject({ count: MAX_PIECES / 2, more: true });
    expect(pieces.ranges).toHaveLength(MAX_PIECE_RANGES_PER_HOLDING);
    expect(pieces.ranges[0]).toEqual({ start: 0, end: 1 });
  });
});

describe('a member that fills the room for indexes', () => {
  it('does not keep others from telling theirs, and changes to them', () => {
    const { subject, joined } = fetcherWith(3, { indexes: 128, indexesPerPeer: 64 });
    const [honest, ...liars] = joined as [RawGossiper, RawGossiper, RawGossiper];
    for (let segment = 0; segment < 100; segment++)
      for (const liar of liars) tellIndex(liar, everySecondOf(segment));
    tellIndex(honest, { kind: 'segment', segment: 0, ranges: [{ start: 0, end: 5 }] });
    expect(heardOf(subject, honest)).toMatchObject({ count: 5 });
    tellIndex(honest, { kind: 'segment', segment: 0, ranges: [{ start: 0, end: 9 }] });
    expect(heardOf(subject, honest)).toMatchObject({ count: 9 });
    expect(subject.gossip.counts.indexes).toBeLessThanOrEqual(128);
  });
});

describe('a member that says something new all the time', () => {
  it('is passed on no more often than honest members speak', () => {
    const { subject, joined } = fetcherWith(2);
    const [liar, bystander] = joined as [RawGossiper, RawGossiper];
    const start = subject.effects.length;
    const seconds = 4;
    for (let said = 0; said < 500 * seconds; said++) {
      liar.sendStatement(liar.summary({ contentCount: said }));
      subject.advance(2);
    }
    const passedOn = itemsTo(subject.effects.slice(start), bystander.endpoint).filter(
      (item) => item.kind === 'statement' && item.statement.statement.peerId === liar.identity.peerId,
    );
    const most = GOSSIP_STATEMENTS_BURST_PER_PEER + seconds * GOSSIP_STATEMENTS_PER_PEER_PER_SECOND;
    expect(passedOn.length).toBeGreaterThan(0);
    expect(passedOn.length).toBeLessThanOrEqual(most);
    expect(subject.drops).toContain('statements a second');
  });
});

describe('more news than can be passed on', () => {
  it('do not wait without end: comparing brings them', () => {
    const { subject, joined } = fetcherWith(40);
    const [bystander, ...liars] = joined as [RawGossiper, ...RawGossiper[]];
    for (const liar of liars)
      for (let said = 0; said < 200; said++) liar.sendStatement(liar.summary({ contentCount: said }));
    const start = subject.effects.length;
    for (let second = 0; second < 10; second++) {
      const effects = subject.advance(1_000);
      for (const member of joined) member.answerPings(effects);
    }
    const sent = subject.effects.slice(start);
    const passedOn = joined.flatMap(({ endpoint }) =>
      itemsTo(sent, endpoint).filter(({ kind }) => kind === 'statement'),
    );
    const copies = fanOut(40, GOSSIP_FANOUT_EXTRA);
    expect(passedOn.length).toBeGreaterThan(MAX_GOSSIP_NEWS_WAITING);
    expect(passedOn.length).toBeLessThan(copies * (MAX_GOSSIP_NEWS_WAITING + 100));
    expect(itemsTo(sent, bystander.endpoint).length).toBeGreaterThan(0);
  });
});

describe('a datagram full of pings', () => {
  it('is answered with all acks, and our digests once', () => {
    const { joined } = fetcherWith(1);
    const [member] = joined as [RawGossiper];
    const pings = Array.from({ length: 100 }, (_, sequence) => ({ kind: 'ping', sequence }) as const);
    const answered = itemsTo(member.sendItems(...pings), member.endpoint);
    expect(answered.filter(({ kind }) => kind === 'ack')).toHaveLength(100);
    expect(answered.filter(({ kind }) => kind === 'root')).toHaveLength(2);
  });
});

describe('a member that has us compare all the time', () => {
  it('is served again in the next round', () => {
    const { subject, joined } = fetcherWith(20);
    const [liar] = joined as [RawGossiper];
    const scope = { kind: 'members' } as const;
    const want = () =>
      itemsTo(
        liar.sendItems({
          kind: 'want',
          scope,
          entries: [{ shortId: subject.identity.peerId.slice(16, 32), version: 0 }],
        }),
        liar.endpoint,
      );
    expect(want()).toHaveLength(1);
    const same = rootOf(liar);
    // Nothing comes of these, but each has to be looked at.
    for (let sent = 0; sent < 100; sent++)
      liar.sendItems(
        ...Array.from({ length: 100 }, () => ({
          kind: 'buckets' as const,
          scope,
          bits: 0,
          digests: Uint32Array.of(same),
        })),
      );
    expect(want()).toEqual([]);
    subject.advance(600);
    expect(want().some(({ kind }) => kind === 'statement')).toBe(true);
  });
});

/** The lower half of the subject's digest of the members. */
function rootOf(asker: RawGossiper): number {
  const [root] = itemsTo(asker.sendItems({ kind: 'ping', sequence: 1 }), asker.endpoint).flatMap((item) =>
    item.kind === 'root' && item.scope.kind === 'members' ? [item.digest] : [],
  );
  if (root === undefined) throw new Error('no root');
  return new DataView(root.buffer, root.byteOffset).getUint32(4);
}

describe('probes with many forged addresses', () => {
  it('make us sign no more than a number a second, all together', () => {
    const subject = new Subject({ probesAnsweredPerSecond: 50 });
    let proofs = 0;
    for (let host = 0; host < 200; host++) {
      const forged = new RawGossiper(subject, `10.9.${host}.1`);
      proofs += messagesTo(forged.probe(), forged.endpoint).length;
    }
    expect(proofs).toBe(50);
    expect(subject.drops.filter((reason) => reason === 'probes a second')).toHaveLength(150);
  });
});

describe('a hint', () => {
  it('to a loopback address means nothing but on the same machine', () => {
    const subject = new Subject();
    const far = new RawGossiper(subject, '10.0.0.2').join();
    const near = new RawGossiper(subject, '127.0.0.1').join();
    const hidden = { host: '127.0.0.1', port: 631 };
    const named = new RawGossiper(subject, '10.0.0.9');
    expect(messagesTo(far.sendStatement(named.summary(), hidden), hidden)).toEqual([]);
    expect(messagesTo(near.sendStatement(named.summary(), hidden), hidden)).toHaveLength(1);
  });

  it('to many ports of one host has few of them probed at once', () => {
    const subject = new Subject({ probesAtOncePerHost: 8 });
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    subject.advance(1_000);
    const victim = '10.0.0.99';
    const start = subject.effects.length;
    for (let port = 1; port <= 50; port++)
      liar.sendStatement(new RawGossiper(subject, '10.0.0.9').summary(), { host: victim, port });
    const honest = { host: '10.0.0.77', port: 47_470 };
    liar.sendStatement(new RawGossiper(subject, honest.host).summary(), honest);
    const probed = () =>
      subject.effects.slice(start).filter((effect) => effect.kind === 'send' && effect.to.host === victim);
    expect(probed()).toHaveLength(8);
    expect(messagesTo(subject.effects, honest), 'others are not held up').toHaveLength(1);
    subject.advance(60_000);
    expect(new Set(probed().map((effect) => effect.kind === 'send' && effect.to.port)).size).toBe(50);
  });
});

describe('a member whose digest changes', () => {
  it('has given up what only the earlier one said', () => {
    const { subject, joined } = fetcherWith(1);
    const [member] = joined as [RawGossiper];
    const filterOf = (...numbers: number[]) =>
      makeFilter(numbers.map((number) => holdingOf(member.identity.peerId, number)));
    member.sendStatement(member.summary({ filter: filterOf(5, 6) }));
    member.sendStatement(member.summary({ filter: filterOf(6, 7) }));
    const given = subject.sightings.filter((one) => one.kind === 'given up').at(-1);
    const held = [4, 5, 6, 7].map((number) => given?.holds(infoHashOf(number)));
    expect(held, 'of 4 nothing was said').toEqual([true, false, true, true]);
  });
});
