import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import {
  type FakeHost,
  fakeHost,
  type HostSettings,
  jsonLines,
  lanshare,
  temporaryDirectory,
} from './fake-host.ts';
import { metainfoOf, type Script, scripted, shareAsIs } from './fake-node.ts';

/** A directory with files, and a share that can be watched and ended. */
async function sharing(
  argv: readonly string[],
  files: readonly string[],
  script: Script = {},
  settings: HostSettings = {},
) {
  const cwd = await temporaryDirectory();
  for (const file of files) {
    await mkdir(join(cwd, file, '..'), { recursive: true });
    await writeFile(join(cwd, file), `content of ${file}`);
  }
  const { nodes, createNode } = scripted(script);
  const host = fakeHost({ ...settings, cwd, createNode });
  const exitCode = run(['share', ...argv], host);
  return { cwd, host, nodes, exitCode };
}

async function until(host: FakeHost, stream: 'stdout' | 'stderr', text: string, times = 1): Promise<void> {
  while (host[stream].text.split(text).length <= times) await setImmediate();
}

describe('share', () => {
  it('says what to type on the other machine, and ends with 0 at Ctrl-C', async () => {
    const { cwd, host, nodes, exitCode } = await sharing(['movie.txt'], ['movie.txt']);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines).toEqual([
      expect.stringMatching(/^sharing movie\.txt: 20 B, 1 piece of 256 KiB, info-hash [0-9a-f]{40}$/),
      '  on the other machine:  lanshare fetch movie.txt',
      '  described in movie.torrent',
      'stopped; 5 MB sent',
    ]);
    expect(host.stdout.text).toBe('');
    expect(nodes[0]?.calls).toEqual([`share ${join(cwd, 'movie.txt')}`, 'close']);
    expect(nodes[0]?.options).toMatchObject({ preferDefaultPort: true, mdns: true, beacon: true, lsd: true });
    expect(await readdir(cwd)).toEqual(['movie.torrent', 'movie.txt']);
  });

  it('tells last that it has stopped, with what was sent until the node was closed', async () => {
    const { host, nodes, exitCode } = await sharing(['movie.txt', '--json'], ['movie.txt']);
    await until(host, 'stdout', 'sharing');
    const node = nodes[0];
    if (node !== undefined) {
      node.close = async () => node.tell({ event: 'warning', message: 'the node is closing' });
    }
    host.events.emit('SIGINT');
    await exitCode;
    expect(jsonLines(host.stdout.text).slice(-2)).toEqual([
      { event: 'warning', message: 'the node is closing' },
      { event: 'stopped', uploadedBytes: 5_000_000 },
    ]);
  });

  it('writes the trackers that were given, and those that have been found, into the .torrent', async () => {
    const { cwd, host, exitCode } = await sharing(
      ['movie.txt', '--tracker', 'http://tracker.lan/announce'],
      ['movie.txt'],
      { trackersFound: ['udp://10.77.0.9:6969', 'udp://127.0.0.1:6969'] },
    );
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    const { trackers } = parseTorrent(await readFile(join(cwd, 'movie.torrent')));
    expect(trackers).toEqual([['http://tracker.lan/announce'], ['udp://10.77.0.9:6969']]);
  });

  it('ends with 0 at SIGTERM too, once it is serving', async () => {
    const { host, exitCode } = await sharing(['movie.txt'], ['movie.txt']);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGTERM');
    expect(await exitCode).toBe(0);
  });

  it('writes only events to stdout with --json', async () => {
    const { cwd, host, exitCode } = await sharing(['movie.txt', '--json'], ['movie.txt']);
    await until(host, 'stdout', 'sharing');
    host.events.emit('SIGINT');
    await exitCode;
    const { infoHash } = metainfoOf('movie.txt');
    expect(jsonLines(host.stdout.text)).toEqual([
      { event: 'listening', port: 47_470, interfaces: ['eth0 (10.77.0.2)'], urls: [] },
      {
        event: 'sharing',
        name: 'movie.txt',
        infoHash,
        infoHashV2: null,
        version: 'v1',
        size: 20,
        pieces: 1,
        pieceLength: 262_144,
        torrent: join(cwd, 'movie.torrent'),
        port: 47_470,
        path: join(cwd, 'movie.txt'),
        command: 'lanshare fetch movie.txt',
        address: null,
      },
      { event: 'stopped', uploadedBytes: 5_000_000 },
    ]);
    expect(host.stderr.text).toBe('');
  });

  it('warns where another program has the UDP port that --peer asks', async () => {
    const discovery = [{ path: 'beacon', interfaces: ['eth0'], problems: [], takenPort: 47_470 }] as const;
    const { host, exitCode } = await sharing(['movie.txt'], ['movie.txt'], { discovery });
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    expect(host.stderr.lines[0]).toMatch(
      /^warning: UDP port 47470 is taken by another program.*with --port$/,
    );
  });

  it.each(['v1', 'v2', 'hybrid'])('makes %s where that is asked for', async (version) => {
    const wanted: unknown[] = [];
    const script: Script = {
      share(path, options) {
        wanted.push(options.version);
        return shareAsIs(path, options);
      },
    };
    const { host, exitCode } = await sharing(['a', 'b', `--${version}`], ['a', 'b'], script);
    await until(host, 'stderr', 'described in', 2);
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(wanted).toEqual([version, version]);
  });

  it('hands its options to the node', async () => {
    let given: unknown;
    const script: Script = {
      share(path, options) {
        given = { ...options, signal: undefined };
        return shareAsIs(path, options);
      },
    };
    const words = [
      'a',
      '--name',
      "it's -mine-",
      '--piece-length',
      '1M',
      '--limit-up',
      '5MB/s',
      '--port',
      '9',
    ];
    const { host, nodes, exitCode } = await sharing(
      [...words, '--interface', 'eth7', '--peer', 'h:1', '--dialect', 'bittorrent', '--no-mdns'],
      ['a'],
      script,
    );
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    expect(given).toEqual({
      name: "it's -mine-",
      pieceLength: 1_048_576,
      signal: undefined,
    });
    expect(nodes[0]?.options).toMatchObject({
      port: 9,
      limitUp: 5_000_000,
      interfaces: ['eth7'],
      peers: [{ host: 'h', port: 1 }],
      dialect: 'bittorrent',
      mdns: false,
      beacon: true,
      lsd: true,
    });
    expect(host.stderr.text).toContain(`lanshare fetch 'it'\\''s -mine-'`);
  });

  it('names its own address where nothing can announce it', async () => {
    const script: Script = {
      discovery: [{ path: 'mdns', interfaces: [], problems: ['multicast is blocked'] }],
    };
    const settings = { addresses: ['10.0.0.5', 'fd00::5'] };
    const { host, exitCode } = await sharing(['movie.txt'], ['movie.txt'], script, settings);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    expect(host.stderr.text).toContain('lanshare fetch movie.txt --peer 10.0.0.5:47470\n');
  });

  it('warns that nobody can find it on a machine without a network', async () => {
    const problems = ['no network interface has an address'];
    const script: Script = { discovery: [{ path: 'mdns', interfaces: [], problems }] };
    const { host, exitCode } = await sharing(['movie.txt'], ['movie.txt'], script);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines[0]).toBe(
      'warning: nobody can find this machine now: no network interface has an address',
    );
  });

  it('of several paths gives each its own .torrent', async () => {
    const { cwd, host, exitCode } = await sharing(
      ['movie.txt', 'movie.mp4', 'movie.txt'],
      ['movie.txt', 'movie.mp4'],
    );
    await until(host, 'stderr', 'described in', 2);
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(await readdir(cwd)).toEqual(['movie.mp4', 'movie.mp4.torrent', 'movie.torrent', 'movie.txt']);
  });

  it('without a path shares what lies in ./shares, hidden files left out', async () => {
    const { cwd, host, nodes, exitCode } = await sharing(
      [],
      ['shares/b.txt', 'shares/a/x', 'shares/.hidden'],
    );
    await until(host, 'stderr', 'described in', 2);
    host.events.emit('SIGINT');
    await exitCode;
    expect(nodes[0]?.calls.slice(0, 2)).toEqual([
      `share ${join(cwd, 'shares', 'a')}`,
      `share ${join(cwd, 'shares', 'b.txt')}`,
    ]);
  });

  it('puts the .torrent where --torrent says', async () => {
    const { cwd, host, exitCode } = await sharing(['movie.txt', '--torrent', 'x.torrent'], ['movie.txt']);
    await until(host, 'stderr', 'described in x.torrent');
    host.events.emit('SIGINT');
    await exitCode;
    expect(await readdir(cwd)).toEqual(['movie.txt', 'x.torrent']);
  });
});

