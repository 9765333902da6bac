import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_CLASSROOM_TALK_AT_ONCE, MAX_PENDING_HANDSHAKES } from '../../src/limits.ts';
import { encodePieceHeader } from '../../src/wire/lan/encode.ts';
import { ClassroomSwarm } from '../support/classroom-swarm.ts';
import { RawStudent } from '../support/raw-student.ts';
import { testSeed } from '../support/seeded-random.ts';
import { refusals, started } from './started-peer.ts';

const seed = testSeed();
/** A program at place 2 that the peer at place 0 has let in. */
async function guestOf(swarm: ClassroomSwarm): Promise<RawStudent> {
  const guest = await RawStudent.dial(swarm, 0, 2);
  await guest.shakeHands(1003);
  return guest;
}

describe(`guests without an end (SEED=${seed})`, () => {
  it('who asks for the same piece for ever and never has it is given up by name', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, waitMs: 1_000 });
    const seeder = await started(swarm, 0);
    await started(swarm, 1);
    const guest = await guestOf(swarm);
    await guest.say({ type: 'interested' });
    for (let second = 0; second < 150 && seeder.result === undefined; second++) {
      await guest.say({ type: 'request', index: 0 });
      await swarm.clock.advance(950);
    }
    // Of 40 pieces: it might have wanted all of them without a word.
    expect(guest.count('piece')).toBeGreaterThan(40);
    if (seeder.result?.kind !== 'given up') throw new Error('it was not given up');
    expect(seeder.result.fault.message).toContain('peer 1003 has 0 of 40 pieces and does not go on');
  });

  it('who takes the whole file slowly, and tells of nothing, is not given up before it has it', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, waitMs: 1_000 });
    const seeder = await started(swarm, 0);
    await started(swarm, 1);
    const guest = await guestOf(swarm);
    await guest.say({ type: 'interested' });
    await swarm.clock.advance(1_000);
    for (let index = 0; index < 40; index++) {
      await guest.say({ type: 'request', index });
      await swarm.clock.advance(10_000);
    }
    expect([guest.count('piece'), seeder.result]).toEqual([40, undefined]);
  });

  it.each(['interested', 'choke', 'have'] as const)(
    'who says "%s" tens of thousands of times at once loses its link, and the others go on',
    async (type) => {
      const swarm = new ClassroomSwarm({ seed, peers: 3, uplinkBytesPerSecond: 100_000_000 });
      const [seeder, other] = [await started(swarm, 0), await started(swarm, 1)];
      const guest = await guestOf(swarm);
      const word = type === 'have' ? { type, index: 0 } : { type };
      await guest.say(...Array(MAX_CLASSROOM_TALK_AT_ONCE / 2).fill(word));
      expect(guest.closed).toBe(false);
      await guest.say(...Array(MAX_CLASSROOM_TALK_AT_ONCE).fill(word));
      expect(guest.closed).toBe(true);
      expect(refusals(seeder)).toEqual([expect.stringContaining('over and over')]);
      expect(seeder.log.length).toBeLessThan(2 * MAX_CLASSROOM_TALK_AT_ONCE);
      const again = await guestOf(swarm);
      await again.say(...Array(MAX_CLASSROOM_TALK_AT_ONCE / 2).fill(word));
      expect(again.closed).toBe(true);
      await swarm.clock.advance(10_000);
      expect(swarm.holdsAll(other)).toBe(true);
    },
  );

  it('who gives a piece byte by byte does not keep it from another who has it', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 4, seeders: [2, 3], pieces: 1 });
    const peer = await started(swarm, 0);
    const [dripping, other] = [await guestOf(swarm), await RawStudent.dial(swarm, 0, 3)];
    await other.shakeHands(1004);
    for (const guest of [dripping, other]) await guest.bitfield(() => true);
    for (const guest of [dripping, other]) await guest.say({ type: 'unchoke' });
    expect([dripping.requests, other.requests]).toEqual([[0], []]);
    await dripping.bytes(encodePieceHeader(0, swarm.bytes.length, false));
    for (let byte = 0; byte < 20; byte++) {
      await dripping.bytes(swarm.bytes.subarray(byte, byte + 1));
      await swarm.clock.advance(950);
    }
    expect(other.requests).toEqual([0]);
    await other.piece(0);
    expect(swarm.holdsAll(peer)).toBe(true);
    await dripping.bytes(swarm.bytes.subarray(20));
    expect(dripping.closed).toBe(false);
  });

  it('many who connect and say nothing do not keep a listed peer out', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const seeder = await started(swarm, 0);
    for (let caller = 0; caller < 2 * MAX_PENDING_HANDSHAKES; caller++) await RawStudent.dial(swarm, 0);
    const other = await started(swarm, 1);
    await swarm.clock.advance(500);
    expect(other.events).toContainEqual({ event: 'peer-connected', id: seeder.id, dialed: true });
  });

  it('twenty listed peers that are not there are dialled without a warning of Node', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    onTestFinished(() => {
      process.off('warning', onWarning);
    });
    const swarm = new ClassroomSwarm({ seed, peers: 21 });
    await started(swarm, 20);
    await swarm.clock.advance(5_000);
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  });
});
