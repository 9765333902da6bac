import { describe, expect, it } from 'vitest';
import { STRICT_REQUEST_TIMEOUT_MS } from '../../src/limits.ts';
import { ClassroomSwarm, type RunningPeer } from '../support/classroom-swarm.ts';
import { RawStudent } from '../support/raw-student.ts';
import { testSeed } from '../support/seeded-random.ts';
import { refusals, started } from './started-peer.ts';

const seed = testSeed();
function logged({ log }: RunningPeer, kind: string): number {
  return log.filter(({ event }) => event.kind === kind).length;
}

/** A program at place 0 that has everything, and our peer at place 1, which has dialled it. */
async function seederProgram(swarm: ClassroomSwarm): Promise<{ student: RawStudent; peer: RunningPeer }> {
  const callers = await RawStudent.listen(swarm, 0);
  const peer = await started(swarm, 1);
  await swarm.clock.advance(50);
  const [student] = callers;
  if (student === undefined) throw new Error('nobody dialled');
  await student.shakeHands(1001);
  await student.bitfield(() => true);
  return { student, peer };
}

describe(`what programs do (SEED=${seed})`, () => {
  it('one request is outstanding at a time, and each is for another piece', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2, pieces: 12 });
    const { student, peer } = await seederProgram(swarm);
    expect(student.count('interested')).toBe(1);
    await student.say({ type: 'unchoke' }, { type: 'unchoke' });
    for (let asked = 1; asked <= 12; asked++) {
      expect(student.requests).toHaveLength(asked);
      await student.piece(student.requests.at(-1) ?? -1);
    }
    expect([...student.requests].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at));
    expect(student.count('have')).toBe(12);
    expect(student.heard.at(-1)).toEqual({ type: 'not interested' });
    expect(swarm.holdsAll(peer)).toBe(true);
  });

  it('a seeder that says nothing until we do is sent a bitfield without a piece, once', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3 });
    const callers = await RawStudent.listen(swarm, 0);
    await started(swarm, 1);
    await swarm.clock.advance(50);
    const [student] = callers;
    await student?.shakeHands(1001);
    await swarm.clock.advance(700);
    expect(student?.heard.map(({ type }) => type)).toEqual(['handshake']);
    await swarm.clock.advance(5_000);
    expect(student?.heard.slice(1)).toEqual([{ type: 'bitfield', bits: Buffer.alloc(5) }]);
  });

  it('a peer without the file is not spoken to for its silence: it has nothing to tell', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3 });
    await started(swarm, 1);
    const student = await RawStudent.dial(swarm, 1, 2);
    await student.shakeHands(1003);
    await swarm.clock.advance(5_000);
    expect(student.heard.map(({ type }) => type)).toEqual(['handshake']);
  });

  it('a request that is lost right after the unchoke is made again, at the same peer', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const { student, peer } = await seederProgram(swarm);
    await student.say({ type: 'unchoke' });
    expect(student.requests).toHaveLength(1);
    await swarm.clock.advance(STRICT_REQUEST_TIMEOUT_MS + 500);
    expect(student.requests).toHaveLength(2);
    await student.piece(student.requests[1] ?? -1);
    expect(peer.store.have.count).toBe(1);
    expect(student.requests).toHaveLength(3);
  });

  it('a piece that comes after its request was given up is taken, and what was asked meanwhile still stands', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const { student, peer } = await seederProgram(swarm);
    await student.say({ type: 'unchoke' });
    await swarm.clock.advance(STRICT_REQUEST_TIMEOUT_MS + 500);
    const [late = -1, meanwhile = -1] = student.requests;
    await student.piece(late);
    expect(peer.store.have.count).toBe(1);
    await student.piece(meanwhile);
    expect(peer.store.have.count).toBe(late === meanwhile ? 1 : 2);
    expect(student.closed).toBe(false);
  });

  it('a request that is made again for the same piece may be answered twice', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 1 });
    const { student, peer } = await seederProgram(swarm);
    await student.say({ type: 'unchoke' });
    await swarm.clock.advance(STRICT_REQUEST_TIMEOUT_MS + 500);
    expect(student.requests).toEqual([0, 0]);
    await student.piece(0);
    await student.piece(0);
    expect(swarm.holdsAll(peer)).toBe(true);
    expect(student.closed).toBe(false);
    await student.piece(0);
    expect(student.closed).toBe(true);
  });

  it('a choke in the middle of a request gives the piece back, and after the unchoke there is one request again', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const { student, peer } = await seederProgram(swarm);
    await student.say({ type: 'unchoke' }, { type: 'choke' });
    await swarm.clock.advance(2 * STRICT_REQUEST_TIMEOUT_MS);
    expect(student.requests).toHaveLength(1);
    await student.say({ type: 'unchoke' });
    expect(student.requests).toHaveLength(2);
    await student.piece(student.requests[0] ?? -1);
    expect(peer.store.have.count).toBe(1);
    expect([logged(peer, 'unchoked'), logged(peer, 'choked')]).toEqual([2, 1]);
  });

  it('a piece that was never asked for costs the link, with a sentence that says so, and it is dialled again', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const { student, peer } = await seederProgram(swarm);
    await student.piece(3);
    expect(student.closed).toBe(true);
    expect(refusals(peer)).toEqual(['peer 1001: piece 3 was not asked for']);
    await swarm.clock.advance(2_000);
    expect(logged(peer, 'makes connection')).toBe(1);
  });

  it('the last piece is asked of one alone, and of another only when that one fails', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 1 });
    const { student: first } = await seederProgram(swarm);
    const second = await RawStudent.dial(swarm, 1, 2);
    await second.shakeHands(1003);
    await second.bitfield(() => true);
    await first.say({ type: 'unchoke' });
    await second.say({ type: 'unchoke' });
    await swarm.clock.advance(STRICT_REQUEST_TIMEOUT_MS - 500);
    expect([first.requests, second.requests]).toEqual([[0], []]);
    await swarm.clock.advance(1_000);
    expect([first.requests, second.requests]).toEqual([[0], [0]]);
  });

  it('who was asked for a piece that another has brought late is asked for nothing else before it brings it, too', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 4 });
    const peer = await started(swarm, 1);
    const [late, other] = [await RawStudent.dial(swarm, 1, 2), await RawStudent.dial(swarm, 1, 3)];
    await late.shakeHands(1003);
    await other.shakeHands(1004);
    for (const student of [late, other]) await student.bitfield((index) => index === 0);
    await late.say({ type: 'unchoke' }, { type: 'choke' });
    await other.say({ type: 'unchoke' }, { type: 'have', index: 1 });
    await late.piece(0);
    expect(peer.store.have.count).toBe(1);
    expect([late.requests, other.requests]).toEqual([[0], [0]]);
    await other.piece(0);
    expect(other.requests).toEqual([0, 1]);
  });

  it('who never unchokes anybody is waited for, and then given up by name', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2, waitMs: 1_000 });
    const { student, peer } = await seederProgram(swarm);
    await swarm.clock.advance(50_000);
    expect(peer.result).toBeUndefined();
    expect(await swarm.runToEnd([peer], 20_000)).toBe(true);
    if (peer.result?.kind !== 'given up') throw new Error('it was not given up');
    expect(peer.result.fault.message).toContain('this peer has 0 of 40 pieces');
    expect(peer.result.fault.message).toContain('peer 1001 has 40 of 40 pieces and does not go on');
    expect(student.closed).toBe(true);
  });

  it('bitfields without a piece are answered with not interested, and later haves with interested, once', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3 });
    await started(swarm, 1);
    const student = await RawStudent.dial(swarm, 1, 2);
    await student.shakeHands(1003);
    await student.bitfield(() => false);
    expect([student.count('not interested'), student.count('interested')]).toEqual([1, 0]);
    await student.say({ type: 'have', index: 1 }, { type: 'have', index: 2 }, { type: 'have', index: 1 });
    expect([student.count('not interested'), student.count('interested')]).toEqual([1, 1]);
  });

  it('requests while choked are dropped, and answered after the unchoke, however often interest is repeated', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const seeder = await started(swarm, 0);
    const student = await RawStudent.dial(swarm, 0, 1);
    await student.shakeHands(1002);
    await student.say({ type: 'request', index: 5 }, { type: 'interested' }, { type: 'interested' });
    await swarm.clock.advance(1_000);
    expect(student.count('unchoke')).toBe(1);
    expect(student.count('piece')).toBe(0);
    await student.say({ type: 'request', index: 5 });
    expect(student.heard.at(-1)).toMatchObject({ type: 'piece', index: 5 });
    expect(logged(seeder, 'interested')).toBe(2);
  });

  it('a piece that the program says it has is sent all the same: there is no word for no', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    await started(swarm, 0);
    const student = await RawStudent.dial(swarm, 0, 1);
    await student.shakeHands(1002);
    await student.bitfield((index) => index === 7);
    await student.say({ type: 'interested' });
    await swarm.clock.advance(1_000);
    await student.say({ type: 'request', index: 7 });
    expect(student.heard.at(-1)).toMatchObject({ type: 'piece', index: 7 });
  });
});

