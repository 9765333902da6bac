import { describe, expect, it } from 'vitest';
import { encodeGossip } from '../../../src/gossip/codec/encode-gossip.ts';
import { GOSSIP_PROBE_TRIES } from '../../../src/limits.ts';
import { fakeIdentity } from '../fake-identity.ts';
import { messagesTo, RawGossiper, Subject } from '../raw-gossiper.ts';

describe('a handshake', () => {
  it('proves both to each other when the other side begins', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2').join();
    expect(subject.gossip.members).toEqual([
      { peerId: other.identity.peerId, endpoints: [other.endpoint], port: 47_470, state: 'alive' },
    ]);
  });

  it('proves both to each other when we begin', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2');
    const met = subject.handle({ kind: 'met', node: other.endpoint, how: 'heard' });
    const [probe] = messagesTo(met, other.endpoint);
    if (probe?.kind !== 'probe') throw new Error('no probe');
    const [ours] = messagesTo(other.send(other.proof(probe.nonce)), other.endpoint);
    if (ours?.kind !== 'proof') throw new Error('no proof');
    expect(ours.nonce).toEqual(other.given);
    expect(ours.cookie).toEqual(other.given);
    other.cookie = ours.given;
    other.sendStatement(other.summary());
    expect(subject.gossip.counts.members).toBe(1);
  });

  it('keeps nothing of who has only probed', () => {
    const subject = new Subject();
    new RawGossiper(subject, '10.0.0.2').probe();
    expect(subject.gossip.counts).toMatchObject({ members: 0, observers: 0, waiting: 0 });
  });

  it('is not believed with a wrong signature', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2');
    const [answer] = messagesTo(other.probe(), other.endpoint);
    if (answer?.kind !== 'proof') throw new Error('no proof');
    other.send(other.proof(answer.given, { signature: new Uint8Array(64) }));
    expect(subject.drops).toEqual(['wrong signature']);
    expect(subject.gossip.counts.observers).toBe(0);
  });

  it("is not believed with a key that is not the peer id's", () => {
    const subject = new Subject();
    const victim = fakeIdentity(subject.random);
    const thief = new RawGossiper(subject, '10.0.0.2');
    const asVictim = encodeGossip(
      { sender: victim.peerId, cookie: new Uint8Array(8) },
      { kind: 'probe', nonce: new Uint8Array(8) },
    );
    const [answer] = messagesTo(thief.send(asVictim), thief.endpoint);
    if (answer?.kind !== 'proof') throw new Error('no proof');
    thief.send(thief.proof(answer.given, { sender: victim }));
    expect(subject.drops).toEqual(['wrong signature']);
    expect(subject.gossip.counts.observers).toBe(0);
  });

  it('is not believed with a cookie that was given to another address', () => {
    const subject = new Subject();
    const here = new RawGossiper(subject, '10.0.0.2');
    const [answer] = messagesTo(here.probe(), here.endpoint);
    if (answer?.kind !== 'proof') throw new Error('no proof');
    const elsewhere = new RawGossiper(subject, '10.0.0.3', here.identity);
    elsewhere.send(elsewhere.proof(answer.given));
    expect(subject.drops).toEqual(['unproven source']);
    expect(subject.gossip.counts.observers).toBe(0);
  });

  it('is not believed as an answer to a probe that was sent to another address', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.3');
    const asked = { host: '10.0.0.2', port: 47_470 };
    const [probe] = messagesTo(subject.handle({ kind: 'met', node: asked, how: 'heard' }), asked);
    if (probe?.kind !== 'probe') throw new Error('no probe');
    other.send(other.proof(probe.nonce));
    expect(subject.drops).toEqual(['unproven source']);
  });

  it('shown again later is not believed', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2');
    const [probe] = messagesTo(
      subject.handle({ kind: 'met', node: other.endpoint, how: 'heard' }),
      other.endpoint,
    );
    if (probe?.kind !== 'probe') throw new Error('no probe');
    const proof = other.proof(probe.nonce);
    other.send(proof);
    subject.advance(20_000);
    expect(subject.gossip.counts.observers).toBe(0);
    other.send(proof);
    expect(subject.gossip.counts.observers).toBe(0);
    expect(subject.drops.at(-1)).toBe('unproven source');
  });

  it('with another process at a known address ends the one that was there', () => {
    const subject = new Subject();
    const before = new RawGossiper(subject, '10.0.0.2').join();
    const after = new RawGossiper(subject, '10.0.0.2').join();
    expect(subject.gossip.members.map(({ peerId }) => peerId)).toEqual([after.identity.peerId]);
    expect(subject.sightings).toContainEqual({
      kind: 'gone',
      peerId: before.identity.peerId,
      path: 'gossip',
    });
  });

  it('at a second address keeps both, the newest first', () => {
    const subject = new Subject();
    const first = new RawGossiper(subject, '10.0.0.2').join();
    const second = new RawGossiper(subject, '192.168.0.2', first.identity);
    second.prove();
    expect(subject.gossip.members).toEqual([
      {
        peerId: first.identity.peerId,
        endpoints: [second.endpoint, first.endpoint],
        port: 47_470,
        state: 'alive',
      },
    ]);
  });

  it('with ourselves is given up', () => {
    const subject = new Subject();
    const mirror = new RawGossiper(subject, '10.0.0.1', subject.identity);
    subject.handle({ kind: 'met', node: mirror.endpoint, how: 'heard' });
    mirror.probe();
    expect(subject.gossip.counts.probes).toBe(0);
    const again = subject.handle({ kind: 'met', node: mirror.endpoint, how: 'heard' });
    expect(messagesTo(again, mirror.endpoint)).toEqual([]);
  });

  it('is begun anew where a member no longer knows us', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2').join();
    const unknown = encodeGossip(
      { sender: other.identity.peerId, cookie: new Uint8Array(8) },
      { kind: 'unknown' },
    );
    expect(messagesTo(other.send(unknown), other.endpoint).map(({ kind }) => kind)).toEqual(['probe']);
  });

  it('is not begun because a stranger says that it does not know us', () => {
    const subject = new Subject();
    const other = new RawGossiper(subject, '10.0.0.2');
    const unknown = encodeGossip(
      { sender: other.identity.peerId, cookie: new Uint8Array(8) },
      { kind: 'unknown' },
    );
    expect(messagesTo(other.send(unknown), other.endpoint)).toEqual([]);
    expect(subject.drops).toEqual(['unproven source']);
  });

  it('with a node the user named is tried every second, however long it takes', () => {
    const subject = new Subject();
    const node = { host: '10.0.0.9', port: 47_470 };
    subject.handle({ kind: 'met', node, how: 'named by the user' });
    const probes = messagesTo(subject.advance(60_000), node);
    expect(probes.length).toBeGreaterThanOrEqual(55);
    expect(probes.length).toBeLessThanOrEqual(61);
  });

  it('with a node that was merely heard of is tried a few times', () => {
    const subject = new Subject();
    const node = { host: '10.0.0.9', port: 47_470 };
    const probes = [
      ...messagesTo(subject.handle({ kind: 'met', node, how: 'heard' }), node),
      ...messagesTo(subject.advance(60_000), node),
    ];
    expect(probes).toHaveLength(GOSSIP_PROBE_TRIES);
  });

  it('is refused where too many peers are known', () => {
    const subject = new Subject({ peers: 2 });
    for (const last of [2, 3, 4]) new RawGossiper(subject, `10.0.0.${last}`).prove();
    expect(subject.gossip.counts.observers).toBe(2);
    expect(subject.drops).toEqual(['too many peers']);
  });
});
