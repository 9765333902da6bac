import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/classroom/log/log-event.ts';
import { ClassroomSwarm, type RunningPeer } from '../support/classroom-swarm.ts';
import { testSeed } from '../support/seeded-random.ts';

const seed = testSeed();
let swarm: ClassroomSwarm | undefined;

/** Whatever happens in a run, nothing is left open or waiting after it. */
afterEach(() => {
  expect(swarm?.network.openConnections ?? 0).toBe(0);
  expect(swarm?.clock.pending ?? 0).toBe(0);
  swarm = undefined;
});

function logged(peer: RunningPeer | undefined, kind: LogEvent['kind']): number {
  return peer?.log.filter(({ event }) => event.kind === kind).length ?? 0;
}

describe(`a run of all listed peers (SEED=${seed})`, () => {
  it.each([
    ['three peers', 3, [0]],
    ['five peers', 5, [0]],
    ['ten peers', 10, [0]],
    ['two seeders', 5, [0, 3]],
    ['a seeder that stands last', 4, [3]],
    ['a seeder in the middle', 7, [3]],
    ['nothing but seeders', 3, [0, 1, 2]],
  ])('%s: all get the file and all go', async (_name, peers, seeders) => {
    swarm = new ClassroomSwarm({ seed, peers, seeders });
    const running = await swarm.startAll();
    expect(await swarm.runToEnd(running)).toBe(true);
    for (const peer of running) {
      expect(peer.result).toEqual({ kind: 'all complete' });
      expect(swarm.holdsAll(peer)).toBe(true);
    }
  });

  it('a file without a byte is complete at once, at everybody', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 0 });
    const running = await swarm.startAll();
    expect(await swarm.runToEnd(running)).toBe(true);
    expect(running.map(({ result }) => result?.kind)).toEqual(Array(3).fill('all complete'));
    expect(logged(running[1], 'complete')).toBe(1);
  });

  it('peers that start one after the other, in any order, and 30 s late, end with the others', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 5 });
    const running: RunningPeer[] = [];
    for (const place of [3, 1, 4, 0]) {
      running.push(await swarm.start(place));
      await swarm.clock.advance(700);
    }
    await swarm.clock.advance(30_000);
    expect(running.every(({ result }) => result === undefined)).toBe(true);
    running.push(await swarm.start(2));
    expect(await swarm.runToEnd(running)).toBe(true);
    for (const peer of running) {
      expect(peer.result).toEqual({ kind: 'all complete' });
      expect(swarm.holdsAll(peer)).toBe(true);
    }
  });

  it('a peer that is killed half-way and started again begins with nothing, and all end', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 4, pieces: 100 });
    const running = await swarm.startAll();
    const victim = running[2] as RunningPeer;
    expect(await swarm.clock.advanceUntil(() => victim.store.have.count > 20, 60_000)).toBe(true);
    await swarm.kill(2, victim);
    await swarm.clock.advance(3_000);
    running[2] = await swarm.start(2);
    expect(running[2].store.have.count).toBe(0);
    expect(await swarm.runToEnd(running)).toBe(true);
    for (const peer of running) {
      expect(peer.result).toEqual({ kind: 'all complete' });
      expect(swarm.holdsAll(peer)).toBe(true);
    }
  });

  it('a seeder that is killed and started again serves the rest', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 100 });
    const running = await swarm.startAll();
    const [seeder, fetcher] = running as [RunningPeer, RunningPeer];
    expect(await swarm.clock.advanceUntil(() => fetcher.store.have.count > 5, 60_000)).toBe(true);
    await swarm.kill(0, seeder);
    await swarm.clock.advance(2_000);
    running[0] = await swarm.start(0);
    expect(await swarm.runToEnd(running)).toBe(true);
    expect(running.map(({ result }) => result?.kind)).toEqual(Array(3).fill('all complete'));
  });
});

