import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/options/command-line.ts';
import type { Invocation } from '../../src/cli/options/invocation.ts';
import { fakeHost, jsonLines, lanshare } from './fake-host.ts';

function parse(argv: readonly string[], env: Record<string, string> = {}): Invocation {
  const invocation = parseCommandLine(argv, fakeHost({ env }), '1.2.3');
  if (invocation.command === 'none') throw new Error('help was shown');
  return invocation;
}

describe('options', () => {
  it('are the same on every command', () => {
    const common = [
      ...['--json', '--quiet', '-vv', '--log-file', 'x.log', '--port', '5000', '--interface', 'eth0'],
      ...[
        '--interface',
        'eth1',
        '--peer',
        '10.0.0.1:99',
        '--peer',
        '[fe80::1%eth0]',
        '--dialect',
        'bittorrent',
        '--no-mdns',
        '--no-beacon',
      ],
    ];
    const commands = [
      ['share', 'a'],
      ['fetch', 'a'],
      ['list'],
      ['info', 'a.torrent'],
      ['verify', 'a.torrent'],
    ];
    for (const command of commands) {
      expect(parse([...command, ...common]).options).toEqual({
        json: true,
        quiet: true,
        verbose: 2,
        logFile: 'x.log',
        port: 5000,
        interface: ['eth0', 'eth1'],
        peer: [
          { host: '10.0.0.1', port: 99 },
          { host: 'fe80::1%eth0', port: 47_470 },
        ],
        dialect: 'bittorrent',
        mdns: false,
        beacon: false,
        lsd: true,
      });
    }
  });

  it('of share are read with their units', () => {
    const words = [
      'share',
      'a',
      '--name',
      'b',
      '--torrent',
      'c',
      '--piece-length',
      '1M',
      '--limit-up',
      '1MB/s',
    ];
    expect(parse(words).options).toMatchObject({
      name: 'b',
      torrent: 'c',
      pieceLength: 1_048_576,
      limitUp: 1_000_000,
    });
  });

  it('of fetch are read with their units', () => {
    const words = [
      'fetch',
      'a',
      '-o',
      'd',
      '--timeout',
      '5',
      '--limit-down',
      '1K',
      '--limit-up',
      '2K',
      '--seed',
      '1m',
    ];
    expect(parse(words).options).toMatchObject({
      out: 'd',
      timeout: 5000,
      limitDown: 1024,
      limitUp: 2048,
      seed: { kind: 'time', ms: 60_000 },
    });
    expect(parse(['fetch', 'a', '--seed', 'forever']).options).toMatchObject({ seed: { kind: 'forever' } });
    expect(parse(['fetch', 'a', '--seed', 'none']).options).toMatchObject({ seed: { kind: 'none' } });
  });
});

