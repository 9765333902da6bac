import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import {
  PEER_END_GRACE_MS,
  PEER_HOST_LOOK_UP_TIMEOUT_MS,
  PLAIN_PROGRESS_AFTER_MS,
  PLAIN_PROGRESS_INTERVAL_MS,
  REDRAW_INTERVAL_MS,
} from '../../src/limits.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { COMMON, type FakeChild, type FakeClassroom, fakeClassroom, PEER_INFO } from './fake-classroom.ts';
import {
  type FakeHost,
  fakeHost,
  type HostSettings,
  jsonLines,
  lanshare,
  temporaryDirectory,
} from './fake-host.ts';
import { screen } from './screen.ts';

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'Common.cfg'), COMMON);
  await writeFile(join(cwd, 'PeerInfo.cfg'), PEER_INFO);
});

interface Group {
  readonly host: FakeHost;
  readonly clock: VirtualClock;
  readonly classroom: FakeClassroom;
  /** Those of localhost: it starts with the file, and without. */
  readonly seeder: FakeChild;
  readonly leecher: FakeChild;
  readonly exitCode: Promise<number>;
}

/** `lanshare peer --all` whose processes do what the test says. */
async function group(words: readonly string[] = [], settings: HostSettings = {}): Promise<Group> {
  const clock = new VirtualClock();
  const classroom = fakeClassroom();
  const host = fakeHost({ cwd, clock, classroom, ...settings });
  const exitCode = run(['peer', '--all', ...words], host);
  while (classroom.children.length < 2) await new Promise((resolve) => setImmediate(resolve));
  return {
    host,
    clock,
    classroom,
    exitCode,
    seeder: classroom.child(1001),
    leecher: classroom.child(1002),
  };
}

function progress(peer: number, bytesDone: number, down = 0, up = 0) {
  const rates = { downBytesPerSecond: down, upBytesPerSecond: up };
  return {
    event: 'peer-progress',
    peer,
    piecesDone: 0,
    piecesTotal: 3,
    bytesDone,
    bytesTotal: 40_000,
    ...rates,
  };
}

/** All that happens until both have the file and end. */
async function wholeCourse({ clock, seeder, leecher }: Group): Promise<void> {
  seeder.say({ event: 'peer-listening', peer: 1001, port: 6001, log: '/l', listed: [1001, 1002, 1003] });
  seeder.say(progress(1001, 40_000));
  leecher.say({ event: 'peer-connected', peer: 1002, with: 1001, dialed: true });
  await clock.advance(2_000);
  leecher.say(progress(1002, 40_000, 20_000));
  leecher.say({ event: 'peer-complete', peer: 1002, path: join(cwd, 'peer_1002', 'thefile') });
  leecher.exit(0);
  seeder.exit(0);
}