describe('share with a fault', () => {
  it.each([
    ['a path that is not there', ['good', 'gone'], 6, 'cannot share gone: it is not there'],
    [
      'no path and no ./shares',
      [],
      2,
      'nothing to share: no path was given, and there is no folder ./shares',
    ],
    ['an empty path', [''], 2, 'a path is empty'],
    ['a --torrent in no folder', ['good', '--torrent', 'no/x.torrent'], 6, 'cannot write no/x.torrent'],
    ['a --torrent over a file', ['good', '--torrent', 'good'], 6, 'good exists and is not a .torrent file'],
  ])('%s: nothing is shared', async (_what, argv, code, sentence) => {
    const { cwd, host, nodes, exitCode } = await sharing(argv, ['good']);
    expect(await exitCode).toBe(code);
    expect(host.stderr.text).toContain(`lanshare: ${sentence}`);
    expect(nodes).toEqual([]);
    expect(await readdir(cwd)).toEqual(['good']);
  });

  it('an empty ./shares holds nothing to share', async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, 'shares'));
    const { exitCode, stderr } = await lanshare(['share'], { cwd });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('the folder ./shares is empty');
  });

  it('one name for the several contents of ./shares is refused', async () => {
    const { exitCode } = await sharing(['--name', 'x'], ['shares/a', 'shares/b']);
    expect(await exitCode).toBe(2);
  });

  it('one bad path of several: no .torrent is written and the node is closed', async () => {
    const script: Script = {
      share(path, options) {
        if (path.endsWith('bad')) throw new LanshareError('NO_FILES', 'bad has no files', 'choose another');
        return shareAsIs(path, options);
      },
    };
    const { cwd, host, nodes, exitCode } = await sharing(['good', 'bad'], ['good', 'bad'], script);
    expect(await exitCode).toBe(6);
    expect(host.stderr.text).toBe('lanshare: bad has no files\n  choose another\n');
    expect(nodes[0]?.calls.at(-1)).toBe('close');
    expect(await readdir(cwd)).toEqual(['bad', 'good']);
  });

  it('a directory that takes no .torrent is a warning', async () => {
    const { host, exitCode } = await sharing(['.'], ['good']);
    await until(host, 'stderr', 'on the other machine');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines[0]).toMatch(/^warning: .* is not written: the current directory is part of/);
  });
});

