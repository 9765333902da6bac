import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TRACKER_FIGURES_INTERVAL_MS, TRACKER_SCREEN_INTERVAL_MS } from '../../src/limits.ts';
import { jsonLines } from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';
import { NO_STATS } from './fake-tracker.ts';
import { screen } from './screen.ts';
import { cwd, env, infoHash, match, tracking } from './tracking.ts';

const INFO = 30;
const ERROR = 50;

/** Of each line of a log what does not change from run to run. */
function logged(text: string) {
  return jsonLines(text).map(({ time: _time, pid: _pid, hostname: _hostname, ...line }) => line);
}

describe('tracker as a service', () => {
  it('logs where it is, and who is matched with whom, as JSON lines; Ctrl-C ends it well', async () => {
    const { host, tracker, interrupt } = await tracking();
    tracker.tell(match(3, 2, 4));
    tracker.tell({ ...match(5, 2), name: undefined });
    expect(await interrupt()).toBe(0);
    expect(tracker.isClosed).toBe(true);
    expect(logged(host.stdout.text)).toEqual([
      {
        level: INFO,
        port: 6969,
        urls: ['udp://10.77.0.1:6969/announce', 'http://10.77.0.1:6969/announce'],
        msg: 'the tracker listens',
      },
      {
        level: INFO,
        infoHash,
        name: 'movie.txt',
        peer: '10.77.0.3:40003',
        with: ['10.77.0.2:40002', '10.77.0.4:40004'],
        msg: 'matched',
      },
      {
        level: INFO,
        infoHash,
        name: null,
        peer: '10.77.0.5:40005',
        with: ['10.77.0.2:40002'],
        msg: 'matched',
      },
    ]);
    for (const { time } of jsonLines(host.stdout.text)) expect(time).toBeGreaterThan(1e12);
    expect(host.stderr.text).toBe('');
  });

  it('logs a few matches a second, and the number of the others', async () => {
    const { host, clock, tracker, interrupt } = await tracking();
    for (let number = 10; number < 110; number++) tracker.tell(match(number, 2));
    tracker.counted = { ...tracker.counted, matches: 5_000 };
    await clock.advance(1_000);
    tracker.tell(match(9, 2));
    await interrupt();
    const [, ...lines] = logged(host.stdout.text);
    expect(lines.map(({ msg, peer, matches }) => [msg, peer ?? matches])).toEqual([
      ['matched', '10.77.0.10:40010'],
      ['matched', '10.77.0.11:40011'],
      ['matched', '10.77.0.12:40012'],
      ['more matches', 4997],
      ['matched', '10.77.0.9:40009'],
    ]);
  });

  it('logs warnings and what becomes of the store, each with its level', async () => {
    const { host, tracker, interrupt } = await tracking();
    tracker.tell({ event: 'warning', message: 'x.torrent is left out' });
    tracker.tell({ event: 'store', state: 'failing', message: 'the store is failing' });
    tracker.tell({ event: 'store', state: 'recovered', message: 'the store works again' });
    await interrupt();
    expect(logged(host.stdout.text).slice(1)).toEqual([
      { level: 40, msg: 'x.torrent is left out' },
      { level: ERROR, store: 'failing', msg: 'the store is failing' },
      { level: INFO, store: 'recovered', msg: 'the store works again' },
    ]);
  });

  it.each([
    [[], ['info']],
    [['-v'], ['debug', 'info']],
    [['-vv'], ['trace', 'debug', 'info']],
  ])('says with %j what is of use when something is wrong in the same log', async (words, levels) => {
    const { host, tracker, interrupt } = await tracking(words);
    for (const level of ['trace', 'debug', 'info'] as const) tracker.options.logger?.[level]({}, level);
    tracker.tell(match(3, 2));
    await interrupt();
    const messages = logged(host.stdout.text).map(({ msg }) => msg);
    expect(messages).toEqual(['the tracker listens', ...levels, 'matched']);
    expect(host.stderr.text).toBe('');
  });

  it('logs to a file instead where there is one', async () => {
    const { host, tracker, interrupt } = await tracking(['--log-file', 'log']);
    tracker.tell(match(3, 2));
    await interrupt();
    expect(host.stdout.text + host.stderr.text).toBe('');
    const messages = logged(await readFile(join(cwd, 'log'), 'utf8')).map(({ msg }) => msg);
    expect(messages).toEqual(['the tracker listens', 'matched']);
  });

  it('says nothing with --quiet', async () => {
    const { host, tracker, interrupt } = await tracking(['--quiet']);
    tracker.tell(match(3, 2));
    expect(await interrupt()).toBe(0);
    expect(host.stdout.text + host.stderr.text).toBe('');
  });
});

describe('tracker on a terminal that cannot redraw', () => {
  const simple = { stdoutSize: { columns: 80, rows: 24 } };
  const onSimple = () => tracking([], { ...simple, env: { ...env, TERM: 'dumb' } });

  it('says in sentences where it is, and who is matched with whom', async () => {
    const { host, tracker, interrupt } = await onSimple();
    tracker.tell(match(3, 2, 4));
    tracker.tell({ ...match(5, 2), name: undefined });
    expect(await interrupt()).toBe(0);
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
    const { host, clock, tracker, interrupt } = await onSimple();
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
    const { host, tracker, interrupt } = await onSimple();
    const peers = Array.from({ length: 20 }, (_, at) => ({ host: `10.77.0.${at >> 1}`, port: at + 1 }));
    tracker.tell({ ...match(99), with: peers });
    await interrupt();
    const [line = ''] = host.stdout.lines;
    expect(line).toMatch(/^10\.77\.0\.99 -> 10\.77\.0\.0, 10\.77\.0\.1, .* and 2 more {2}movie\.txt$/);
  });

  it('shows warnings and what becomes of the store, and nothing that steers a terminal', async () => {
    const { host, tracker, interrupt } = await onSimple();
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
    expect(host.stderr.text).not.toContain('matched');
  });

  it('has a log file besides', async () => {
    const { host, tracker, interrupt } = await tracking(['--log-file', 'log'], { stdoutSize });
    tracker.tell(match(3, 2));
    await interrupt();
    const messages = logged(await readFile(join(cwd, 'log'), 'utf8')).map(({ msg }) => msg);
    expect(messages).toEqual(['the tracker listens', 'matched']);
    expect(screen(host.stdout.text)).toContain('10.77.0.3 -> 10.77.0.2  movie.txt');
  });
});
