import { describe, expect, it } from 'vitest';
import { makeFilter } from '../../../src/gossip/codec/content-filter.ts';
import { signStatement } from '../../../src/gossip/codec/sign-statement.ts';
import { fakeIdentity } from '../fake-identity.ts';
import { itemsTo, messagesTo, RawGossiper, Subject } from '../raw-gossiper.ts';
import { holdingOf } from '../sample-holdings.ts';

const HINT = { host: '10.0.0.77', port: 47_470 };

function statementsTo(effects: Parameters<typeof itemsTo>[0], to: RawGossiper) {
  return itemsTo(effects, to.endpoint).flatMap((item) =>
    item.kind === 'statement' ? [{ peerId: item.statement.statement.peerId, provenAt: item.provenAt }] : [],
  );
}

describe('what a member says of another peer', () => {
  it('makes us look there, and is neither believed nor passed on before that peer has proven itself', () => {
    const subject = new Subject();
    const teller = new RawGossiper(subject, '10.0.0.2').join();
    const bystander = new RawGossiper(subject, '10.0.0.3').join();
    subject.advance(100);
    const named = new RawGossiper(subject, HINT.host);
    const query = { kind: 'everything' } as const;
    subject.handle({ kind: 'queries', queries: [query] });
    const filter = makeFilter([holdingOf(named.identity.peerId, 1)]);
    const effects = [...teller.sendStatement(named.summary({ filter }), HINT), ...subject.advance(1_500)];
    expect(messagesTo(effects, HINT).every(({ kind }) => kind === 'probe')).toBe(true);
    expect(statementsTo(effects, bystander)).toEqual([]);
    expect(
      subject.sightings.filter((one) => 'peerId' in one && one.peerId === named.identity.peerId),
    ).toEqual([]);
    expect(effects.filter(({ kind }) => kind === 'inquire')).toEqual([]);
    expect(subject.gossip.counts).toMatchObject({ members: 2, waiting: 1 });
  });

  it('is passed on, with the address where we have proven it, as soon as it has proven itself', () => {
    const subject = new Subject();
    const teller = new RawGossiper(subject, '10.0.0.2').join();
    const bystander = new RawGossiper(subject, '10.0.0.3').join();
    subject.advance(100);
    const named = new RawGossiper(subject, HINT.host);
    const [probe] = messagesTo(teller.sendStatement(named.summary(), HINT), HINT);
    if (probe?.kind !== 'probe') throw new Error('no probe');
    named.send(named.proof(probe.nonce));
    const told = statementsTo(subject.advance(100), bystander);
    expect(told).toContainEqual({ peerId: named.identity.peerId, provenAt: named.endpoint });
    expect(subject.gossip.counts).toMatchObject({ members: 3, waiting: 0 });
  });

  it('without an address where it is to be found is forgotten', () => {
    const subject = new Subject();
    const teller = new RawGossiper(subject, '10.0.0.2').join();
    teller.sendStatement(new RawGossiper(subject, HINT.host).summary());
    expect(subject.gossip.counts.waiting).toBe(0);
  });

  it('of more peers than a member may tell of is not kept', () => {
    const subject = new Subject({ waitingPerMember: 10 });
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let number = 0; number < 100; number++) {
      const made = new RawGossiper(subject, `10.1.0.${number}`);
      liar.sendStatement(made.summary(), made.endpoint);
    }
    expect(subject.gossip.counts.waiting).toBe(10);
  });

  it('never makes us probe more addresses at once than the limit', () => {
    const subject = new Subject({ probesAtOnce: 8 });
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let number = 0; number < 100; number++) {
      const made = new RawGossiper(subject, `10.1.0.${number}`);
      liar.sendStatement(made.summary(), made.endpoint);
    }
    expect(subject.gossip.counts.probes).toBe(8);
  });

  it('with a forged signature is dropped, and who repeats it is not heard any more', () => {
    const subject = new Subject();
    const victim = new RawGossiper(subject, '10.0.0.3').join();
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let forged = 0; forged < 20; forged++) {
      const { statement, bytes } = victim.leaving(1_000 + forged);
      liar.sendStatement({ statement, bytes: bytes.with(-64, 255 - (bytes.at(-64) ?? 0)) });
    }
    expect(subject.gossip.counts.members).toBe(2);
    expect(subject.drops.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 'wrong signature'));
    expect(subject.drops.slice(8)).toEqual(Array.from({ length: 12 }, () => 'muted'));
  });

  it('cannot be a goodbye in the name of somebody else', () => {
    const subject = new Subject();
    const victim = new RawGossiper(subject, '10.0.0.3').join();
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    liar.sendStatement(liar.leaving());
    expect(subject.gossip.members.map(({ peerId }) => peerId)).toEqual([victim.identity.peerId]);
  });

  it('replayed in an older version changes nothing and costs no check of a signature', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.3').join();
    const old = other.summary({ contentCount: 1 });
    other.sendStatement(old);
    other.sendStatement(other.summary({ contentCount: 2 }));
    subject.advance(100);
    const broken = { ...old, bytes: old.bytes.with(-64, 255 - (old.bytes.at(-64) ?? 0)) };
    other.sendStatement(broken);
    expect(subject.drops).toEqual([]);
  });

  it('after its goodbye does not bring it back', () => {
    const subject = new Subject();
    const teller = new RawGossiper(subject, '10.0.0.2').join();
    const gone = new RawGossiper(subject, '10.0.0.3').join();
    const old = gone.summary();
    teller.sendStatement(gone.leaving());
    expect(subject.gossip.counts.members).toBe(1);
    const effects = teller.sendStatement(old, gone.endpoint);
    expect(messagesTo(effects, gone.endpoint)).toEqual([]);
    gone.prove();
    expect(subject.gossip.counts).toMatchObject({ members: 1, observers: 0, waiting: 0 });
  });

  it('about ourselves is ignored', () => {
    const subject = new Subject();
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    const { peerId } = subject.identity;
    const leave = signStatement(subject.identity, { kind: 'leave', peerId, version: 99 });
    liar.sendStatement(leave);
    expect(subject.gossip.counts.members).toBe(1);
  });

  it('is no reason to check more signatures a second than the limit', () => {
    const subject = new Subject({ signaturesPerSourcePerSecond: 20, waitingPerMember: 1_000 });
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let number = 0; number < 200; number++) {
      const made = new RawGossiper(subject, `10.1.0.${number}`, fakeIdentity(subject.random));
      liar.sendStatement(made.summary(), made.endpoint);
    }
    expect(subject.gossip.counts.waiting).toBeLessThan(20);
    expect(subject.drops).toContain('datagrams a second');
  });
});