describe('an environment variable', () => {
  it('stands for every option', () => {
    const env = {
      LANSHARE_JSON: '1',
      LANSHARE_QUIET: 'yes',
      LANSHARE_VERBOSE: '2',
      LANSHARE_LOG_FILE: 'x.log',
      LANSHARE_PORT: '5000',
      LANSHARE_INTERFACE: 'eth0,eth1',
      LANSHARE_PEER: 'a:1, b:2',
      LANSHARE_NO_MDNS: '1',
      LANSHARE_NO_BEACON: 'true',
      LANSHARE_OUT: 'd',
      LANSHARE_TIMEOUT: '30s',
      LANSHARE_LIMIT_DOWN: '1K',
      LANSHARE_LIMIT_UP: '2K',
      LANSHARE_SEED: 'none',
    };
    expect(parse(['fetch', 'a'], env).options).toEqual({
      json: true,
      quiet: true,
      verbose: 2,
      logFile: 'x.log',
      port: 5000,
      interface: ['eth0', 'eth1'],
      peer: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      mdns: false,
      beacon: false,
      lsd: true,
      out: 'd',
      timeout: 30_000,
      limitDown: 1024,
      limitUp: 2048,
      seed: { kind: 'none' },
    });
    const forShare = { LANSHARE_NAME: 'n', LANSHARE_TORRENT: 't', LANSHARE_PIECE_LENGTH: '16K' };
    expect(parse(['share', 'a'], forShare).options).toMatchObject({
      name: 'n',
      torrent: 't',
      pieceLength: 16_384,
    });
    expect(parse(['fetch', 'a'], { LANSHARE_STDOUT: '1' }).options).toMatchObject({ stdout: true });
  });

  it('that is 0 or empty switches nothing on', () => {
    const env = { LANSHARE_JSON: '0', LANSHARE_NO_MDNS: 'off', LANSHARE_VERBOSE: '0', LANSHARE_PORT: '' };
    expect(parse(['list'], env).options).toEqual({
      json: false,
      verbose: 0,
      mdns: true,
      beacon: true,
      lsd: true,
    });
  });

  it('gives way to the command line', () => {
    const env = { LANSHARE_PORT: '1', LANSHARE_PEER: 'a:1' };
    expect(parse(['list', '--port', '2', '--peer', 'b:2'], env).options).toMatchObject({
      port: 2,
      peer: [{ host: 'b', port: 2 }],
    });
  });

  it('that is not valid is named in the sentence', async () => {
    const { stderr, exitCode } = await lanshare(['list'], { env: { LANSHARE_PORT: 'x' } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--port "x" is not valid');
    expect(stderr).toContain('(from LANSHARE_PORT)');
    const other = await lanshare(['list'], { env: { LANSHARE_QUIET: 'maybe' } });
    expect(other.stderr).toContain('LANSHARE_QUIET="maybe" is not valid: it is 1 or 0');
  });
});

describe('a mistake on the command line', () => {
  const mistakes: [words: string, sentence: string][] = [
    ['fetch', "missing required argument 'what'"],
    [
      'fetch a b --stdout',
      '--stdout cannot be used with several targets: their bytes could not be told apart',
    ],
    ['fetch a --stdout --list-files', '--stdout cannot be used with --list-files: nothing is fetched then'],
    ['fetch a --list-files', '--list-files reads .torrent files, and "a" is none that lies here'],
    ['fetc a', "unknown command 'fetc' (did you mean fetch?)"],
    ['fetch a --prot 1', "unknown option '--prot' (did you mean --port?)"],
    ['-q fetch a', "unknown option '-q'"],
    ['fetch a --port', "option '--port <number>' argument missing"],
    [
      'fetch a --port 65536',
      '--port "65536" is not valid: a port is a number from 0 (any free one) to 65535',
    ],
    ['fetch a --dialect lan', '--dialect "lan" is not valid: it can be bittorrent'],
    ['fetch a --port 1.5', '--port "1.5" is not valid: a port is a number from 0 (any free one) to 65535'],
    [
      'fetch a --peer a:b:c',
      '--peer "a:b:c" is not valid: a peer is HOST:PORT or [IPV6]:PORT, or HOST for port 47470',
    ],
    [
      'fetch a --peer fd77::1:47470',
      '--peer "fd77::1:47470" is not valid: a peer is HOST:PORT or [IPV6]:PORT, or HOST for port 47470',
    ],
    [
      'fetch a --peer a:0',
      '--peer "a:0" is not valid: a peer is HOST:PORT or [IPV6]:PORT, or HOST for port 47470',
    ],
    ['fetch a --interface eth0/1', '--interface "eth0/1" is not valid: an interface is named as the system'],
    ['fetch a --timeout soon', '--timeout "soon" is not valid: a time is seconds, or like 30s, 5m or 1h'],
    ['fetch a --timeout 0', '--timeout "0" is not valid: a time is seconds'],
    [
      'fetch a --seed ever',
      '--seed "ever" is not valid: it is a time like 30s, 5m or 1h, or forever, or none',
    ],
    [
      'fetch a --limit-down 0',
      '--limit-down "0" is not valid: a rate is bytes a second, like 500K or 10MB/s',
    ],
    ['fetch a --stdout --out d', '--stdout cannot be used with --out: no file is written with --stdout'],
    [
      'share a --piece-length 3M',
      '--piece-length "3M" is not valid: a piece length is a power of two from 16K',
    ],
    ['share a --name x/y', '--name "x/y" is not valid: a name is one part of a path'],
    ['share a --name ..', '--name ".." is not valid: a name is one part of a path'],
    [
      'share a --hybrid --v1',
      '--v1 cannot be used with --hybrid: a .torrent is of one kind (--hybrid is for both)',
    ],
    ['share a b --name x', '--name cannot be used with several paths: each would have the same name'],
    [
      'share a b --torrent x',
      '--torrent cannot be used with several paths: each has a .torrent file of its own',
    ],
    ['info', "missing required argument 'file'"],
    ['list all', "too many arguments for 'list'. Expected 0 arguments but got 1"],
    ['fetch dir/movie.txt', '"dir/movie.txt" is a path, and what others share has a name without slashes'],
  ];

  it.each(mistakes)('%s: one sentence, a hint, exit code 2', async (words, sentence) => {
    const { exitCode, stdout, stderr, host } = await lanshare(words.split(' '));
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(host.stderr.lines).toHaveLength(2);
    expect(stderr).toContain(`lanshare: ${sentence}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([...mistakes, ['fetch a --stdout', '']])('%s, with --json, is one error event', async (words) => {
    const { exitCode, stdout, stderr } = await lanshare(words.split(' '), { env: { LANSHARE_JSON: '1' } });
    expect(exitCode).toBe(2);
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({ event: 'error', code: 'USAGE', exitCode: 2 }),
    ]);
    expect(stderr).toBe('');
  });

  it('that leaves out the command shows the help on stderr', async () => {
    const { exitCode, stdout, stderr } = await lanshare([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('lanshare share movie.txt');
  });
});

describe('help and version', () => {
  it('go to stdout with exit code 0', async () => {
    for (const words of ['--help', 'help', 'share --help', 'fetch -h', 'help verify']) {
      const { exitCode, stdout, stderr } = await lanshare(words.split(' '));
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Usage: lanshare');
      expect(stderr).toBe('');
    }
    expect((await lanshare(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('fit 80 columns', async () => {
    for (const command of ['share', 'fetch', 'list', 'info', 'verify']) {
      const host = fakeHost({ terminalColumns: 80 });
      Object.assign(host.stdout, { columns: 80 });
      parseCommandLine([command, '--help'], host, '1.2.3');
      expect(host.stdout.lines.filter((line) => line.length > 80)).toEqual([]);
    }
  });
});
