import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listedPeerId } from '../../src/classroom/config/project.ts';
import type {
  ProbeOptions,
  ProbeOutcome,
  ProbeReport,
  ProbeVerdict,
} from '../../src/classroom/probe/probe-api.ts';
import { LanshareError } from '../../src/errors.ts';
import { COMMON, fakeClassroom, PEER_INFO } from './fake-classroom.ts';
import { jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
});

async function writeProject(): Promise<void> {
  await writeFile(join(cwd, 'Common.cfg'), COMMON);
  await writeFile(join(cwd, 'PeerInfo.cfg'), PEER_INFO);
}

function verdict(rule: string, outcome: ProbeOutcome, weight: ProbeVerdict['weight'] = 'rule'): ProbeVerdict {
  return { rule, text: `It obeys ${rule}.`, weight, outcome };
}

const kept = verdict('header', { kind: 'kept', note: undefined });
const noted = verdict('bitfield', { kind: 'kept', note: 'it is all zeros' });
const broken = verdict('one-request', { kind: 'broken', breaches: ['two\x1b[2J were out', 'and three'] });
const advice = verdict('stands', { kind: 'broken', breaches: ['it was gone'] }, 'advice');
const untested = verdict('have', { kind: 'not tested', why: 'it asked for nothing' });

/** `lanshare peer probe` with a probe that finds this. */
async function probing(verdicts: readonly ProbeVerdict[], words: readonly string[] = []) {
  const given: ProbeOptions[] = [];
  const target = { host: 'lab8', port: 6003 };
  const as = listedPeerId(1003);
  if (as === undefined) throw new RangeError('1003 is no ID');
  const report: ProbeReport = {
    target,
    as,
    id: 1001,
    verdicts,
    notes: ['it ended by itself'],
    durationMs: 5,
  };
  const classroom = fakeClassroom({
    async probe(options) {
      given.push(options);
      options.onProgress({ scenario: 1, scenarios: 2, name: 'a handshake' });
      return report;
    },
  });
  const result = await lanshare(['peer', 'probe', 'lab8:6003', ...words], { cwd, classroom });
  return { ...result, options: given[0] };
}

describe('peer probe', () => {
  it('is a line a rule, what was broken below, and the count', async () => {
    const { exitCode, stdout, stderr } = await probing([kept, noted, broken, advice, untested]);
    expect(stdout.split('\n')).toEqual([
      'ok       header       It obeys header.',
      'ok       bitfield     It obeys bitfield.',
      '         it is all zeros',
      'BROKEN   one-request  It obeys one-request.',
      '         two\\x1b[2J were out',
      '         and three',
      'advice   stands       It obeys stands.',
      '         it was gone',
      'unknown  have         It obeys have.',
      '         it asked for nothing',
      '',
      'it ended by itself',
      '2 kept, 1 broken, 1 not known, 1 advice not followed',
      '',
    ]);
    expect(stderr).toBe(
      'lanshare: the program at lab8:6003 breaks rule one-request\n  what it did instead is listed with each\n',
    );
    expect(exitCode).toBe(7);
  });

  it('that finds nothing but advice is exit code 0', async () => {
    expect(await probing([kept, advice, untested])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is an event a rule with --json', async () => {
    const { exitCode, stdout } = await probing([noted, broken, advice, untested], ['--json']);
    expect(exitCode).toBe(7);
    const common = { event: 'rule', weight: 'rule', remark: null, breachCount: 0, breaches: [], notes: [] };
    const breach = (message: string) => ({ peer: null, line: null, message });
    expect(jsonLines(stdout)).toEqual([
      { event: 'probing', step: 1, steps: 2, name: 'a handshake' },
      {
        ...common,
        rule: 'bitfield',
        outcome: 'kept',
        message: 'It obeys bitfield.',
        remark: 'it is all zeros',
      },
      {
        ...common,
        rule: 'one-request',
        outcome: 'broken',
        message: 'It obeys one-request.',
        breachCount: 2,
        breaches: [breach('two\x1b[2J were out'), breach('and three')],
      },
      {
        ...common,
        rule: 'stands',
        weight: 'advice',
        outcome: 'broken',
        message: 'It obeys stands.',
        breachCount: 1,
        breaches: [breach('it was gone')],
      },
      {
        ...common,
        rule: 'have',
        outcome: 'unknown',
        message: 'It obeys have.',
        remark: 'it asked for nothing',
      },
      {
        event: 'rules',
        kept: 1,
        broken: 1,
        unknown: 1,
        adviceBroken: 1,
        remarks: ['it ended by itself'],
      },
      expect.objectContaining({ event: 'error', code: 'RULES_BROKEN', exitCode: 7 }),
    ]);
  });

  it('knows nothing of a project where none is named', async () => {
    await writeProject();
    const { options } = await probing([kept]);
    expect(options).toMatchObject({
      target: { host: 'lab8', port: 6003 },
      as: undefined,
      project: undefined,
      reference: undefined,
    });
  });

  it('gets the project and its file with --dir', async () => {
    await writeProject();
    await mkdir(join(cwd, 'peer_1001'));
    await writeFile(join(cwd, 'peer_1001', 'thefile'), Buffer.alloc(40_000, 'x'));
    const { options } = await probing([kept], ['--dir', '.', '--as', '1003']);
    expect(options?.as).toBe(1003);
    expect(options?.project?.common.fileSize).toBe(40_000);
    expect(options?.reference).toBeDefined();
  });
});

describe('peer check', () => {
  const sentences = [
    '[10:00:00.000]: Peer 1002 makes a connection to Peer 1001.',
    '[10:00:01.000]: Peer 1002 is unchoked by 1001.',
    '[10:00:02.000]: Peer 1002 has downloaded the piece 0 from 1001. Now the number of pieces it has is 1.',
    '[10:00:03.000]: Peer 1002 has downloaded the piece 9 from 1001. Now the number of pieces it has is 2.',
  ];

  it('shows the logs in numbers and each rule; a broken one is exit code 7', async () => {
    await writeProject();
    await writeFile(join(cwd, 'log_peer_1002.log'), sentences.map((line) => `${line}\n`).join(''));
    const { exitCode, stdout, stderr } = await lanshare(['peer', 'check'], { cwd });
    expect(exitCode).toBe(7);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'PEER  END         LINES  PIECES  TIME  RATE  FROM',
      '1001  no log      0      0       -     -',
      '1002  incomplete  4      1       -     -     1 of 1001',
      '1003  no log      0      0       -     -',
    ]);
    expect(stdout).toMatch(/\nBROKEN {3}piece-index +Every index .*\n {9}log_peer_1002\.log line 4: /);
    expect(stdout).toMatch(/\n\d+ kept, \d+ broken/);
    expect(stderr).toMatch(/^lanshare: the rules .*piece-index.* are broken\n/);
  });

  it('is an event a rule and a log with --json', async () => {
    await writeProject();
    await writeFile(join(cwd, 'log_peer_1002.log'), sentences.map((line) => `${line}\n`).join(''));
    const { stdout } = await lanshare(['peer', 'check', cwd, '--json'], { cwd: '/' });
    const events = jsonLines(stdout);
    expect(events.find(({ rule }) => rule === 'piece-index')).toMatchObject({
      event: 'rule',
      weight: 'rule',
      outcome: 'broken',
      breachCount: 1,
      breaches: [{ peer: 1002, line: 4 }],
    });
    expect(events.filter(({ event }) => event === 'peer-log')).toEqual([
      expect.objectContaining({ peer: 1001, end: 'no log' }),
      {
        event: 'peer-log',
        peer: 1002,
        end: 'incomplete',
        lines: 4,
        fromLine: 1,
        piecesDownloaded: 1,
        sources: [{ peer: 1001, pieces: 1 }],
        seconds: null,
        bytesPerSecond: null,
      },
      expect.objectContaining({ peer: 1003, end: 'no log' }),
    ]);
    const [rules, error] = events.slice(-2);
    expect(rules).toMatchObject({ event: 'rules', adviceBroken: 0 });
    expect(error).toMatchObject({ event: 'error', code: 'RULES_BROKEN' });
  });

  it('without a log, or without the files, is exit code 6', async () => {
    const nothing = await lanshare(['peer', 'check'], { cwd });
    expect(nothing.exitCode).toBe(6);
    expect(nothing.stderr).toContain('Common.cfg');
    await writeProject();
    expect((await lanshare(['peer', 'check'], { cwd })).exitCode).toBe(6);
  });
});