describe(`leaving (SEED=${seed})`, () => {
  /** Our peer has got the file from two programs; the first, at place 0, has left before the last piece came. */
  async function completeWithoutTheFirst(swarm: ClassroomSwarm): Promise<RunningPeer> {
    const { student: first, peer } = await seederProgram(swarm);
    const second = await RawStudent.dial(swarm, 1, 2);
    await second.shakeHands(1003);
    await second.bitfield(() => true);
    await first.say({ type: 'unchoke' });
    for (let given = 0; given < 11; given++) await first.piece(first.requests.at(-1) ?? -1);
    first.leave();
    await swarm.clock.advance(50);
    await second.say({ type: 'unchoke' });
    await second.piece(second.requests.at(-1) ?? -1);
    expect(swarm.holdsAll(peer)).toBe(true);
    return peer;
  }

  it('who was gone when we became complete may come back to hear of it, and then we go', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 12 });
    const callers: RawStudent[] = [];
    const peer = await completeWithoutTheFirst(swarm);
    await swarm.clock.advance(2_000);
    expect(peer.result).toBeUndefined();
    callers.push(await RawStudent.dial(swarm, 1, 0));
    await callers[0]?.shakeHands(1001);
    expect(callers[0]?.heard.map(({ type }) => type)).toEqual(['handshake', 'bitfield']);
    await callers[0]?.bitfield(() => true);
    expect(peer.result).toEqual({ kind: 'all complete' });
  });

  it('who does not come back had the whole file: that is a good end, too', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 12 });
    const peer = await completeWithoutTheFirst(swarm);
    expect(await swarm.runToEnd([peer], 10_000)).toBe(true);
    expect(peer.result).toEqual({ kind: 'all complete' });
  });

  it('every have is out before the link is closed', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2, pieces: 12 });
    const { student, peer } = await seederProgram(swarm);
    await student.say({ type: 'unchoke' });
    for (let given = 0; given < 12; given++) await student.piece(student.requests.at(-1) ?? -1);
    expect(await swarm.runToEnd([peer], 10_000)).toBe(true);
    expect(student.count('have')).toBe(12);
    expect(student.closed).toBe(true);
  });
});

