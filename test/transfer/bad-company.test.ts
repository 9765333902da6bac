import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PeerId, peerIdFromBytes } from '../../src/holdings/holding.ts';
import { DUPLICATE_QUIET_MS, IDLE_TIMEOUT_MS, MAX_DIALED_LINKS } from '../../src/limits.ts';
import { randomInteger } from '../../src/platform/random.ts';
import { encodeMessage } from '../../src/wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../../src/wire/lan/handshake.ts';
import { FRAME_TYPES } from '../../src/wire/lan/message.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const SOMEWHERE = { host: '10.7.7.7', port: 7_000 };
let sim: SimulatedSwarm;

beforeEach(() => {
  sim = new SimulatedSwarm({ seed });
});

afterEach(async () => {
  await sim.close();
  // What a very slow uplink still had to send.
  await sim.clock.advance(600_000);
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

function someId(number: number): PeerId {
  return peerIdFromBytes(createHash('sha1').update(`${number}`).digest());
}

describe(`a peer that says anything (SEED=${seed})`, () => {
  it('loses its own link at most', async () => {
    const source = await sim.addSeed();
    const known = Object.values(FRAME_TYPES);
    for (let count = 0; count < 150; count++) {
      const babbler = await RawPeer.dial(sim, source, '10.8.1.1');
      await babbler.introduce({ peerId: someId(count) });
      for (let said = 0; said < 4; said++) {
        const type = known[randomInteger(sim.random, known.length)] ?? 0;
        const payload = sim.random.bytes(randomInteger(sim.random, 13));
        // Mostly a piece that exists.
        if (payload.length === 4) payload.set([0, 0, 0]);
        const head = Buffer.alloc(5);
        head.writeUInt32BE(1 + payload.length);
        head.writeUInt8(type, 4);
        await babbler.bytes(Buffer.concat([head, payload]));
      }
      babbler.leave();
      await sim.clock.advance(1);
    }
    const honest = await sim.addFetcher();
    honest.swarm.learn(source.endpoint, source.peerId);
    expect(await sim.run(5_000, [honest])).toBe(true);
  });
});

describe(`a peer that does not read (SEED=${seed})`, () => {
  it('is left when it leaves too many answers unread', async () => {
    const source = await sim.addSeed({ uplinkBytesPerSecond: 10_000 });
    const greedy = await RawPeer.dial(sim, source);
    await greedy.introduce();
    // Choked, it gets a reject for each.
    await greedy.say(...Array.from({ length: 20_000 }, () => ({ type: 'request', index: 1 }) as const));
    await sim.clock.advance(3_000);
    expect(greedy.closed).toBe(true);
  });

  it('is left when it leaves too much metainfo unread', async () => {
    const source = await sim.addSeed({ uplinkBytesPerSecond: 10_000 });
    const greedy = await RawPeer.dial(sim, source);
    await greedy.introduce();
    const request = { type: 'metainfo request', offset: 0, length: 1 } as const;
    await greedy.say(...Array.from({ length: 20_000 }, () => request));
    await sim.clock.advance(3_000);
    expect(greedy.closed).toBe(true);
  });

  it('is left when it takes nothing of a piece that it asked for', async () => {
    const source = await sim.addSeed({ uplinkBytesPerSecond: 100 });
    const deaf = await RawPeer.dial(sim, source);
    await deaf.introduce();
    await sim.clock.advance(10_000);
    await deaf.say({ type: 'interested' });
    await sim.clock.advance(1_000);
    await deaf.say({ type: 'request', index: 1 });
    await sim.clock.advance(IDLE_TIMEOUT_MS - 2_000);
    expect(deaf.closed).toBe(false);
    await sim.clock.advance(6_000);
    expect(deaf.closed).toBe(true);
  });
});

describe(`a fetcher among strangers (SEED=${seed})`, () => {
  it('gets the metainfo elsewhere when a peer talks of everything else', async () => {
    const source = await sim.addSeed();
    const fetcher = await sim.addFetcher({ undescribed: true });
    const chatty = await RawPeer.dial(sim, fetcher);
    await chatty.introduce({ metainfoSize: 1_000 });
    fetcher.swarm.learn(source.endpoint, source.peerId);
    for (let count = 0; count < 5; count++) {
      await chatty.say({ type: 'interested' });
      await sim.clock.advance(3_000);
    }
    expect(await sim.run(1_000, [fetcher])).toBe(true);
  });

  it('gets the metainfo elsewhere when a peer gives it byte by byte', async () => {
    const source = await sim.addSeed();
    const fetcher = await sim.addFetcher({ undescribed: true });
    const stingy = await RawPeer.dial(sim, fetcher);
    await stingy.introduce({ metainfoSize: 1_000 });
    fetcher.swarm.learn(source.endpoint, source.peerId);
    for (let offset = 0; offset < 5; offset++) {
      await stingy.say({ type: 'metainfo', offset, bytes: Buffer.from('x') });
      await sim.clock.advance(3_000);
    }
    expect(await sim.run(1_000, [fetcher])).toBe(true);
  });

  it('still dials the source when as many have dialled it as it may dial', async () => {
    const source = await sim.addSeed();
    const fetcher = await sim.addFetcher();
    for (let count = 0; count < MAX_DIALED_LINKS; count++) {
      const stranger = await RawPeer.dial(sim, fetcher, `10.8.0.${count + 1}`);
      await stranger.introduce({ peerId: someId(count) });
    }
    expect(fetcher.swarm.sessions.size).toBe(MAX_DIALED_LINKS);
    fetcher.swarm.learn(source.endpoint, source.peerId);
    expect(await sim.run(5_000, [fetcher])).toBe(true);
  });

  it('waits longer and longer before it dials who answers under another name each time', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, someId(0));
    let answered = 0;
    for (let step = 0; step < 100; step++) {
      await sim.clock.advance(50);
      while (answered < callers.length) await callers[answered]?.introduce({ peerId: someId(++answered) });
    }
    expect(answered).toBeGreaterThan(1);
    expect(answered).toBeLessThan(6);
  });

  it('waits longer and longer before it dials an address of a peer that it is linked with', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined);
    const refusal = { type: 'refusal', reason: 'duplicate link', text: 'already linked' } as const;
    let answered = 0;
    for (let step = 0; step < 100; step++) {
      await sim.clock.advance(50);
      while (answered < callers.length) {
        const caller = callers[answered++];
        await caller?.bytes(Buffer.concat([encodeHandshake(7), encodeMessage(refusal)]));
        caller?.leave();
      }
    }
    expect(answered).toBeGreaterThan(1);
    expect(answered).toBeLessThan(6);
  });

  it('completes although others die at each byte of their handshake', async () => {
    const source = await sim.addSeed();
    const fetcher = await sim.addFetcher();
    const prober = await RawPeer.dial(sim, source);
    const hello = encodeMessage({ type: 'hello', hello: prober.hello() });
    const opening = Buffer.concat([encodeHandshake(shortId(prober.hello().peerId)), hello]);
    for (let cut = 0; cut < opening.length; cut += 7) {
      const at = { host: '10.6.6.6', port: 1_000 + cut };
      const callers = await RawPeer.listen(sim, at);
      fetcher.swarm.learn(at, undefined);
      await sim.clock.advance(2);
      for (const caller of callers) {
        await caller.bytes(opening.subarray(0, cut));
        caller.leave();
      }
    }
    fetcher.swarm.learn(source.endpoint, source.peerId);
    expect(await sim.run(10_000, [fetcher])).toBe(true);
    prober.leave();
  });

  it('hangs up on those who have not answered yet when it closes', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined);
    await sim.clock.advance(100);
    await fetcher.swarm.close();
    await sim.clock.advance(100);
    expect(callers.map((caller) => caller.closed)).toEqual([true]);
  });

  it('is no longer interested in who had the only piece and rejects it', async () => {
    const fetcher = await sim.addFetcher();
    const broken = await RawPeer.dial(sim, fetcher);
    await broken.introduce();
    const bits = Buffer.alloc(8);
    bits[0] = 0x80;
    await broken.say({ type: 'bitfield', bits });
    await broken.say({ type: 'unchoke' });
    expect(broken.heard.at(-1)).toEqual({ type: 'request', index: 0 });
    await broken.say({ type: 'reject', index: 0 });
    expect(broken.heard.at(-1)).toEqual({ type: 'not interested' });
    await broken.say({ type: 'have', index: 0 });
    expect(broken.count('interested')).toBe(2);
  });
});

