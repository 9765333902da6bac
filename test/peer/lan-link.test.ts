import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PeerId, peerIdFromBytes } from '../../src/holdings/holding.ts';
import {
  HANDSHAKE_TIMEOUT_MS,
  MAX_LINKS_PER_ADDRESS,
  MAX_PENDING_HANDSHAKES,
  MAX_QUEUED_REQUESTS,
} from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { encodeMessage, encodePieceHeader } from '../../src/wire/lan/encode.ts';
import { encodeHandshake } from '../../src/wire/lan/handshake.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
let sim: SimulatedSwarm;
let source: SimulatedPeer;
let stranger: RawPeer;

beforeEach(async () => {
  sim = new SimulatedSwarm({ seed });
  source = await sim.addSeed();
  stranger = await RawPeer.dial(sim, source);
});

afterEach(async () => {
  // Whatever the stranger did: an honest fetcher is served as if nothing had been.
  const honest = await sim.addFetcher();
  honest.swarm.learn(source.endpoint, source.peerId);
  expect(await sim.run(5_000, [honest])).toBe(true);
  stranger.leave();
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

describe(`a stranger before the link is open (SEED=${seed})`, () => {
  it('who says nothing is left after the time for a handshake', async () => {
    await sim.clock.advance(HANDSHAKE_TIMEOUT_MS - 100);
    expect(stranger.closed).toBe(false);
    await sim.clock.advance(200);
    expect(stranger.closed).toBe(true);
  });

  it('who says half a handshake is left, too', async () => {
    await stranger.bytes(encodeHandshake(1).subarray(0, 31));
    await sim.clock.advance(HANDSHAKE_TIMEOUT_MS + 100);
    expect(stranger.closed).toBe(true);
    expect(stranger.heard).toEqual([]);
  });

  it('who shakes hands and says no hello is told why', async () => {
    await stranger.bytes(encodeHandshake(1));
    await sim.clock.advance(HANDSHAKE_TIMEOUT_MS + 100);
    expect(stranger.refusal).toBe('handshake timeout');
  });

  it('who speaks HTTP is left at the first byte', async () => {
    await stranger.bytes(Buffer.from('G'));
    expect(stranger.closed).toBe(true);
  });

  it('whose hello is about another content is told that it is unknown', async () => {
    await stranger.introduce({ infoHash: '00'.repeat(20) as InfoHash });
    expect(stranger.refusal).toBe('unknown content');
  });

  it('who is ourselves is told so', async () => {
    await stranger.introduce({ peerId: source.peerId });
    expect(stranger.refusal).toBe('self connection');
  });

  it('whose two peer ids differ is told so', async () => {
    const hello = stranger.hello({ peerId: peerIdFromBytes(Buffer.alloc(20, 1)) });
    await stranger.bytes(Buffer.concat([encodeHandshake(1), encodeMessage({ type: 'hello', hello })]));
    expect(stranger.refusal).toBe('wrong peer id');
  });

  it('who links twice keeps one link', async () => {
    await stranger.introduce();
    const again = await RawPeer.dial(sim, source);
    await again.introduce();
    expect(again.refusal).toBe('duplicate link');
    expect(stranger.closed).toBe(false);
  });

  it('who is a strict peer of the assignment is told that this node serves many contents', async () => {
    await stranger.bytes(Buffer.concat([encodeHandshake(1001), encodeMessage({ type: 'interested' })]));
    expect(stranger.refusal).toBe('protocol error');
  });

  it('of another version is refused', async () => {
    await stranger.introduce({ version: 2 });
    expect(stranger.refusal).toBe('protocol error');
  });
});

describe(`a linked stranger (SEED=${seed})`, () => {
  beforeEach(() => stranger.introduce());

  it('is told our index and, when interested, unchoked', async () => {
    await stranger.say({ type: 'interested' });
    expect(stranger.heard.map((input) => input.type)).toEqual(['handshake', 'hello', 'bitfield', 'unchoke']);
  });

  it('gets the pieces it asks for', async () => {
    await stranger.say({ type: 'interested' }, { type: 'request', index: 3 });
    const piece = stranger.heard.find((input) => input.type === 'piece');
    expect(piece).toMatchObject({ index: 3, sentCrc32: sim.content.crc32s[3] });
  });

  it('that asks while it is choked gets a reject', async () => {
    await stranger.say({ type: 'request', index: 3 });
    expect(stranger.heard.at(-1)).toEqual({ type: 'reject', index: 3 });
  });

  it('that takes a request back gets the piece or a reject, never nothing', async () => {
    await stranger.say({ type: 'interested' });
    await stranger.say(...[1, 2, 3, 4].map((index) => ({ type: 'request', index }) as const), {
      type: 'cancel',
      index: 4,
    });
    expect(stranger.count('piece') + stranger.count('reject')).toBe(4);
    expect(stranger.count('reject')).toBe(1);
  });

  it('gets the metainfo in slices', async () => {
    const size = sim.metainfo.infoBytes.length;
    await stranger.say(
      { type: 'metainfo request', offset: 0, length: 10 },
      { type: 'metainfo request', offset: 10, length: size - 10 },
    );
    const slices = stranger.heard.flatMap((input) => (input.type === 'metainfo' ? [input.bytes] : []));
    expect(Buffer.concat(slices).equals(sim.metainfo.infoBytes)).toBe(true);
  });

  it.each([
    ['a request beyond the end', { type: 'request', index: 64 }],
    ['a have beyond the end', { type: 'have', index: 4_000_000_000 }],
    ['a bitfield that is too short', { type: 'bitfield', bits: Buffer.alloc(7) }],
    ['a bitfield that is too long', { type: 'bitfield', bits: Buffer.alloc(9) }],
    ['metainfo that was not asked for', { type: 'metainfo', offset: 0, bytes: Buffer.from('x') }],
    ['a request for metainfo beyond its end', { type: 'metainfo request', offset: 1_000_000, length: 1 }],
    ['a request for no metainfo', { type: 'metainfo request', offset: 0, length: 0 }],
  ] as const)('is refused after %s', async (_name, message) => {
    await stranger.say(message);
    expect(stranger.refusal).toBe('protocol error');
    expect(stranger.closed).toBe(true);
  });

  it('is refused after a second bitfield', async () => {
    const bitfield = { type: 'bitfield', bits: Buffer.alloc(8) } as const;
    await stranger.say(bitfield, bitfield);
    expect(stranger.refusal).toBe('protocol error');
  });

  it('is refused after a second hello', async () => {
    await stranger.say({ type: 'hello', hello: stranger.hello() });
    expect(stranger.refusal).toBe('protocol error');
  });

  it('is refused after a piece that was never asked for', async () => {
    await stranger.bytes(Buffer.concat([encodePieceHeader(3, 100, true), Buffer.alloc(104)]));
    expect(stranger.refusal).toBe('protocol error');
  });

  it('is refused when it leaves more requests than there may be', async () => {
    await stranger.say({ type: 'interested' });
    const requests = Array.from({ length: 64 }, (_, index) => ({ type: 'request', index }) as const);
    // Asking again for the same piece is asking once, so 64 pieces never reach the limit.
    for (let round = 0; round <= MAX_QUEUED_REQUESTS / 64; round++) await stranger.say(...requests);
    expect(stranger.closed).toBe(false);
  });
});

describe(`many strangers (SEED=${seed})`, () => {
  it('from one address get only so many links', async () => {
    const crowd: RawPeer[] = [];
    for (let count = 0; count < MAX_LINKS_PER_ADDRESS + 5; count++)
      crowd.push(await RawPeer.dial(sim, source));
    // The first stranger is one of them.
    expect(crowd.filter((one) => one.closed).length).toBeGreaterThanOrEqual(6);
    for (const one of crowd) one.leave();
    await sim.clock.advance(10);
  });

  it('that shake no hands give way, the oldest first, and are gone when their time is over', async () => {
    const crowd: RawPeer[] = [];
    for (let count = 0; count < MAX_PENDING_HANDSHAKES + 3; count++) {
      crowd.push(await RawPeer.dial(sim, source, `10.8.${count >> 4}.${count & 15}`));
    }
    expect(stranger.closed).toBe(true);
    expect(crowd.map((one) => one.closed)).toEqual(crowd.map((_, at) => at < 3));
    await sim.clock.advance(HANDSHAKE_TIMEOUT_MS + 1_000);
    expect(crowd.every((one) => one.closed)).toBe(true);
  });

  it('from one address that shake no hands displace each other, and nobody else', async () => {
    for (let count = 0; count < MAX_PENDING_HANDSHAKES - 1; count++) {
      await RawPeer.dial(sim, source, '10.8.0.1');
    }
    const honest = await RawPeer.dial(sim, source, '10.8.0.2');
    await RawPeer.dial(sim, source, '10.8.0.1');
    await honest.introduce();
    expect(stranger.closed).toBe(false);
    expect(honest.count('hello')).toBe(1);
  });

  it('with one peer id and two addresses are one peer', async () => {
    await stranger.introduce({ peerId: 'ee'.repeat(20) as PeerId });
    const other = await RawPeer.dial(sim, source, '10.9.9.10');
    await other.introduce({ peerId: 'ee'.repeat(20) as PeerId });
    expect([...source.swarm.sessions].length).toBe(1);
  });
});