describe(`who is let in (SEED=${seed})`, () => {
  it.each([
    ['an ID that is not listed', 1009, /says that it is 1009, and no such peer is in PeerInfo.cfg/],
    ['our own ID', 1001, /which is our own ID/],
    ['an ID as text', 0x31303032, /as the text "1002"/],
  ])('%s is refused with a sentence, and others are not disturbed', async (_name, id, sentence) => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const running = [await started(swarm, 0)];
    const stranger = await RawStudent.dial(swarm, 0);
    await stranger.shakeHands(id);
    expect(stranger.closed).toBe(true);
    expect(refusals(running[0] as RunningPeer)).toEqual([expect.stringMatching(sentence)]);
    running.push(await started(swarm, 1));
    expect(await swarm.runToEnd(running)).toBe(true);
    expect(running.map(({ result }) => result?.kind)).toEqual(['all complete', 'all complete']);
  });

  it('who answers a dial with another ID is refused, told once, and dialled again until the right one answers', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 3 });
    const callers = await RawStudent.listen(swarm, 0);
    const peer = await started(swarm, 1);
    for (let dial = 0; dial < 3; dial++) {
      await swarm.clock.advanceUntil(() => callers.length > dial, 5_000);
      await callers[dial]?.shakeHands(1003);
      expect(callers[dial]?.closed).toBe(true);
    }
    expect(refusals(peer)).toEqual([expect.stringMatching(/it is 1003, and 1001 was dialled/)]);
    await swarm.clock.advanceUntil(() => callers.length > 3, 5_000);
    await callers[3]?.shakeHands(1001);
    expect(logged(peer, 'makes connection')).toBe(1);
  });

  it('one that should be dialled may dial: it gets a link, and is not dialled beside it', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const peer = await started(swarm, 1);
    const student = await RawStudent.dial(swarm, 1, 0);
    await student.shakeHands(1001);
    expect(student.count('handshake')).toBe(1);
    const callers = await RawStudent.listen(swarm, 0);
    await swarm.clock.advance(3_000);
    expect(callers).toHaveLength(0);
    expect([logged(peer, 'is connected'), logged(peer, 'makes connection')]).toEqual([1, 0]);
  });

  it('a second link of the same peer is refused while the first is in use, and takes its place when that is quiet', async () => {
    const swarm = new ClassroomSwarm({ seed, peers: 2 });
    const peer = await started(swarm, 0);
    const first = await RawStudent.dial(swarm, 0, 1);
    await first.shakeHands(1002);
    await first.say({ type: 'interested' });
    const second = await RawStudent.dial(swarm, 0, 1);
    await second.shakeHands(1002);
    expect([first.closed, second.closed]).toEqual([false, true]);
    await swarm.clock.advance(5_000);
    const third = await RawStudent.dial(swarm, 0, 1);
    await third.shakeHands(1002);
    await swarm.clock.advance(10);
    expect([first.closed, third.closed]).toEqual([true, false]);
    await third.say({ type: 'interested' });
    await swarm.clock.advance(1_500);
    await third.say({ type: 'request', index: 0 });
    expect(third.count('piece')).toBe(1);
    expect(refusals(peer)).toEqual(['peer 1002 is linked already']);
  });

  it.each([
    [
      'a second bitfield',
      [{ type: 'have', index: 1 } as const, { type: 'bitfield', bits: Buffer.alloc(25) } as const],
    ],
    ['a have beyond the end', [{ type: 'have', index: 200 } as const]],
    ['a request beyond the end', [{ type: 'request', index: 200 } as const]],
  ])('%s ends that link and no other', async (_name, messages) => {
    const swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 200 });
    const running = [await started(swarm, 0), await started(swarm, 1)];
    const student = await RawStudent.dial(swarm, 0, 2);
    await student.shakeHands(1003);
    await student.say(...messages);
    expect(student.closed).toBe(true);
    expect(refusals(running[0] as RunningPeer)).toHaveLength(1);
    await swarm.clock.advance(60_000);
    expect(running.every((peer) => swarm.holdsAll(peer))).toBe(true);
  });
});
