import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CliEvent, TrackerEntry, TrackersChange } from '../../src/cli/output/events.ts';
import { openReporter } from '../../src/cli/output/open-reporter.ts';
import { TrackerTable } from '../../src/cli/output/tracker-table.ts';
import { displayWidth } from '../../src/cli/output/width.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fakeHost } from './fake-host.ts';
import { screen } from './screen.ts';

const HASH = '0123456789abcdef0123456789abcdef01234567';
const OTHER_HASH = 'f'.repeat(40);

function entry(changes: Partial<TrackerEntry> = {}): TrackerEntry {
  return {
    url: 'udp://10.77.0.1:6969/announce',
    state: 'working',
    message: null,
    seeders: 1,
    leechers: 2,
    interval: 1_800,
    peersReceived: 3,
    ...changes,
  };
}

const WAITING = {
  state: 'waiting',
  seeders: null,
  leechers: null,
  interval: null,
  peersReceived: 0,
} as const;
const FAILED = { ...WAITING, state: 'failed', message: '10.77.0.9:80 refuses connections' } as const;

function change(trackers: readonly TrackerEntry[], infoHash = HASH): TrackersChange {
  return { event: 'trackers', infoHash, trackers };
}

const progress: CliEvent = {
  event: 'progress',
  infoHash: HASH,
  name: 'movie.txt',
  bytesDone: 50,
  bytesTotal: 100,
  downBytesPerSecond: 1_000,
  upBytesPerSecond: 0,
  uploadedBytes: 0,
  peers: 3,
  etaSeconds: null,
};
const stopped: CliEvent = { event: 'stopped', uploadedBytes: 0 };

const HEADING = 'TRACKER                        STATUS   SEEDERS  LEECHERS  INTERVAL  PEERS RECEIVED';
const ROW = 'udp://10.77.0.1:6969/announce  working  1        2         30m       3';

