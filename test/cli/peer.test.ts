import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listedPeerId } from '../../src/classroom/config/project.ts';
import type {
  ClassroomEvent,
  ClassroomPeerOptions,
  RunResult,
} from '../../src/classroom/run/classroom-peer-api.ts';
import type { Classroom } from '../../src/cli/classroom.ts';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { COMMON, fakeClassroom, PEER_INFO } from './fake-classroom.ts';
import { fakeHost, type HostSettings, jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { screen } from './screen.ts';

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'Common.cfg'), COMMON);
  await writeFile(join(cwd, 'PeerInfo.cfg'), PEER_INFO);
});

function id(number: number) {
  const listed = listedPeerId(number);
  if (listed === undefined) throw new RangeError(`${number} is no ID`);
  return listed;
}

function progress(bytesDone: number, downBytesPerSecond = 0): ClassroomEvent {
  const figures = { piecesDone: 1, piecesTotal: 3, bytesTotal: 40_000, upBytesPerSecond: 500 };
  return { event: 'peer-progress', bytesDone, downBytesPerSecond, ...figures };
}

const course: readonly ClassroomEvent[] = [
  { event: 'listening', port: 6002, log: '/elsewhere/log_peer_1002.log' },
  { event: 'peer-connected', id: id(1001), dialed: true },
  { event: 'peer-connected', id: id(1003), dialed: false },
  { event: 'preferred', neighbors: [id(1001), id(1003)] },
  { event: 'optimistic', neighbor: undefined },
  { event: 'peer-refused', address: '10.0.0.9:5', reason: '1009 is not listed\x1b[2J' },
  { event: 'peer-note', text: 'the zeros of 1003 are not zero' },
  progress(16_384, 1_000),
  { event: 'peer-disconnected', id: id(1003), reason: 'the connection was reset' },
  { event: 'peer-complete', path: '/elsewhere/peer_1002/thefile' },
];

const allComplete: RunResult = { kind: 'all complete' };
const givenUp: RunResult = {
  kind: 'given up',
  fault: new LanshareError('PEERS_MISSING', '1003 lacks 2 pieces and is gone', 'start it again'),
};

function telling(events: readonly ClassroomEvent[], result = allComplete): Classroom['runPeer'] {
  return async ({ onEvent }) => {
    for (const event of events) onEvent(event);
    return result;
  };
}

/** Runs `lanshare peer` with a peer that does what the test says. */
function peer(words: readonly string[], runPeer: Classroom['runPeer'], settings: HostSettings = {}) {
  return lanshare(['peer', ...words], { cwd, classroom: fakeClassroom({ runPeer }), ...settings });
}

