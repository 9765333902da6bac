import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/classroom/config/project.ts';
import { probe } from '../../src/classroom/probe/probe.ts';
import { keepsTheRules, type ProbeOptions, type ProbeReport } from '../../src/classroom/probe/probe-api.ts';
import { LanshareError } from '../../src/errors.ts';
import { ClassroomSwarm, listed } from '../support/classroom-swarm.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { type Fault, ProgramUnderTest } from '../support/program-under-test.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const PIECE_SIZE = 1_000;
const CONTENT = Buffer.from(seededRandom(1).bytes(12_345));
const TARGET = { host: '10.0.0.1', port: 6001 };

/** How a program fetches: not tested with one that has the file. */
const OF_A_FETCHER = [
  'bitfield-says-nothing',
  'interest-after-have',
  'interest-after-piece',
  'requests-after-unchoke',
  'requests-next',
  'have-after-piece',
  'requests-what-is-held',
  'requests-what-it-lacks',
  'one-request',
  'no-request-while-choked',
  'unchoke-repeated',
];

describe('a program that keeps the rules', () => {
  it('and has the file: nothing is blamed, and only how it fetches is not tested', async () => {
    const report = await probed({ hasFile: true });
    expect(brokenIn(report)).toEqual([]);
    expect(untestedIn(report)).toEqual(OF_A_FETCHER);
    expect(report.id).toBe(1001);
    expect(keepsTheRules(report)).toBe(true);
  });

  it('and lacks the file: nothing is blamed, and all but the bitfield of a whole file is tested', async () => {
    const report = await probed({ hasFile: false });
    expect(brokenIn(report)).toEqual([]);
    expect(untestedIn(report)).toEqual(['bitfield-says-all']);
  });

  it.each([true, false])('may wait until it is spoken to (has the file: %s)', async (hasFile) => {
    const report = await probed({ hasFile, fault: 'silent until spoken to' });
    expect(brokenIn(report)).toEqual([]);
    expect(untestedIn(report)).toEqual(hasFile ? OF_A_FETCHER : ['bitfield-says-all']);
  });

  it('may send a bitfield of zeros', async () => {
    const report = await probed({ hasFile: false, fault: 'bitfield of zeros' });
    expect(brokenIn(report)).toEqual([]);
    expect(outcomeOf(report, 'bitfield-says-nothing')).toMatchObject({ kind: 'kept', note: /zeros/ });
  });

  it('may lose the request that comes right after its unchoke', async () => {
    const report = await probed({ hasFile: true, fault: 'loses the first request' });
    expect(brokenIn(report)).toEqual([]);
    expect(outcomeOf(report, 'request-answered')).toMatchObject({ kind: 'kept', note: /lost/ });
  });

  it('is given made-up pieces where the file is not at hand, and has to give them back', async () => {
    const right = await probed({ hasFile: false, options: { reference: undefined } });
    expect(outcomeOf(right, 'piece-content')).toMatchObject({ kind: 'kept' });
    const wrong = await probed({ hasFile: false, fault: 'other content', options: { reference: undefined } });
    expect(brokenIn(wrong)).toEqual(['piece-content']);
  });

  it('is judged by what can be told without its configuration', async () => {
    const report = await probed({ hasFile: true, options: { project: undefined, reference: undefined } });
    expect(brokenIn(report)).toEqual([]);
    expect(outcomeOf(report, 'request-answered')).toMatchObject({ kind: 'kept' });
    expect(outcomeOf(report, 'piece-length')).toMatchObject({ kind: 'not tested' });
  });

  it('has one piece, or none', async () => {
    for (const bytes of [0, 1, PIECE_SIZE, PIECE_SIZE + 1]) {
      expect(brokenIn(await probed({ hasFile: true, bytes })), `${bytes} bytes`).toEqual([]);
      expect(brokenIn(await probed({ hasFile: false, bytes })), `${bytes} bytes`).toEqual([]);
    }
  });
});

describe('lanshare peer itself', () => {
  it.each([true, false])('keeps every rule and takes all advice (has the file: %s)', async (hasFile) => {
    const swarm = new ClassroomSwarm({ seed: 7, peers: 2, pieces: 43, seeders: [hasFile ? 0 : 1] });
    const running = await swarm.start(0);
    const { pieceSize } = swarm.project.common;
    const report = await over(
      swarm.clock,
      probe({
        target: TARGET,
        as: undefined,
        project: swarm.project,
        reference: {
          piece: async (index) => swarm.bytes.subarray(index * pieceSize, (index + 1) * pieceSize),
        },
        network: swarm.hostOf(1),
        clock: swarm.clock,
        signal: new AbortController().signal,
        onProgress: () => {},
      }),
    );
    expect(brokenIn(report)).toEqual([]);
    expect(untestedIn(report)).toEqual(hasFile ? OF_A_FETCHER : ['bitfield-says-all']);
    await swarm.kill(0, running);
  });
});