describe('peer --all', () => {
  it('starts the peers of this machine in their order, each with its own process, and no other', async () => {
    const started = await group(['--wait', '7', '--log-file', 'x.log', '-v'], {
      env: { LANSHARE_ALL: '1', PATH: '/bin' },
    });
    const common = ['--dir', cwd, '--json', '--end-with-stdin', '--wait', '7000ms', '-v'];
    expect(started.classroom.children.map(({ words }) => words)).toEqual([
      ['peer', '1001', ...common, '--log-file', join(cwd, 'x.log')],
      ['peer', '1002', ...common, '--log-file', join(cwd, 'x.log')],
    ]);
    expect(started.seeder.program.env).toEqual({ PATH: '/bin' });
    await wholeCourse(started);
    expect(await started.exitCode).toBe(0);
  });

  it('is sentences into a pipe: only what matters, and how it ended', async () => {
    const started = await group();
    await wholeCourse(started);
    expect(await started.exitCode).toBe(0);
    expect(started.clock.pending).toBe(0);
    expect(started.host.stdout.text).toBe('');
    expect(started.host.stderr.lines).toEqual([
      '1003 is on another machine, lab8, and is started there',
      '1002 100%',
      '1002 has the whole file: peer_1002/thefile',
      '2 of 2 peers here have the file: 40 kB received in 2s (20 kB/s)',
      '  whether the logs obey the rules:  lanshare peer check',
    ]);
  });

  it('tells progress of all in one line, every few seconds', async () => {
    const { host, clock, leecher, seeder, exitCode } = await group();
    await clock.advance(PLAIN_PROGRESS_AFTER_MS);
    seeder.say(progress(1001, 40_000));
    await clock.advance(PLAIN_PROGRESS_INTERVAL_MS);
    for (const bytes of [10_000, 20_000, 30_000]) leecher.say(progress(1002, bytes));
    leecher.exit(0);
    seeder.exit(0);
    await exitCode;
    expect(host.stderr.lines.slice(1, -2)).toEqual(['1002 25%']);
  });

  it('tells all events with --json, with the ID of the peer, and when each began and ended', async () => {
    const started = await group(['--json']);
    await wholeCourse(started);
    await started.exitCode;
    expect(started.host.stderr.text).toBe('');
    const events = jsonLines(started.host.stdout.text);
    expect(events.slice(0, 3)).toEqual([
      { event: 'peer-started', peer: 1001, host: 'localhost', port: 6001, here: true, hasFile: true },
      { event: 'peer-started', peer: 1002, host: 'localhost', port: 6002, here: true, hasFile: false },
      { event: 'peer-started', peer: 1003, host: 'lab8', port: 6003, here: false, hasFile: false },
    ]);
    expect(events.map(({ event }) => event).slice(3)).toEqual([
      'peer-listening',
      'peer-progress',
      'peer-connected',
      'peer-progress',
      'peer-complete',
      'peer-exited',
      'peer-exited',
      'peers-ended',
    ]);
    expect(events.at(-2)).toEqual({
      event: 'peer-exited',
      peer: 1001,
      exitCode: 0,
      code: null,
      message: null,
      hint: '',
    });
    expect(events.at(-1)).toEqual({
      event: 'peers-ended',
      complete: [1001, 1002],
      incomplete: [],
      bytes: 40_000,
      seconds: 2,
      bytesPerSecond: 20_000,
      command: 'lanshare peer check',
    });
  });

  it('names who failed by itself, with its message and exit code, not who waited for it', async () => {
    const { host, seeder, leecher, exitCode } = await group();
    seeder.say({ event: 'error', code: 'PEERS_MISSING', exitCode: 3, message: '1002 is gone', hint: '' });
    seeder.exit(3);
    leecher.say({
      event: 'error',
      code: 'PORT_IN_USE',
      exitCode: 5,
      message: 'port 6002 is in use',
      hint: 'end it',
    });
    leecher.exit(5);
    expect(await exitCode).toBe(5);
    expect(host.stderr.lines.slice(1)).toEqual([
      '1001 ended: 1002 is gone',
      '1002 ended: port 6002 is in use',
      '  end it',
      '1 of 2 peers here have the file; without it: 1002',
      '  whether the logs obey the rules:  lanshare peer check',
      'lanshare: 1002: port 6002 is in use; 1001 failed, too',
      '  end it',
    ]);
  });

  it('a process that is killed is told, and how to start it again', async () => {
    const { host, seeder, leecher, exitCode } = await group();
    leecher.exit({ kind: 'killed', signal: 'SIGKILL' });
    seeder.exit(0);
    expect(await exitCode).toBe(3);
    expect(host.stderr.text).toContain(
      '1002 ended: it was killed (SIGKILL)\n  start it again with lanshare peer 1002',
    );
  });

  it('a process that crashed says so with the words that it left', async () => {
    const { host, seeder, leecher, exitCode } = await group();
    leecher.program.onErrorLine('FATAL ERROR: out of memory');
    leecher.program.onLine('{"event":"peer-pro');
    leecher.exit(134);
    seeder.exit(0);
    expect(await exitCode).toBe(1);
    expect(host.stderr.text).toContain('1002: FATAL ERROR: out of memory\n');
    expect(host.stderr.text).toContain('1002 ended: it said nothing, and its exit code is 134');
  });

  it('Ctrl-C ends all of them, and kills who does not end: exit code 130', async () => {
    const { host, clock, seeder, leecher, exitCode } = await group();
    host.events.emit('SIGINT');
    expect([seeder.calls, leecher.calls]).toEqual([['endInput'], ['endInput']]);
    leecher.say({ event: 'error', code: 'TERMINATED', exitCode: 143, message: 'its input ended', hint: '' });
    leecher.exit(143);
    await clock.advance(PEER_END_GRACE_MS);
    expect([seeder.calls, leecher.calls]).toEqual([['endInput', 'kill'], ['endInput']]);
    seeder.exit({ kind: 'killed', signal: 'SIGKILL' });
    expect(await exitCode).toBe(130);
    expect(host.stderr.lines.slice(1)).toEqual([
      '1001 ended: it was killed (SIGKILL)',
      '  start it again with lanshare peer 1001 while the others wait for it',
      'lanshare: interrupted',
    ]);
  });

  it('with --end-with-stdin the end of standard input ends all of them: exit code 143', async () => {
    const { host, seeder, leecher, exitCode } = await group(['--end-with-stdin', '-q']);
    host.input.end();
    while (seeder.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    seeder.exit(143);
    leecher.exit(143);
    expect(await exitCode).toBe(143);
    expect(host.stderr.text).toBe('lanshare: standard input ended\n');
  });

  it('without a peer on this machine it is exit code 8', async () => {
    await writeFile(join(cwd, 'PeerInfo.cfg'), '1001 lab8 6001 1\n1002 lab9 6002 0\n');
    const { exitCode, stderr } = await lanshare(['peer', '--all'], { cwd, classroom: fakeClassroom() });
    expect(exitCode).toBe(8);
    expect(stderr).toContain('no peer of PeerInfo.cfg is on this machine: they are on lab8, lab9');
  });
});

describe('the hosts of PeerInfo.cfg', () => {
  it('one whose name is looked up in vain is another machine', async () => {
    const clock = new VirtualClock();
    const machine = { hostName: 'lab7', addresses: () => [], lookUp: () => new Promise<never>(() => {}) };
    const classroom = fakeClassroom({ machine });
    const host = fakeHost({ cwd, clock, classroom });
    const exitCode = run(['peer', '--all'], host);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(PEER_HOST_LOOK_UP_TIMEOUT_MS);
    while (classroom.children.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const child of classroom.children) child.exit(0);
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines[0]).toBe('1003 is on another machine, lab8, and is started there');
  });

  it('one that is looked up does not hold up Ctrl-C', async () => {
    const machine = { hostName: 'lab7', addresses: () => [], lookUp: () => new Promise<never>(() => {}) };
    const clock = new VirtualClock();
    const host = fakeHost({ cwd, clock, classroom: fakeClassroom({ machine }) });
    const exitCode = run(['peer', '--all'], host);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
    expect(clock.pending).toBe(0);
  });
});