describe('peer ID', () => {
  it('runs the peer of the folder that is named, as long as was asked for', async () => {
    let given: ClassroomPeerOptions | undefined;
    const run: Classroom['runPeer'] = async (options) => {
      given = options;
      return allComplete;
    };
    const { exitCode } = await peer(['1002', '--dir', cwd, '--wait', '5'], run, { cwd: '/' });
    expect(exitCode).toBe(0);
    expect(given).toMatchObject({ id: 1002, directory: cwd, waitMs: 5_000 });
    expect(given?.project.peers.map((listed) => listed.id)).toEqual([1001, 1002, 1003]);
  });

  it('says in sentences what matters, and nothing that steers a terminal', async () => {
    const { stderr, stdout } = await peer(['1002'], telling(course), { clock: new VirtualClock() });
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'peer 1002 listens on port 6002; its log is /elsewhere/log_peer_1002.log',
      '1002 is connected to 1001',
      '1002 is connected from 1003',
      '1002 refused 10.0.0.9:5: 1009 is not listed\\x1b[2J',
      '1002: the zeros of 1003 are not zero',
      '1002 is no longer connected to 1003: the connection was reset',
      '1002 has the whole file: /elsewhere/peer_1002/thefile',
      'all peers have the file; 1002 ends after 0ms',
      '',
    ]);
  });

  it('tells everything with --json', async () => {
    const { stdout, stderr } = await peer(['1002', '--json'], telling(course), { clock: new VirtualClock() });
    expect(stderr).toBe('');
    expect(jsonLines(stdout)).toEqual([
      {
        event: 'peer-listening',
        peer: 1002,
        port: 6002,
        log: '/elsewhere/log_peer_1002.log',
        listed: [1001, 1002, 1003],
      },
      { event: 'peer-connected', peer: 1002, with: 1001, dialed: true },
      { event: 'peer-connected', peer: 1002, with: 1003, dialed: false },
      { event: 'peer-preferred', peer: 1002, neighbors: [1001, 1003] },
      { event: 'peer-optimistic', peer: 1002, neighbor: null },
      { event: 'peer-refused', peer: 1002, address: '10.0.0.9:5', reason: '1009 is not listed\x1b[2J' },
      { event: 'peer-note', peer: 1002, message: 'the zeros of 1003 are not zero' },
      {
        event: 'peer-progress',
        peer: 1002,
        piecesDone: 1,
        piecesTotal: 3,
        bytesDone: 16_384,
        bytesTotal: 40_000,
        downBytesPerSecond: 1_000,
        upBytesPerSecond: 500,
      },
      { event: 'peer-disconnected', peer: 1002, with: 1003, reason: 'the connection was reset' },
      { event: 'peer-complete', peer: 1002, path: '/elsewhere/peer_1002/thefile' },
      { event: 'all-complete', peer: 1002, seconds: 0 },
    ]);
  });

  it('has a line on a terminal about what goes on: progress, rates, who is linked and who is missing', async () => {
    let seen: readonly string[] = [];
    const host = fakeHost({
      cwd,
      terminalColumns: 120,
      clock: new VirtualClock(),
      classroom: fakeClassroom({
        async runPeer(options) {
          await telling(course.slice(0, 5))(options);
          options.onEvent({ event: 'optimistic', neighbor: id(1003) });
          options.onEvent(progress(16_384, 1_000));
          options.onEvent({ event: 'peer-disconnected', id: id(1003), reason: 'x' });
          seen = screen(host.stderr.text);
          return allComplete;
        },
      }),
    });
    expect(await run(['peer', '1002'], host)).toBe(0);
    expect(seen.at(-1)).toBe(
      'peer 1002  40%  16.4 kB of 40 kB  1 kB/s down  500 B/s up  linked 1001  missing 1003  sends to 1001, 1003, 1003*',
    );
    expect(screen(host.stderr.text).at(-1)).toBe('');
  });

  it('exits with 3 and a sentence where others are missing in the end', async () => {
    const { exitCode, stderr } = await peer(['1002', '-q'], telling(course, givenUp));
    expect(exitCode).toBe(3);
    expect(stderr).toBe('lanshare: 1003 lacks 2 pieces and is gone\n  start it again\n');
  });

  it.each([
    ['PORT_IN_USE', 5],
    ['NO_SUCH_PATH', 6],
    ['CONTENT_MISMATCH', 7],
  ] as const)('%s is exit code %i', async (code, exitCode) => {
    const run: Classroom['runPeer'] = () => Promise.reject(new LanshareError(code, 'it is so'));
    expect(await peer(['1002'], run)).toMatchObject({ exitCode, stderr: 'lanshare: it is so\n' });
  });

  it('an ID that is not listed, and a bad file, are exit code 8 before anything is opened', async () => {
    const refused = await peer(['1009'], telling([]));
    expect(refused).toMatchObject({ exitCode: 8 });
    expect(refused.stderr).toBe('lanshare: PeerInfo.cfg lists no peer 1009\n  it lists 1001, 1002, 1003\n');
    await writeFile(join(cwd, 'PeerInfo.cfg'), '1001 localhost 6001 1\n1001 localhost 6002 0\n');
    expect(await peer(['1001'], telling([]))).toMatchObject({ exitCode: 8 });
  });

  it('what is odd in the files is a warning', async () => {
    await writeFile(join(cwd, 'Common.cfg'), `${COMMON}Speed 7\n`);
    const { exitCode, stderr } = await peer(['1002'], telling([]));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: Common\.cfg line 7: .*Speed/);
  });
});

/** Runs until it is aborted, as a peer does: it rejects with what the signal says. */
const endless: Classroom['runPeer'] = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

async function running(words: readonly string[]) {
  let isRunning = false;
  const classroom = fakeClassroom({
    runPeer(options) {
      isRunning = true;
      return endless(options);
    },
  });
  const host = fakeHost({ cwd, classroom });
  const exitCode = run(['peer', ...words], host);
  while (!isRunning) await new Promise((resolve) => setImmediate(resolve));
  return { host, exitCode };
}

describe('the end of peer ID from outside', () => {
  it('Ctrl-C: exit code 130', async () => {
    const { host, exitCode } = await running(['1002']);
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
    expect(host.stderr.text).toBe('lanshare: interrupted\n');
  });

  it('with --end-with-stdin the end of standard input: exit code 143', async () => {
    const { host, exitCode } = await running(['1002', '--end-with-stdin']);
    host.input.end();
    expect(await exitCode).toBe(143);
    expect(host.stderr.text).toBe('lanshare: standard input ended\n');
  });

  it('without it, standard input is left alone', async () => {
    const { host, exitCode } = await running(['1002']);
    host.input.end('words for somebody else');
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.input.readableLength).toBeGreaterThan(0);
    host.events.emit('SIGINT');
    await exitCode;
  });
});