describe('a shared file that changes', () => {
  const changed = new LanshareError('SHARE_CHANGED', 'a changed on disk', 'share it again');

  function withdraw({ nodes }: Awaited<ReturnType<typeof sharing>>, name: string): void {
    const { infoHash } = metainfoOf(name);
    nodes[0]?.tell({ event: 'withdrawn', infoHash, path: `/x/${name}`, error: changed });
  }

  it('ends the share with 7 when it was the only one', async () => {
    const share = await sharing(['a'], ['a']);
    await until(share.host, 'stderr', 'described in');
    withdraw(share, 'a');
    expect(await share.exitCode).toBe(7);
    expect(share.host.stderr.lines.slice(-4)).toEqual([
      'lanshare: a changed on disk',
      '  share it again',
      'lanshare: nothing is left to share: a changed on disk',
      '  run lanshare share again to share it as it is now',
    ]);
  });

  it('leaves the others shared, and the exit code tells of it', async () => {
    const share = await sharing(['a', 'b'], ['a', 'b']);
    await until(share.host, 'stderr', 'described in', 2);
    withdraw(share, 'a');
    await setImmediate();
    expect(share.nodes[0]?.calls).not.toContain('close');
    share.host.events.emit('SIGINT');
    expect(await share.exitCode).toBe(7);
  });
});