describe(`a run that misses somebody (SEED=${seed})`, () => {
  it('a peer that dies before it has the file is named, after the wait, by all others', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 4, pieces: 100, waitMs: 20_000 });
    const running = await swarm.startAll();
    const [victim] = running.splice(2, 1) as [RunningPeer];
    expect(await swarm.clock.advanceUntil(() => victim.store.have.count > 20, 60_000)).toBe(true);
    await swarm.kill(2, victim);
    expect(await swarm.runToEnd(running)).toBe(true);
    for (const peer of running) {
      expect(swarm.holdsAll(peer)).toBe(true);
      const { result } = peer;
      if (result?.kind !== 'given up') throw new Error(`it ended with ${result?.kind}`);
      expect(result.fault).toMatchObject({ code: 'PEERS_MISSING', exitCode: 3 });
      expect(result.fault.message).toMatch(/peer 1003 is gone and had \d+ of 100 pieces/);
    }
  });

  it('a peer that never came is waited for as long as the user says, and no longer', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 3, waitMs: 10_000 });
    const running = [await swarm.start(0), await swarm.start(1)];
    expect(
      await swarm.clock.advanceUntil(() => running.every(({ store }) => store.have.complete), 60_000),
    ).toBe(true);
    await swarm.clock.advance(9_000);
    expect(running.map(({ result }) => result)).toEqual([undefined, undefined]);
    expect(await swarm.runToEnd(running, 2_000)).toBe(true);
    for (const { result } of running) {
      if (result?.kind !== 'given up') throw new Error(`it ended with ${result?.kind}`);
      expect(result.fault.message).toContain('peer 1003 never came');
    }
  });

  it('who lacks pieces that nobody has gives up, and says how far everybody is', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 3, pieces: 100, waitMs: 5_000 });
    const running = await swarm.startAll();
    const [seeder] = running.splice(0, 1) as [RunningPeer];
    expect(await swarm.clock.advanceUntil(() => running[0]?.store.have.count === 10, 60_000)).toBe(true);
    await swarm.kill(0, seeder);
    expect(await swarm.runToEnd(running)).toBe(true);
    for (const { result } of running) {
      if (result?.kind !== 'given up') throw new Error(`it ended with ${result?.kind}`);
      expect(result.fault.message).toMatch(/this peer has \d+ of 100 pieces; peer 1001 is gone and had 100/);
      expect(result.fault.message).toMatch(/peer 100[23] has \d+ of 100 pieces and does not go on/);
    }
  });
});

describe(`the log of a run (SEED=${seed})`, () => {
  it('has each piece once, counted, with its have before it, and the file last of them', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 5 });
    const running = await swarm.startAll();
    await swarm.runToEnd(running);
    for (const { log, id } of running.slice(1)) {
      const pieces = log.flatMap(({ event }) => (event.kind === 'downloaded piece' ? [event] : []));
      expect(pieces.map((event) => event.pieces)).toEqual(pieces.map((_, at) => at + 1));
      expect(new Set(pieces.map((event) => event.piece)).size).toBe(40);
      const order = log.map(({ event }) => event.kind);
      expect(order.lastIndexOf('downloaded piece')).toBeLessThan(order.indexOf('complete'));
      const dialed = log.flatMap(({ event }) => (event.kind === 'makes connection' ? [event.to] : []));
      expect(dialed.sort()).toEqual(running.map((one) => one.id).filter((other) => other < id));
    }
  });

  it('pieces come only from who has unchoked us, or was asked while it had', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 6 });
    const running = await swarm.startAll();
    await swarm.runToEnd(running);
    for (const { log } of running.slice(1)) {
      const unchokedBy = new Set<number>();
      for (const { event } of log) {
        if (event.kind === 'unchoked') unchokedBy.add(event.by);
        if (event.kind === 'downloaded piece') expect(unchokedBy).toContain(event.from);
      }
    }
  });

  it('has never more preferred neighbours than configured, and the same list not twice in a row', async () => {
    swarm = new ClassroomSwarm({ seed, peers: 8, pieces: 200 });
    const running = await swarm.startAll();
    await swarm.runToEnd(running);
    expect(logged(running[0], 'preferred neighbors')).toBeGreaterThan(0);
    for (const { events } of running) {
      const lists = events.flatMap((event) => (event.event === 'preferred' ? [event.neighbors] : []));
      for (const list of lists) expect(list.length).toBeLessThanOrEqual(2);
      const words = lists.map((list) => [...list].sort().join());
      for (const [at, list] of words.entries()) if (at > 0) expect(list).not.toBe(words[at - 1]);
    }
  });
});
