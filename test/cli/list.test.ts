import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ListedHolder, Listing } from '../../src/node/api.ts';
import { fakeHost, jsonLines, lanshare } from './fake-host.ts';
import { metainfoOf, PEER_ID, scripted } from './fake-node.ts';

function holder(piecesHeld: number): ListedHolder {
  const endpoints = [{ host: '10.0.0.2', port: 47_470 }];
  return { peerId: PEER_ID, endpoints, paths: ['mdns', 'beacon'], piecesHeld };
}

function listing(name: string, length: number, pieceCount: number, ...held: readonly number[]): Listing {
  return { name, infoHash: metainfoOf(name).infoHash, length, pieceCount, holders: held.map(holder) };
}

const shared = [listing('movie.txt', 1_073_741_824, 1024, 1024, 333), listing('映画', 0, 0, 0)];

describe('list', () => {
  it('is a table on stdout', async () => {
    const { createNode } = scripted({ list: async () => shared });
    const { exitCode, stdout, stderr } = await lanshare(['list'], { createNode });
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        'NAME       SIZE     HOLDERS  COMPLETE  INFO-HASH',
        `movie.txt  1.07 GB  2        32-100%   ${metainfoOf('movie.txt').infoHash}`,
        `映画       0 B      1        100%      ${metainfoOf('映画').infoHash}`,
        '',
      ].join('\n'),
    );
  });

  it('shows names from peers without what steers a terminal', async () => {
    const { createNode } = scripted({
      list: async () => [{ ...listing('x', 1, 1, 1), name: '\x1b[2Jx\u202e' }],
    });
    const { stdout } = await lanshare(['list'], { createNode });
    expect(stdout).toContain('\\x1b[2Jx\\u{202e}');
    expect(stdout).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it('a holder that claims more pieces than there are has no more than all', async () => {
    const { createNode } = scripted({ list: async () => [listing('x', 1, 1, 99)] });
    expect((await lanshare(['list'], { createNode })).stdout).toContain(' 100% ');
  });

  it('with --json is one content event each', async () => {
    const { createNode } = scripted({ list: async () => shared });
    const { stdout, stderr } = await lanshare(['list', '--json'], { createNode });
    expect(stderr).toBe('');
    expect(jsonLines(stdout).slice(1)).toEqual([
      expect.objectContaining({ event: 'content', name: 'movie.txt', size: 1_073_741_824, pieces: 1024 }),
      {
        event: 'content',
        name: '映画',
        infoHash: metainfoOf('映画').infoHash,
        size: 0,
        pieces: 0,
        holders: [
          { peerId: PEER_ID, addresses: ['10.0.0.2:47470'], paths: ['mdns', 'beacon'], piecesHeld: 0 },
        ],
      },
    ]);
  });

  it('is nothing to believe when it is interrupted: exit code 130', async () => {
    const { createNode } = scripted({
      async list() {
        host.events.emit('SIGINT');
        return [];
      },
    });
    const host = fakeHost({ createNode });
    expect(await run(['list'], host)).toBe(130);
    expect(host.stderr.text).toBe('lanshare: interrupted\n');
  });

  it('into a file on a full disk has exit code 6, into a pipe that nobody reads 0', async () => {
    const { createNode } = scripted({ list: async () => shared });
    const failing = (code: string) =>
      lanshare(['list'], { createNode, stdoutError: Object.assign(new Error(code), { code }) });
    expect(await failing('EPIPE')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await failing('ENOSPC')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('lanshare: cannot write standard output: the disk is full\n'),
    });
  });

  it('of an empty LAN names what kept it from looking', async () => {
    const problem = 'cannot find the address of nas:1: ENOTFOUND';
    const { createNode } = scripted({
      discovery: [{ path: 'beacon', interfaces: ['eth0 (10.77.0.2)'], problems: [problem] }],
    });
    const { exitCode, stderr } = await lanshare(['list'], { createNode });
    expect(exitCode).toBe(0);
    const lines = stderr.split('\n');
    expect([lines.at(0), lines.at(-2)]).toEqual([
      `warning: ${problem}`,
      'nothing is shared on eth0 (10.77.0.2)',
    ]);
    const { stdout } = await lanshare(['list', '--json'], { createNode });
    expect(jsonLines(stdout)[1]).toEqual({ event: 'warning', message: problem });
  });

  it('without any other node looks again for three seconds in all, then says why that may be', async () => {
    const waits: (number | undefined)[] = [];
    const { createNode } = scripted({
      async list({ waitMs } = {}) {
        waits.push(waitMs);
        return [];
      },
    });
    const { exitCode, stderr } = await lanshare(['list'], { createNode });
    expect(exitCode).toBe(0);
    expect(waits).toEqual([undefined, expect.any(Number)]);
    expect(waits[1]).toBeGreaterThan(2_000);
    expect(stderr).toMatch(/^no other lanshare is heard on eth0: .*--peer HOST.*\nnothing is shared on eth0/);
    const { stdout } = await lanshare(['list', '--json'], { createNode });
    expect(jsonLines(stdout).slice(1)).toEqual([
      {
        event: 'diagnosis',
        cause: 'alone',
        healthy: false,
        message: expect.stringContaining('no other lanshare is heard'),
        remarks: [],
      },
    ]);
  });

  it('of an empty LAN says so, with exit code 0', async () => {
    const { createNode } = scripted({ nodesHeard: 1 });
    const { exitCode, stdout, stderr } = await lanshare(['list'], { createNode });
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'nothing is shared on eth0 (10.77.0.2)\n',
    });
    expect((await lanshare(['list', '-q'], { createNode })).stderr).toBe('');
    const alone = scripted({ discovery: [], nodesHeard: 1 });
    expect((await lanshare(['list'], alone)).stderr).toBe('nothing is shared that could be found\n');
    expect((await lanshare(['list', '--peer', 'nas'], alone)).stderr).toBe(
      'nothing is shared by the peers that were asked\n',
    );
  });
});
