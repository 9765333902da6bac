import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { TRACKER_FIGURES_INTERVAL_MS, TRACKER_SCREEN_INTERVAL_MS } from '../../src/limits.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { sampleContent } from '../support/sample-content.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import {
  type FakeHost,
  fakeHost,
  type HostSettings,
  jsonLines,
  lanshare,
  temporaryDirectory,
} from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';
import { type FakeTracker, fakeTrackers, NO_STATS } from './fake-tracker.ts';
import { screen } from './screen.ts';

interface Tracking {
  readonly host: FakeHost;
  readonly clock: VirtualClock;
  readonly tracker: FakeTracker;
  /** Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number>;
}

let cwd = '';
let env: Record<string, string> = {};
beforeEach(async () => {
  cwd = await temporaryDirectory();
  env = { LANSHARE_CACHE_DIR: await temporaryDirectory() };
});

/** `lanshare tracker` with a tracker that does what the test says. */
async function tracking(words: readonly string[] = [], settings: HostSettings = {}): Promise<Tracking> {
  const clock = new VirtualClock();
  const { trackers, createTrackerServer } = fakeTrackers();
  const host = fakeHost({ createTrackerServer, clock, cwd, env, ...settings });
  const exitCode = run(['tracker', ...words], host);
  const ended = Promise.race([
    exitCode.then(() => true),
    new Promise((resolve) => setImmediate(resolve, false)),
  ]);
  // Modules are loaded in their own time; then what it said first is shown, or nothing with --quiet.
  while (!(await ended) && host.stdout.text + host.stderr.text === '' && !words.includes('--quiet'))
    await new Promise((resolve) => setImmediate(resolve));
  while (trackers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [tracker] = trackers;
  if (tracker === undefined) throw new Error('there is no tracker');
  return {
    host,
    clock,
    tracker,
    interrupt() {
      host.events.emit('SIGINT');
      return exitCode;
    },
  };
}

const { infoHash } = metainfoOf('movie.txt');

function match(asker = 3, ...others: readonly number[]) {
  const peer = (number: number) => ({ host: `10.77.0.${number}`, port: 40_000 + number });
  return {
    event: 'matched',
    infoHash,
    name: 'movie.txt',
    peer: peer(asker),
    with: others.map(peer),
  } as const;
}

describe('tracker into a pipe', () => {
  it('says where it is, and who is matched with whom; Ctrl-C ends it well', async () => {
    const { host, tracker, interrupt } = await tracking();
    tracker.tell(match(3, 2, 4));
    tracker.tell({ ...match(5, 2), name: undefined });
    expect(await interrupt()).toBe(0);
    expect(tracker.isClosed).toBe(true);
    expect(host.stderr.lines).toEqual([
      'the tracker runs; Ctrl-C stops it. Clients announce to',
      '  udp://10.77.0.1:6969/announce',
      '  http://10.77.0.1:6969/announce',
      '  to be watched at http://10.77.0.1:6969/, with /stats, /metrics and /torrents',
    ]);
    expect(host.stdout.lines).toEqual([
      '10.77.0.3 -> 10.77.0.2, 10.77.0.4  movie.txt',
      `10.77.0.5 -> 10.77.0.2  ${infoHash}`,
    ]);
  });

  it('names a few matches a second, and the number of the others', async () => {
    const { host, clock, tracker, interrupt } = await tracking();
    for (let number = 10; number < 110; number++) tracker.tell(match(number, 2));
    tracker.counted = { ...tracker.counted, matches: 5_000 };
    await clock.advance(1_000);
    tracker.tell(match(9, 2));
    await interrupt();
    expect(host.stdout.lines).toEqual([
      '10.77.0.10 -> 10.77.0.2  movie.txt',
      '10.77.0.11 -> 10.77.0.2  movie.txt',
      '10.77.0.12 -> 10.77.0.2  movie.txt',
      'and 4997 more matches',
      '10.77.0.9 -> 10.77.0.2  movie.txt',
    ]);
  });

  it('names several peers of one host once, and of many hosts some', async () => {
    const { host, tracker, interrupt } = await tracking();
    const peers = Array.from({ length: 20 }, (_, at) => ({ host: `10.77.0.${at >> 1}`, port: at + 1 }));
    tracker.tell({ ...match(99), with: peers });
    await interrupt();
    const [line = ''] = host.stdout.lines;
    expect(line).toMatch(/^10\.77\.0\.99 -> 10\.77\.0\.0, 10\.77\.0\.1, .* and 2 more {2}movie\.txt$/);
  });

  it('shows warnings and what becomes of the store, and nothing that steers a terminal', async () => {
    const { host, tracker, interrupt } = await tracking();
    tracker.tell({ event: 'warning', message: 'x.torrent is \x1b[2Jbad' });
    tracker.tell({ event: 'store', state: 'failing', message: 'the store is failing' });
    tracker.tell({ ...match(3, 2), name: '\x1b[2Jx' });
    await interrupt();
    expect(host.stderr.lines.slice(-2)).toEqual([
      expect.stringMatching(/^warning: x\.torrent is .*bad$/),
      'the store is failing',
    ]);
    expect(host.stdout.text + host.stderr.text).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it('says nothing with --quiet', async () => {
    const { host, tracker, interrupt } = await tracking(['--quiet']);
    tracker.tell(match(3, 2));
    expect(await interrupt()).toBe(0);
    expect(host.stdout.text + host.stderr.text).toBe('');
  });
});

describe('tracker --json', () => {
  it('tells all that happens, and the figures every few seconds and at the end', async () => {
    const { host, clock, tracker, interrupt } = await tracking(['--json']);
    tracker.tell(match(3, 2));
    tracker.tell({ event: 'store', state: 'loaded', message: 'it is open' });
    await clock.advance(TRACKER_FIGURES_INTERVAL_MS);
    expect(await interrupt()).toBe(0);
    const figures = {
      event: 'tracker-stats',
      ...NO_STATS,
      matches: 1,
      store: { kind: 'memory', unsaved: 0, fault: null },
    };
    expect(jsonLines(host.stdout.text)).toEqual([
      {
        event: 'listening',
        port: 6969,
        interfaces: ['eth0 (10.77.0.2)'],
        urls: ['udp://10.77.0.1:6969/announce', 'http://10.77.0.1:6969/announce'],
      },
      {
        event: 'matched',
        infoHash,
        name: 'movie.txt',
        peer: '10.77.0.3:40003',
        with: ['10.77.0.2:40002'],
      },
      { event: 'store', state: 'loaded', message: 'it is open' },
      figures,
      figures,
    ]);
    expect(host.stderr.text).toBe('');
  });
});

describe('tracker on a terminal', () => {
  const stdoutSize = { columns: 72, rows: 14 };

  it('shows where it is, contents, and below them what happened last', async () => {
    const { host, clock, tracker, interrupt } = await tracking([], { stdoutSize });
    tracker.counted = { ...NO_STATS, contents: 2, peers: 4, seeders: 1, announces: { udp: 0, http: 0 } };
    tracker.tracked = [
      { infoHash, name: 'movie.txt', seeders: 1, leechers: 2, completed: 7 },
      { infoHash: metainfoOf('b').infoHash, name: undefined, seeders: 0, leechers: 1, completed: 0 },
    ];
    await clock.advance(TRACKER_SCREEN_INTERVAL_MS);
    tracker.counted = { ...tracker.counted, announces: { udp: 30, http: 20 } };
    tracker.tell(match(3, 2, 4));
    tracker.tell({ event: 'warning', message: 'x.torrent is left out' });
    await clock.advance(2 * TRACKER_SCREEN_INTERVAL_MS);
    expect(await interrupt()).toBe(0);
    expect(screen(host.stdout.text)).toEqual([
      'udp://10.77.0.1:6969/announce  and by http',
      '4 peers (1 seeder) of 2 contents; 33 announces/s; store: memory; Ctrl-…',
      '',
      expect.stringMatching(/^CONTENT +SEEDERS {2}LEECHERS {2}COMPLETED$/),
      expect.stringMatching(/^movie\.txt +1 +2 +7$/),
      expect.stringMatching(/^[0-9a-f]{10}.* +0 +1 +0$/),
      '',
      '10.77.0.3 -> 10.77.0.2, 10.77.0.4  movie.txt',
      'warning: x.torrent is left out',
      '',
    ]);
    expect(host.stderr.text).toBe('');
  });

  it('never has more lines than the terminal, and says how many contents it leaves out', async () => {
    const { host, clock, tracker, interrupt } = await tracking([], { stdoutSize });
    tracker.counted = { ...NO_STATS, contents: 100_000 };
    tracker.tracked = Array.from({ length: 50 }, (_, at) => ({
      infoHash,
      name: `content ${at}`,
      seeders: 0,
      leechers: 0,
      completed: 0,
    }));
    for (let number = 0; number < 20; number++) tracker.tell(match(number, 2));
    await clock.advance(TRACKER_SCREEN_INTERVAL_MS);
    await interrupt();
    const lines = screen(host.stdout.text);
    expect(lines.length).toBeLessThanOrEqual(stdoutSize.rows);
    expect(lines).toContain('content 0  0        0         0');
    expect(lines.filter((line) => line.startsWith('and '))).toEqual(['and 99998 more']);
    expect(lines.filter((line) => line.includes('->')).at(-1)).toBe('10.77.0.19 -> 10.77.0.2  movie.txt');
  });

  it.each([
    [1, 1],
    [10, 2],
    [20, 4],
    [40, 6],
    [200, 8],
  ])('fits %i columns and %i rows', async (columns, rows) => {
    const { host, clock, tracker, interrupt } = await tracking([], { stdoutSize: { columns, rows } });
    tracker.counted = { ...NO_STATS, contents: 3 };
    tracker.tracked = ['a', 'b', 'c'.repeat(99)].map((name) => ({
      infoHash,
      name,
      seeders: 123_456,
      leechers: 0,
      completed: 0,
    }));
    for (let number = 0; number < 20; number++) tracker.tell(match(number, 2, 3, 4, 5, 6));
    await clock.advance(TRACKER_SCREEN_INTERVAL_MS);
    await interrupt();
    const lines = screen(host.stdout.text);
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  it('draws nothing again where nothing changed', async () => {
    const { host, clock, interrupt } = await tracking([], { stdoutSize });
    await clock.advance(TRACKER_SCREEN_INTERVAL_MS);
    const before = host.stdout.text;
    await clock.advance(60_000);
    expect(host.stdout.text).toBe(before);
    await interrupt();
  });

  it('is lines where the log is on the same terminal', async () => {
    const { host, tracker, interrupt } = await tracking(['-v'], { stdoutSize });
    tracker.tell(match(3, 2));
    await interrupt();
    expect(host.stdout.lines).toEqual(['10.77.0.3 -> 10.77.0.2  movie.txt']);
  });
});

describe('what tracker is told', () => {
  it('is passed on', async () => {
    const words = ['--port', '7000', '--host', '10.77.0.1', '--interval', '2m', '--allow-public'];
    const { tracker, interrupt } = await tracking([...words, '--whitelist', 'list', '--no-mdns']);
    await interrupt();
    expect(tracker.options).toMatchObject({
      port: 7000,
      host: '10.77.0.1',
      intervalSeconds: 120,
      allowPublic: true,
      whitelist: join(cwd, 'list'),
      mdns: false,
      contents: [],
    });
  });

  it('is little by default', async () => {
    const { tracker, interrupt } = await tracking();
    await interrupt();
    const { intervalSeconds, mdns, contents } = tracker.options;
    expect({ intervalSeconds, mdns, contents }).toEqual({ intervalSeconds: 1800, mdns: true, contents: [] });
    for (const key of ['port', 'host', 'allowPublic', 'whitelist', 'store'])
      expect(tracker.options).not.toHaveProperty(key);
  });

  it('is read from the environment, too', async () => {
    const { tracker, interrupt } = await tracking([], { env: { ...env, LANSHARE_ALLOW_PUBLIC: '1' } });
    await interrupt();
    expect(tracker.options.allowPublic).toBe(true);
  });

  it('opens a store, whose relative path starts here, and keeps peers for two intervals', async () => {
    const opened: unknown[] = [];
    const openStore: HostSettings['openStore'] = async (url, { keepSeconds }) => {
      opened.push({ url, keepSeconds });
      return undefined;
    };
    const { interrupt } = await tracking(['--store', 'sqlite:t.db', '--interval', '60s'], { openStore });
    await interrupt();
    expect(opened).toEqual([{ url: `sqlite:${join(cwd, 't.db')}`, keepSeconds: 180 }]);
  });

  it('gives up opening a store that keeps it waiting when it is interrupted', async () => {
    let ask: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const openStore: HostSettings['openStore'] = (_, { signal }) => {
      ask?.();
      return new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const host = fakeHost({ ...fakeTrackers(), cwd, env, openStore });
    const exitCode = run(['tracker', '--store', 'redis://10.0.0.5'], host);
    await asked;
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
  });

  it.each([
    ['--host', 'tracker.lan', 'it is an IP address of this machine'],
    ['--host', 'fe80::1%eth0', 'other than a link-local IPv6 one'],
    ['--interval', '1s', 'it is a time from 30s to 6h'],
    ['--interval', '7h', 'it is a time from 30s to 6h'],
    ['--port', '70000', 'a port is a number'],
    ['--store', 'mongodb://x', 'there is no store'],
  ])('%s %s is refused', async (option, text, why) => {
    const { exitCode, stderr } = await lanshare(['tracker', option, text], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(why);
  });

  it('ends with the exit code of the fault where the tracker does not start', async () => {
    const createTrackerServer: HostSettings['createTrackerServer'] = () =>
      Promise.reject(new LanshareError('PORT_IN_USE', 'port 6969 is in use', 'choose another'));
    const { exitCode, stderr } = await lanshare(['tracker'], { cwd, createTrackerServer });
    expect(exitCode).toBe(5);
    expect(stderr).toBe('lanshare: port 6969 is in use\n  choose another\n');
  });
});

describe('tracker with files', () => {
  it('describes them, writes their .torrent with its URLs, hands it out and serves nothing else', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
    const { host, tracker, interrupt } = await tracking(['movie.txt', '--json']);
    await interrupt();
    const bytes = await readFile(join(cwd, 'movie.torrent'));
    const { metainfo, trackers } = parseTorrent(bytes);
    expect(trackers).toEqual([['udp://10.77.0.1:6969/announce', 'http://10.77.0.1:6969/announce']]);
    expect(tracker.options.contents).toEqual([metainfo]);
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent']);
    expect(Buffer.from(tracker.handedOut.get('movie.torrent') ?? [])).toEqual(bytes);
    const events = jsonLines(host.stdout.text);
    expect(events.map(({ event }) => event)).toEqual(['hashing', 'created', 'listening', 'tracker-stats']);
    expect(events[1]).toMatchObject({ infoHash: metainfo.infoHash, torrent: join(cwd, 'movie.torrent') });
  });

  it('describes them as share does, so that both mean the same content', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
    await lanshare(['create', 'movie.txt', '--out', 'created.torrent'], { cwd, env });
    const { metainfo } = parseTorrent(await readFile(join(cwd, 'created.torrent')));
    const { tracker, interrupt } = await tracking(['movie.txt']);
    await interrupt();
    expect(tracker.options.contents?.[0]?.infoHash).toBe(metainfo.infoHash);
  });

  it('takes .torrent files as they are', async () => {
    const { metainfo } = sampleContent();
    const bytes = buildTorrent(metainfo, { trackers: [['http://elsewhere/announce']] });
    await writeFile(join(cwd, 'given.torrent'), bytes);
    const { tracker, interrupt } = await tracking(['given.torrent']);
    await interrupt();
    expect(tracker.options.contents).toEqual([metainfo]);
    expect(tracker.handedOut).toEqual(new Map([['given.torrent', Buffer.from(bytes)]]));
    expect(await readdir(cwd)).toEqual(['given.torrent']);
  });

  it('hands out each under a name of its own', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'one');
    await writeFile(join(cwd, 'movie.mp4'), 'another');
    const { tracker, interrupt } = await tracking(['movie.txt', 'movie.mp4', 'movie.txt']);
    await interrupt();
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent', 'movie.mp4.torrent']);
    expect((await readdir(cwd)).sort()).toEqual([
      'movie.mp4',
      'movie.mp4.torrent',
      'movie.torrent',
      'movie.txt',
    ]);
  });

  it('hands a .torrent out all the same where it cannot be written here', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content');
    await writeFile(join(cwd, 'movie.torrent'), 'mine');
    await writeFile(join(cwd, 'movie.txt.torrent'), 'mine');
    const { host, tracker, interrupt } = await tracking(['movie.txt']);
    await interrupt();
    expect(host.stderr.text).toContain('warning: movie.torrent is not written: ');
    expect(await readFile(join(cwd, 'movie.torrent'), 'utf8')).toBe('mine');
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent']);
  });

  it.each([
    ['missing.txt', 6],
    ['missing.torrent', 6],
    ['bad.torrent', 8],
    ['empty.txt', 2],
    ['', 2],
  ])('starts no tracker for %j', async (file, code) => {
    await writeFile(join(cwd, 'bad.torrent'), 'this is none');
    await writeFile(join(cwd, 'empty.txt'), '');
    expect((await lanshare(['tracker', file], { cwd, env })).exitCode).toBe(code);
  });
});