describe('the table of trackers', () => {
  function table(...changes: readonly TrackersChange[]): TrackerTable {
    const made = new TrackerTable();
    for (const one of changes) made.take(one);
    return made;
  }

  it('has a row for each tracker: what works, what fails and why, and what is not asked yet', () => {
    const lines = table(
      change([
        entry({ url: 'http://10.77.0.7/announce', ...WAITING }),
        entry({ url: 'http://10.77.0.9/announce', ...FAILED }),
        entry(),
      ]),
    ).lines(100, 20);
    expect(lines).toEqual([
      HEADING,
      ROW,
      'http://10.77.0.9/announce      failed   -        -         -         0',
      '  10.77.0.9:80 refuses connections',
      'http://10.77.0.7/announce      waiting  -        -         -         0',
    ]);
  });

  it('has one row for a tracker that is asked for several contents', () => {
    const lines = table(
      change([entry()]),
      change([entry({ seeders: 10, leechers: null, interval: 60 })], OTHER_HASH),
      change([entry({ url: entry().url, ...FAILED, message: 'not authorized' })], 'e'.repeat(40)),
    ).lines(100, 20);
    expect(lines.slice(1)).toEqual([
      'udp://10.77.0.1:6969/announce  working, 1 failed  11       2         30m       6',
      '  not authorized',
    ]);
  });

  it('shows a warning below the tracker that gave it', () => {
    expect(table(change([entry({ message: 'old client' })])).lines(100, 20)[2]).toBe('  old client');
  });

  it('shows a few of many trackers, those first that work', () => {
    const many = Array.from({ length: 20 }, (_, at) => entry({ url: `udp://t${at}:1`, ...FAILED }));
    const lines = table(change([...many, entry()])).lines(100, 100);
    expect(lines[1]).toContain('working');
    expect(lines.at(-1)).toBe('and 13 more');
    expect(table(change([...many, entry()])).lines(100, 5)).toHaveLength(5);
    expect(table(change([entry()])).lines(100, 3)).toEqual([]);
  });

  it('forgets a content that is not announced any more', () => {
    const made = table(change([entry()]), change([entry({ seeders: 5 })], OTHER_HASH));
    made.forget(HASH);
    expect(made.lines(100, 20)[1]).toContain('working  5 ');
    made.forget(OTHER_HASH);
    expect(made.lines(100, 20)).toEqual([]);
  });

  it('fits, whatever strangers call their trackers and say', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 120 });
    const state = fc.constantFrom('waiting', 'working', 'failed');
    const entries = fc.array(
      fc.record({ url: text, message: fc.option(text), state }).map((some) => entry(some)),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(
        entries,
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 0, max: 30 }),
        (some, columns, room) => {
          const lines = table(change(some)).lines(columns, room);
          expect(lines.length).toBeLessThanOrEqual(room);
          for (const line of lines) {
            expect(displayWidth(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

async function reporter(terminalColumns?: number) {
  const clock = new VirtualClock();
  const host = fakeHost({
    cwd: '/home/me',
    clock,
    ...(terminalColumns === undefined ? {} : { terminalColumns }),
  });
  const opened = await openReporter({ verbose: 0 }, host);
  return { clock, opened, text: () => host.stderr.text };
}

describe('on a terminal', () => {
  it('the table stands above what goes on, and both update themselves', async () => {
    const { clock, opened, text } = await reporter(101);
    opened.report(change([entry({ ...WAITING })]));
    await clock.advance(1_000);
    opened.report(progress);
    await clock.advance(1_000);
    opened.report(change([entry()]));
    expect(screen(text())).toEqual([HEADING, ROW, expect.stringMatching(/^movie\.txt {2}50%/)]);
    opened.finish();
    expect(screen(text())).toEqual(['']);
    expect(clock.pending).toBe(0);
  });

  it('what stays is written above the table', async () => {
    const { opened, text } = await reporter(101);
    opened.report(change([entry()]));
    opened.report({ event: 'warning', message: 'mind the gap' });
    expect(screen(text())).toEqual(['warning: mind the gap', HEADING, ROW]);
  });

  it('many changes at once are drawn twice: at once, and as they are in the end', async () => {
    const { clock, opened, text } = await reporter(101);
    for (let seeders = 0; seeders < 50; seeders++) opened.report(change([entry({ seeders })]));
    await clock.advance(10_000);
    expect(text().match(/STATUS/g)).toHaveLength(2);
    expect(screen(text())[1]).toContain('working  49 ');
  });

  it('the table stays where it ended', async () => {
    const { clock, opened, text } = await reporter(101);
    opened.report(change([entry()]));
    await clock.advance(1_000);
    opened.report(stopped);
    opened.finish();
    expect(screen(text())).toEqual([HEADING, ROW, expect.stringMatching(/^stopped/), '']);
  });

  it('after a fetch is done the table is shown again only where something is new', async () => {
    const { clock, opened, text } = await reporter(101);
    opened.report(change([entry({ seeders: 0 })]));
    await clock.advance(1_000);
    opened.report(stopped);
    opened.report({ event: 'warning', message: 'mind the gap' });
    expect(screen(text()).filter((line) => line === HEADING)).toHaveLength(1);
    await clock.advance(1_000);
    opened.report(change([entry()]));
    expect(screen(text()).slice(-2)).toEqual([HEADING, ROW]);
  });

  it('a content that was withdrawn leaves it', async () => {
    const { opened, text } = await reporter(101);
    opened.report(change([entry()]));
    opened.report({
      event: 'withdrawn',
      infoHash: HASH,
      path: '/home/me/movie.txt',
      code: 'SHARE_CHANGED',
      message: 'it changed',
      hint: '',
    });
    expect(screen(text())).not.toContain(HEADING);
  });
});

describe('without a terminal', () => {
  it('each change is a sentence, and nothing is said twice', async () => {
    const { opened, text } = await reporter();
    const failed = entry({ url: 'http://10.77.0.9/announce', ...FAILED });
    opened.report(change([entry({ ...WAITING }), failed]));
    opened.report(change([entry(), failed]));
    opened.report(change([entry(), failed]));
    expect(text().split('\n')).toEqual([
      'tracker http://10.77.0.9/announce: failed: 10.77.0.9:80 refuses connections',
      'tracker udp://10.77.0.1:6969/announce: 1 seeder, 2 leechers, 3 peers received, asked again in 30m',
      '',
    ]);
  });
});