describe('peer --all on a terminal', () => {
  const wide = { stdoutSize: { columns: 110, rows: 24 } };

  it('has a row a peer: bar, percent, state, rates, who is preferred and who is optimistic for it', async () => {
    const { host, clock, seeder, leecher, exitCode } = await group([], wide);
    seeder.say({ event: 'peer-listening', peer: 1001, port: 6001, log: '/l', listed: [1001, 1002, 1003] });
    seeder.say(progress(1001, 40_000, 0, 12_000_000));
    seeder.say({ event: 'peer-connected', peer: 1001, with: 1002, dialed: false });
    seeder.say({ event: 'peer-preferred', peer: 1001, neighbors: [1002, 1003] });
    seeder.say({ event: 'peer-optimistic', peer: 1001, neighbor: 1003 });
    for (const other of [1001, 1003])
      leecher.say({ event: 'peer-connected', peer: 1002, with: other, dialed: true });
    leecher.say({ event: 'peer-disconnected', peer: 1002, with: 1003, reason: 'it was reset' });
    leecher.say(progress(1002, 20_000, 12_000_000));
    leecher.say({ event: 'peer-note', peer: 1002, message: 'odd\x1b[2J' });
    await clock.advance(REDRAW_INTERVAL_MS);
    expect(screen(host.stdout.text)).toEqual([
      'PEER  FILE                        STATE     PREFERRED  OPTIMISTIC  DOWN       UP',
      '1001  ████████████████████  100%  complete  1002 1003  1003        -          12 MB/s',
      '1002  ██████████░░░░░░░░░░   50%  linked 1                         12 MB/s    -',
      '1003                              on lab8',
      '',
      '1002: odd\\x1b[2J',
      '',
    ]);
    leecher.exit({ kind: 'killed', signal: 'SIGKILL' });
    seeder.exit(0);
    await exitCode;
    const last = screen(host.stdout.text);
    expect(last[1]).toMatch(/^1001 .* done +- +-$/);
    expect(last[2]).toMatch(/^1002 .* GONE +- +-$/);
    expect(last[6]).toBe('1002 ended: it was killed (SIGKILL)');
  });

  it('shows on 80 columns, too, who is preferred and who is optimistic', async () => {
    const { host, clock, seeder, leecher, exitCode } = await group([], {
      stdoutSize: { columns: 80, rows: 24 },
    });
    seeder.say(progress(1001, 40_000, 0, 112_500_000));
    seeder.say({ event: 'peer-preferred', peer: 1001, neighbors: [1002, 1003, 1004] });
    seeder.say({ event: 'peer-optimistic', peer: 1001, neighbor: 1005 });
    await clock.advance(REDRAW_INTERVAL_MS);
    expect(screen(host.stdout.text)[1]).toBe(
      '1001  ██████  100%  starting  1002 1003 1004  1005        -          113 MB/s',
    );
    leecher.exit(0);
    seeder.exit(0);
    await exitCode;
  });

  it('fits the terminal that there is', async () => {
    for (const [columns, rows] of [
      [40, 5],
      [12, 4],
      [3, 2],
      [200, 50],
    ] as const) {
      const { host, seeder, leecher, exitCode } = await group([], { stdoutSize: { columns, rows } });
      leecher.say({ event: 'peer-note', peer: 1002, message: 'word '.repeat(80) });
      seeder.say(progress(1001, 40_000, 1, 1));
      leecher.exit(0);
      seeder.exit(0);
      await exitCode;
      const lines = screen(host.stdout.text);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
      expect(lines.length).toBeLessThanOrEqual(rows);
    }
  });

  it('is lines where the log goes to the same terminal, and with --quiet nothing', async () => {
    for (const words of [['-v'], ['-q']]) {
      const started = await group(words, wide);
      await wholeCourse(started);
      expect(await started.exitCode).toBe(0);
      expect(started.host.stdout.text).toBe('');
      expect(started.host.stderr.text.includes('1002 has the whole file')).toBe(words[0] === '-v');
    }
  });
});