describe('peer init', () => {
  const words = ['peer', 'init', '--peers', '3', '--file', 'thefile'];

  it('says what it wrote, and how to go on', async () => {
    await writeFile(join(cwd, 'thefile'), Buffer.alloc(40_000));
    const { exitCode, stderr } = await lanshare(words, { cwd, classroom: fakeClassroom() });
    expect(exitCode).toBe(0);
    expect(stderr.split('\n')).toEqual([
      'wrote Common.cfg and PeerInfo.cfg: 3 peers, thefile of 40 kB in 3 pieces of 16384 bytes',
      '  1001 has the file',
      '  run all of them:  lanshare peer --all',
      '',
    ]);
  });

  it('is one event with --json', async () => {
    await writeFile(join(cwd, 'thefile'), Buffer.alloc(40_000));
    const more = ['--seeders', '2', '--dir', 'there', '--json', '--piece-size', '10000'];
    const { stdout } = await lanshare([...words, ...more], { cwd, classroom: fakeClassroom() });
    expect(jsonLines(stdout)).toEqual([
      {
        event: 'project',
        directory: join(cwd, 'there'),
        name: 'thefile',
        size: 40_000,
        pieceSize: 10_000,
        pieces: 4,
        peers: [
          { peer: 1001, host: 'localhost', port: 6001, hasFile: true },
          { peer: 1002, host: 'localhost', port: 6002, hasFile: true },
          { peer: 1003, host: 'localhost', port: 6003, hasFile: false },
        ],
        command: 'lanshare peer --all --dir there',
      },
    ]);
  });

  it('takes ports that are free', async () => {
    await writeFile(join(cwd, 'thefile'), 'x');
    const classroom = fakeClassroom();
    const taken: typeof classroom.network = {
      ...classroom.network,
      async listen(port, onConnection) {
        if (port === 6001) throw new LanshareError('PORT_IN_USE', 'it is taken');
        return classroom.network.listen(port, onConnection);
      },
    };
    const { stdout } = await lanshare([...words, '--json'], {
      cwd,
      classroom: { ...classroom, network: taken },
    });
    const [project] = jsonLines(stdout);
    expect(project?.['peers']).toMatchObject([{ port: 6002 }, { port: 6003 }, { port: 6004 }]);
  });

  it('overwrites nothing: exit code 6', async () => {
    await writeFile(join(cwd, 'thefile'), 'x');
    await writeFile(join(cwd, 'PeerInfo.cfg'), PEER_INFO);
    expect(await lanshare(words, { cwd, classroom: fakeClassroom() })).toMatchObject({ exitCode: 6 });
  });
});