describe('share with a goal', () => {
  function reach({ nodes }: Awaited<ReturnType<typeof sharing>>, name: string): void {
    const { infoHash } = metainfoOf(name);
    nodes[0]?.tell({ event: 'seeded', infoHash, name, reached: 'time', uploadedBytes: 0, ratio: 0 });
  }

  it('hands it to the node', async () => {
    let goal: unknown;
    const script: Script = {
      share(path, options) {
        goal = options.until;
        return shareAsIs(path, options);
      },
    };
    const share = await sharing(['a', '--seed-time', '30m'], ['a'], script);
    await until(share.host, 'stderr', 'described in');
    share.host.events.emit('SIGINT');
    await share.exitCode;
    expect(goal).toEqual({ kind: 'time', ms: 1_800_000 });
  });

  it('ends with 0 when each content has reached it', async () => {
    const share = await sharing(['a', 'b', '--seed-time', '1m'], ['a', 'b']);
    await until(share.host, 'stderr', 'described in', 2);
    reach(share, 'a');
    await setImmediate();
    expect(share.nodes[0]?.calls).not.toContain('close');
    reach(share, 'b');
    expect(await share.exitCode).toBe(0);
    expect(share.host.stderr.lines.slice(-3)).toEqual([
      'no longer serving a: its time is over; 0 B sent, 0.00 times its size',
      'no longer serving b: its time is over; 0 B sent, 0.00 times its size',
      'stopped; 10 MB sent',
    ]);
  });

  it('ends with 7 when one content reached it and the other one changed', async () => {
    const share = await sharing(['a', 'b', '--seed-time', '1m'], ['a', 'b']);
    await until(share.host, 'stderr', 'described in', 2);
    const error = new LanshareError('SHARE_CHANGED', 'a changed on disk', 'share it again');
    const { infoHash } = metainfoOf('a');
    share.nodes[0]?.tell({ event: 'withdrawn', infoHash, path: '/x/a', error });
    reach(share, 'b');
    expect(await share.exitCode).toBe(7);
    expect(share.host.stderr.text).not.toContain('nothing is left');
  });
});

describe('share of a .torrent file', () => {
  async function shareTorrent(...others: readonly string[]): Promise<FakeHost> {
    const overwrite: Script = {
      async share(path, options) {
        await writeFile(path, buildTorrent(metainfoOf('film')));
        return shareAsIs(path, options);
      },
    };
    const { host, exitCode } = await sharing(['film.torrent'], ['film.torrent', ...others], overwrite);
    await until(host, 'stderr', 'on the other machine');
    await setImmediate();
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    return host;
  }

  it('shares the file itself, and says how to share what it describes', async () => {
    const host = await shareTorrent('film');
    expect(host.stderr.text).toContain('sharing film.torrent: ');
    expect(host.stderr.text).toContain(
      'warning: film.torrent itself is shared, not the film that it describes; to share that under its info-hash: lanshare seed film.torrent\n',
    );
  });

  it('says nothing more where its content is not there', async () => {
    const host = await shareTorrent();
    expect(host.stderr.text).not.toContain('lanshare seed');
  });
});