describe('the rule that a program breaks is told', () => {
  const ofSharers: readonly (readonly [Fault, readonly string[]])[] = [
    ['no handshake', ['handshake-answered']],
    ['another header', ['handshake-header']],
    ['zeros as characters', ['handshake-zeros']],
    ['ID as text', ['handshake-id']],
    ['ID little-endian', ['handshake-id']],
    ['ID of the probe', ['handshake-id']],
    ['header not checked', ['header-checked']],
    ['ID not checked', ['id-checked']],
    ['a packet is a message', ['handshake-split', 'request-split']],
    ['a packet is a handshake', ['handshake-split']],
    ['one message a packet', ['messages-together']],
    ['length little-endian', ['message-length']],
    ['length as text', ['message-length']],
    ['floods', ['message-length']],
    ['a type of its own', ['message-type']],
    ['bitfield late', ['bitfield-first']],
    ['bitfield twice', ['bitfield-first']],
    ['bitfield too long', ['bitfield-length']],
    ['bitfield spare bits', ['spare-bits']],
    ['no bitfield', ['bitfield-says-all']],
    ['bitfield low bit first', ['spare-bits', 'bitfield-says-all']],
    ['always interested', ['interest-after-bitfield']],
    ['never unchokes', ['unchoke-in-time']],
    ['unchokes everybody', ['unchokes-the-interested']],
    ['answers the choked', ['choked-unanswered']],
    ['answers nothing', ['request-answered', 'requests-pipelined']],
    ['closes after a request', ['request-answered', 'connection-kept', 'requests-pipelined']],
    ['a piece twice', ['only-requested']],
    ['a piece nobody asked for', ['only-requested']],
    ['short pieces', ['piece-length', 'last-piece']],
    ['pads the last piece', ['last-piece']],
    ['other content', ['piece-content']],
    ['the next piece instead', ['last-piece', 'piece-content']],
    ['loses the second interested', ['interested-repeated']],
    ['answers beyond the end', ['beyond-the-end']],
    ['ends when a peer leaves', ['survives-leaving']],
    ['dies of length zero', ['survives-zero-length']],
  ];
  it.each(ofSharers)('%s (it has the file)', async (fault, rules) => {
    expect(brokenIn(await probed({ hasFile: true, fault }))).toEqual(rules);
  });

  const ofFetchers: readonly (readonly [Fault, readonly string[]])[] = [
    ['length without the type', ['message-length']],
    ['a byte too many', ['message-length']],
    ['claims what it lacks', ['bitfield-says-nothing']],
    ['never interested', ['interest-after-bitfield', 'interest-after-have']],
    ['interest only after bitfield', ['interest-after-have', 'interest-after-piece']],
    ['interested to the end', ['interest-after-piece']],
    ['asks for nothing', ['requests-after-unchoke']],
    ['asks for one piece', ['requests-next']],
    ['no have', ['have-after-piece']],
    ['asks for what nobody has', ['requests-what-is-held']],
    ['asks for what it has', ['requests-what-it-lacks']],
    ['asks for two', ['one-request']],
    ['asks on while choked', ['no-request-while-choked']],
    ['asks at each unchoke', ['unchoke-repeated']],
    ['other content', ['piece-content']],
  ];
  it.each(ofFetchers)('%s (it lacks the file)', async (fault, rules) => {
    expect(brokenIn(await probed({ hasFile: false, fault }))).toEqual(rules);
  });

  it('with what happened instead, where and when', async () => {
    const report = await probed({ hasFile: true, fault: 'ID as text' });
    expect(outcomeOf(report, 'handshake-id')).toEqual({
      kind: 'broken',
      breaches: [
        'they are the characters "1001", not the four bytes of a number (a whole exchange, after 0.0 s)',
      ],
    });
    expect(keepsTheRules(report)).toBe(false);
  });

  it('with the byte order, where that is what is wrong', async () => {
    const piece = await probed({ hasFile: true, fault: 'index little-endian' });
    expect(outcomeOf(piece, 'only-requested')).toMatchObject({
      breaches: expect.arrayContaining([
        expect.stringMatching(/never asked for: the index is written little-endian/),
      ]),
    });
    const request = await probed({ hasFile: false, fault: 'index little-endian' });
    expect(outcomeOf(request, 'requests-what-is-held')).toMatchObject({
      breaches: [expect.stringMatching(/never claimed: the index is written little-endian/)],
    });
    const length = await probed({ hasFile: true, fault: 'length little-endian' });
    expect(outcomeOf(length, 'message-length')).toMatchObject({
      breaches: [expect.stringMatching(/: the length is written little-endian \(/)],
    });
  });

  it('and says that a length may be none where an earlier one was wrong', async () => {
    const report = await probed({ hasFile: true, fault: 'length counts itself' });
    expect(outcomeOf(report, 'message-length')).toMatchObject({
      breaches: expect.arrayContaining([expect.stringMatching(/or the message before has another length/)]),
    });
  });

  it('and only advice that is not taken does not fail a program', async () => {
    expect(keepsTheRules(await probed({ hasFile: true, fault: 'answers beyond the end' }))).toBe(true);
  });

  it('even of half a handshake', async () => {
    const report = await probed({ hasFile: true, fault: 'half a handshake' });
    expect(brokenIn(report)).toContain('handshake-answered');
    expect(outcomeOf(report, 'request-answered')).toMatchObject({ kind: 'not tested' });
  });
});

describe('the end of a probe', () => {
  it('comes early where the program takes one connection only, with all that the first one taught', async () => {
    const report = await probed({ hasFile: true, fault: 'one connection only' });
    expect(brokenIn(report)).toEqual([]);
    expect(outcomeOf(report, 'last-piece')).toMatchObject({ kind: 'kept' });
    expect(outcomeOf(report, 'handshake-split')).toEqual({
      kind: 'not tested',
      why: 'it did not take a second connection of the same peer',
    });
  });

  it('comes within two minutes, whatever the program does not do', async () => {
    for (const fault of ['never unchokes', 'answers nothing', 'no handshake', 'never interested'] as const)
      expect((await probed({ hasFile: fault !== 'never interested', fault })).durationMs).toBeLessThan(
        60_000,
      );
  });

  it('comes at once when it is stopped', async () => {
    const stopping = new AbortController();
    const reason = new LanshareError('INTERRUPTED', 'stopped');
    const options = {
      signal: stopping.signal,
      onProgress: ({ scenario }: { scenario: number }) => scenario === 3 && stopping.abort(reason),
    };
    await expect(probed({ hasFile: true, options })).rejects.toBe(reason);
  });

  it('is a plain fault where nobody listens', async () => {
    const nobody = probed({ hasFile: true, options: { target: { host: '10.0.0.9', port: 6001 } } });
    await expect(nobody).rejects.toMatchObject({
      code: 'NETWORK',
      message: /nobody listens at 10\.0\.0\.9:6001/,
    });
  });

  it('is a plain fault where the probe would be the program itself', async () => {
    const itself = probed({ hasFile: true, options: { as: listed(1001) } });
    await expect(itself).rejects.toMatchObject({ code: 'USAGE' });
  });
});

interface Trial {
  readonly hasFile: boolean;
  readonly fault?: Fault;
  readonly bytes?: number;
  readonly options?: Partial<ProbeOptions>;
}

/** A probe of a program with that fault, in memory; nothing is open afterwards. */
async function probed({ hasFile, fault, bytes = CONTENT.length, options }: Trial): Promise<ProbeReport> {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(6) });
  const content = CONTENT.subarray(0, bytes);
  const program = new ProgramUnderTest({
    clock,
    fault,
    id: 1001,
    neighbour: 1002,
    hasFile,
    pieceSize: PIECE_SIZE,
    content,
    unchokeAfterMs: 3_000,
  });
  await program.listen(network.host(TARGET.host), TARGET.port);
  try {
    return await over(
      clock,
      probe({
        target: TARGET,
        as: undefined,
        project: project(hasFile, bytes),
        reference: { piece: async (index) => program.piece(index) },
        network: network.host('10.0.0.2'),
        clock,
        signal: new AbortController().signal,
        onProgress: () => {},
        ...options,
      }),
    );
  } finally {
    expect(network.openConnections).toBe(0);
  }
}

/** Lets the time pass until it is settled. */
async function over<T>(clock: VirtualClock, running: Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  running.then(end, end);
  expect(await clock.advanceUntil(() => isOver, 180_000)).toBe(true);
  return running;
}

function project(hasFile: boolean, fileSize: number): Project {
  return {
    common: {
      preferredNeighbors: 3,
      unchokingIntervalSeconds: 5,
      optimisticUnchokingIntervalSeconds: 10,
      fileName: 'thefile',
      fileSize,
      pieceSize: PIECE_SIZE,
    },
    peers: [
      { id: listed(1001), host: '10.0.0.1', port: 6001, hasFile },
      { id: listed(1002), host: '10.0.0.2', port: 6001, hasFile: !hasFile },
    ],
  };
}

function brokenIn({ verdicts }: ProbeReport): string[] {
  return verdicts.filter(({ outcome }) => outcome.kind === 'broken').map(({ rule }) => rule);
}

function untestedIn({ verdicts }: ProbeReport): string[] {
  return verdicts.filter(({ outcome }) => outcome.kind === 'not tested').map(({ rule }) => rule);
}

function outcomeOf({ verdicts }: ProbeReport, rule: string): unknown {
  return verdicts.find((verdict) => verdict.rule === rule)?.outcome;
}
