import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/options/command-line.ts';
import { fakeHost, jsonLines, lanshare } from './fake-host.ts';

function parse(words: string, env: Record<string, string> = {}) {
  return parseCommandLine(['peer', ...words.split(' ')], fakeHost({ env }), '1.2.3');
}

describe('lanshare peer', () => {
  it('takes an ID, and where and how long', () => {
    expect(parse('1001 --dir project --wait 2m --json -v')).toEqual({
      command: 'peer',
      id: 1001,
      options: { dir: 'project', wait: 120_000, json: true, verbose: 1 },
    });
    expect(parse('--all --wait 0').command).toBe('peer --all');
    expect(parse('1001', { LANSHARE_DIR: 'there' })).toMatchObject({ options: { dir: 'there' } });
  });

  it('init is read with its units', () => {
    const words = 'init --peers 5 --file f --seeders 2 --piece-size 1M --unchoking-interval 2 --host lab1';
    expect(parse(words)).toEqual({
      command: 'peer init',
      options: {
        peers: 5,
        file: 'f',
        seeders: 2,
        pieceSize: 1_048_576,
        unchokingInterval: 2_000,
        host: 'lab1',
        verbose: 0,
      },
    });
  });

  it('check and probe take options after their names', () => {
    expect(parse('check there --json')).toEqual({
      command: 'peer check',
      directory: 'there',
      options: { json: true, verbose: 0 },
    });
    expect(parse('probe [::1]:6001 --as 1002 --dir .')).toEqual({
      command: 'peer probe',
      target: { host: '::1', port: 6001 },
      options: { as: 1002, dir: '.', verbose: 0 },
    });
  });

  it.each([
    [[], 'it is not said which peer: name its ID, like 1001, or --all'],
    [['1001', '--all'], '--all cannot be used with the ID 1001: it runs every peer'],
    [['chek'], 'peer "chek" is not valid: an ID is a number as PeerInfo.cfg lists it, like 1001'],
    [['4294967296'], 'peer "4294967296" is not valid: an ID is a number as PeerInfo.cfg lists it, like 1001'],
    [['1001', '1002'], "too many arguments for 'peer'. Expected 1 argument but got 2"],
    [
      ['1001', '--wait', 'x'],
      '--wait "x" is not valid: a time is seconds, or like 30s, 5m or 1h, at most 24 days',
    ],
    [['init', '--peers', '5'], 'it is not said what is exchanged: --file FILE'],
    [['init', '--file', 'f'], 'it is not said how many: --peers 5'],
    [['init', '--peers', '0', '--file', 'f'], '--peers "0" is not valid: it is a whole number, 1 or more'],
    [
      ['init', '--peers', '2', '--file', 'f', '--unchoking-interval', '1.5'],
      '--unchoking-interval "1.5" is not valid: it is a time of whole seconds, like 5s or 2m, more than 0',
    ],
    [['--dir', 'x', 'check'], '--dir stands before check: options stand after it'],
    [['probe', 'localhost'], 'peer probe "localhost" is not valid: it is HOST:PORT or [IPV6]:PORT'],
  ])('%j is a usage error with one sentence', async (words, sentence) => {
    const { exitCode, stdout } = await lanshare(['peer', ...words], { env: { LANSHARE_JSON: '1' } });
    expect(exitCode).toBe(2);
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({ event: 'error', code: 'USAGE', message: sentence }),
    ]);
  });

  it('is told where its help is, also that of a command of its own', async () => {
    const hint = async (...words: string[]) => (await lanshare(['peer', ...words])).stderr.split('\n')[1];
    expect(await hint()).toBe('  see lanshare peer --help');
    expect(await hint('probe', 'x')).toBe('  see lanshare peer probe --help');
  });

  it.each([[[]], [['init']], [['check']], [['probe']]])('%j --help has examples', async (words: string[]) => {
    const { exitCode, stdout } = await lanshare(['peer', ...words, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout.split('Examples:')[1]).toContain(`  lanshare peer ${words[0] ?? '--all'}`);
    expect(stdout).toContain('LANSHARE_JSON=1');
  });

  it('stands in the help of lanshare', async () => {
    expect((await lanshare(['--help'])).stdout).toContain('P2PFILESHARINGPROJ');
  });
});
