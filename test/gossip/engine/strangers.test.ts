import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeGossip, packItems } from '../../../src/gossip/codec/encode-gossip.ts';
import type { GossipEffect } from '../../../src/gossip/gossip-events.ts';
import { fakeIdentity } from '../fake-identity.ts';
import { messagesTo, RawGossiper, Subject } from '../raw-gossiper.ts';

function sentBytes(effects: readonly GossipEffect[]): number {
  return effects.reduce((sum, effect) => sum + (effect.kind === 'send' ? effect.bytes.length : 0), 0);
}

describe('a stranger', () => {
  it('gets nothing larger than what it sent, whatever it sends', () => {
    const subject = new Subject();
    const known = new RawGossiper(subject, '10.0.0.2').join();
    const stranger = new RawGossiper(subject, '10.9.9.9');
    const header = fc.record({
      sender: fc.constantFrom(known.identity.peerId, stranger.identity.peerId, subject.identity.peerId),
      cookie: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    });
    const nonce = fc.uint8Array({ minLength: 8, maxLength: 8 });
    const probe = fc.tuple(header, nonce).map(([to, of]) => encodeGossip(to, { kind: 'probe', nonce: of }));
    const proof = nonce.map((of) => stranger.proof(of));
    const items = header.map((to) => packItems(to, [{ kind: 'ping', sequence: 1 }])[0] ?? new Uint8Array());
    const unknown = header.map((to) => encodeGossip(to, { kind: 'unknown' }));
    const wellFormed = fc.oneof(probe, proof, items, unknown);
    const damaged = fc
      .tuple(wellFormed, fc.nat(1_300), fc.nat(255))
      .map(([bytes, at, value]) => bytes.with(at % bytes.length, value).slice(0, 1 + (at % bytes.length)));
    const anything = fc.oneof(wellFormed, damaged, fc.uint8Array({ maxLength: 1_300 }));
    fc.assert(
      fc.property(anything, fc.boolean(), (bytes, spoofsMember) => {
        subject.now += 100;
        const from = spoofsMember ? known.endpoint : stranger.endpoint;
        // Before that, whatever was due anyway.
        subject.handle({ kind: 'wake' });
        const effects = subject.handle({ kind: 'datagram', bytes, from });
        const isReprobe = messagesTo(effects, known.endpoint).some(({ kind }) => kind === 'probe');
        if (!isReprobe) expect(sentBytes(effects)).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that says in the name of a member not to know us makes us send one probe, not more', () => {
    const subject = new Subject();
    const known = new RawGossiper(subject, '10.0.0.2').join();
    const spoofed = encodeGossip(
      { sender: known.identity.peerId, cookie: new Uint8Array(8) },
      { kind: 'unknown' },
    );
    const probes = Array.from({ length: 100 }, () => messagesTo(known.send(spoofed), known.endpoint)).flat();
    expect(probes.filter(({ kind }) => kind === 'probe')).toHaveLength(1);
  });

  it('with the address of a member, but not its cookie, is not believed', () => {
    const subject = new Subject();
    const known = new RawGossiper(subject, '10.0.0.2').join();
    const spoofer = new RawGossiper(subject, '10.0.0.2', known.identity);
    spoofer.cookie = Uint8Array.of(6, 6, 6, 6, 6, 6, 6, 6);
    spoofer.sendStatement(known.leaving());
    expect(subject.gossip.counts.members).toBe(1);
    expect(subject.drops).toEqual(['unproven source']);
  });

  it('that floods with the address of a member does not silence it', () => {
    const subject = new Subject({ datagramsPerSourcePerSecond: 10 });
    const known = new RawGossiper(subject, '10.0.0.2').join();
    for (let sent = 0; sent < 100; sent++) known.send(Uint8Array.of(1, 2, 3));
    expect(subject.drops).toContain('datagrams a second');
    known.sendStatement(known.leaving());
    expect(subject.gossip.counts.members).toBe(0);
  });

  it('that floods is not listened to, and costs no memory', () => {
    const subject = new Subject({ datagramsPerSourcePerSecond: 10 });
    const flooder = new RawGossiper(subject, '10.9.9.9');
    const answers = Array.from({ length: 1_000 }, () => messagesTo(flooder.probe(), flooder.endpoint)).flat();
    expect(answers).toHaveLength(10);
    expect(subject.drops.filter((reason) => reason === 'datagrams a second')).toHaveLength(990);
    expect(subject.gossip.counts).toMatchObject({ members: 0, observers: 0, waiting: 0, probes: 0 });
  });

  it('is named in the count of drops by what was wrong', () => {
    const subject = new Subject();
    const stranger = new RawGossiper(subject, '10.9.9.9');
    stranger.send(new Uint8Array(1_201));
    stranger.send(new Uint8Array(40));
    const probe = encodeGossip(
      { sender: fakeIdentity(subject.random).peerId, cookie: new Uint8Array(8) },
      { kind: 'probe', nonce: new Uint8Array(8) },
    );
    stranger.send(probe.with(5, 99));
    expect(subject.drops).toEqual(['too long', 'malformed', 'unknown kind']);
  });
});