describe(`an uploader (SEED=${seed})`, () => {
  it('answers once who asks again for the piece that is being sent', async () => {
    const source = await sim.addFetcher({ limitUp: 200_000, holds: (index) => index < 32 });
    const fetcher = await sim.addFetcher();
    fetcher.swarm.learn(source.endpoint, source.peerId);
    await sim.clock.advance(500);
    for (const { link } of source.swarm.sessions) {
      link.choke();
      link.unchoke();
    }
    await sim.clock.advance(10_000);
    expect(fetcher.store.have.count).toBe(32);
    expect(fetcher.changes.map((change) => change.reason)).toEqual([undefined]);
  });

  it('lets all others keep their slots when one leaves', async () => {
    const source = await sim.addSeed({
      choking: { uploadSlots: 8, intervalMs: 1_000_000, optimisticIntervalMs: 1_000_000 },
    });
    const crowd: RawPeer[] = [];
    for (let count = 0; count < 12; count++) {
      const one = await RawPeer.dial(sim, source, `10.8.0.${count + 1}`);
      await one.introduce({ peerId: someId(count) });
      await one.say({ type: 'interested' });
      crowd.push(one);
    }
    crowd.find((one) => one.count('unchoke') === 1)?.leave();
    await sim.clock.advance(100);
    expect(crowd.filter((one) => one.count('unchoke') === 1)).toHaveLength(9);
    expect(crowd.filter((one) => one.count('choke') > 0)).toEqual([]);
    for (const one of crowd) one.leave();
  });

  it('takes a peer back that has lost its link and this side has not noticed', async () => {
    const source = await sim.addSeed();
    const before = await RawPeer.dial(sim, source);
    await before.introduce();
    await sim.clock.advance(DUPLICATE_QUIET_MS + 100);
    const after = await RawPeer.dial(sim, source);
    await after.introduce();
    expect(after.refusal).toBeUndefined();
    expect(before.closed).toBe(true);
    expect([...source.swarm.sessions]).toHaveLength(1);
    after.leave();
  });

  it('keeps the link it dialled until the one that takes its place is heard over', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawPeer.listen(sim, SOMEWHERE);
    const lower = peerIdFromBytes(Buffer.alloc(20));
    fetcher.swarm.learn(SOMEWHERE, lower);
    await sim.clock.advance(50);
    const [dialed] = callers;
    await dialed?.introduce({ peerId: lower });
    const late = await RawPeer.dial(sim, fetcher, SOMEWHERE.host);
    await late.introduce({ peerId: lower });
    expect(late.refusal).toBeUndefined();
    expect(dialed?.closed).toBe(false);
    await late.say({ type: 'interested' });
    expect(dialed?.closed).toBe(true);
    expect([...fetcher.swarm.sessions]).toHaveLength(1);
    late.leave();
  });
});
