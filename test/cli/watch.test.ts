import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/cli/output/width.ts';
import { run } from '../../src/cli/run.ts';
import { DIAGNOSE_AFTER_MS, REDRAW_INTERVAL_MS } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { HolderChange } from '../../src/node/api.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type FakeHost, fakeHost, type HostSettings, jsonLines } from './fake-host.ts';
import { metainfoOf, scripted } from './fake-node.ts';
import { screen } from './screen.ts';

const movie = {
  name: 'movie.txt',
  infoHash: metainfoOf('movie.txt').infoHash,
  length: 1_073_741_824,
  pieceCount: 1024,
};
const notes = { name: 'notes', infoHash: metainfoOf('notes').infoHash, length: 5, pieceCount: 1 };

function holder(number: number, piecesHeld: number) {
  const peerId = String(number).padStart(40, '0') as never;
  const endpoints = [{ host: `10.77.0.${number}`, port: 47_470 }];
  return { peerId, endpoints, paths: ['beacon'] as const, piecesHeld };
}

function has(number: number, piecesHeld: number, content = movie, kind: 'appeared' | 'updated' = 'appeared') {
  return { kind, content, holder: holder(number, piecesHeld) } as const;
}

function gone(number: number, { infoHash } = movie): HolderChange {
  return { kind: 'gone', infoHash, peerId: holder(number, 0).peerId };
}

interface Watching {
  readonly host: FakeHost;
  readonly clock: VirtualClock;
  tell(...changes: readonly HolderChange[]): Promise<void>;
  /** Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number>;
  readonly exitCode: Promise<number>;
}

/** `lanshare list --watch` with a node that hears what the test tells. */
async function watching(
  words: readonly string[] = [],
  settings: HostSettings = {},
  nodesHeard = 1,
): Promise<Watching> {
  const clock = new VirtualClock();
  let onChange: (change: HolderChange) => void = () => {};
  const { createNode } = scripted({
    nodesHeard,
    watch: (tell, signal) => {
      onChange = tell;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  });
  const host = fakeHost({ createNode, clock, ...settings });
  const exitCode = run(['list', '--watch', ...words], host);
  await until(() => onChange.length > 0);
  return {
    host,
    clock,
    exitCode,
    async tell(...changes) {
      for (const change of changes) onChange(change);
      await clock.advance(REDRAW_INTERVAL_MS);
    },
    interrupt() {
      host.events.emit('SIGINT');
      return exitCode;
    },
  };
}

/** Modules are loaded in their own time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('list --watch into a pipe', () => {
  it('is a line a change, and Ctrl-C ends it well', async () => {
    const { host, tell, interrupt } = await watching();
    await tell(has(2, 1024), has(3, 333), has(3, 400, movie, 'updated'), gone(3));
    expect(await interrupt()).toBe(0);
    const what = `movie.txt  1.07 GB  ${movie.infoHash}`;
    expect(host.stdout.lines).toEqual([
      `10.77.0.2:47470  1024/1024  ${what}`,
      `10.77.0.3:47470  333/1024  ${what}`,
      `10.77.0.3:47470  400/1024  ${what}`,
      `10.77.0.3:47470  gone  ${what}`,
    ]);
    expect(host.stderr.text).toBe('');
  });

  it('shows names from peers without what steers a terminal', async () => {
    const { host, tell, interrupt } = await watching();
    await tell(has(2, 1, { ...notes, name: '\x1b[2Jx' }));
    await interrupt();
    expect(host.stdout.text).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it('says once why nobody is heard', async () => {
    const { host, clock, interrupt } = await watching([], {}, 0);
    await clock.advance(DIAGNOSE_AFTER_MS);
    await until(() => host.stderr.text !== '');
    await clock.advance(DIAGNOSE_AFTER_MS);
    await interrupt();
    expect(host.stderr.lines).toEqual([expect.stringContaining('no other lanshare is heard on eth0')]);
  });

  it('is over when nobody reads it any more', async () => {
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const { tell, exitCode } = await watching([], { stdoutError: error });
    await tell(has(2, 1024));
    expect(await exitCode).toBe(0);
  });
});

describe('list --watch --json', () => {
  it('is an event a change', async () => {
    const { host, tell, interrupt } = await watching(['--json']);
    await tell(has(2, 1024), has(2, 1023, movie, 'updated'), gone(2));
    expect(await interrupt()).toBe(0);
    const { name, infoHash } = movie;
    const content = { name, infoHash, size: 1_073_741_824, pieces: 1024 };
    const { peerId } = holder(2, 0);
    const its = { peerId, addresses: ['10.77.0.2:47470'], paths: ['beacon'] };
    expect(jsonLines(host.stdout.text).slice(1)).toEqual([
      { event: 'appeared', ...content, holder: { ...its, piecesHeld: 1024 } },
      { event: 'updated', ...content, holder: { ...its, piecesHeld: 1023 } },
      { event: 'gone', infoHash, peerId },
    ]);
  });

  it('has a diagnosis where nobody is heard', async () => {
    const { host, clock, interrupt } = await watching(['--json'], {}, 0);
    await clock.advance(DIAGNOSE_AFTER_MS);
    await until(() => host.stdout.text.includes('diagnosis'));
    await interrupt();
    expect(jsonLines(host.stdout.text).slice(1)).toMatchObject([{ event: 'diagnosis', cause: 'alone' }]);
  });
});

describe('list --watch on a terminal', () => {
  const wide = { stdoutSize: { columns: 100, rows: 24 } };

  it('is a table that is redrawn in place, sorted by name, with everybody who holds it', async () => {
    const { host, tell, interrupt } = await watching([], wide);
    expect(screen(host.stdout.text)).toEqual([
      'nothing is shared on eth0 (10.77.0.2) so far; Ctrl-C ends',
      '',
    ]);
    await tell(has(2, 1, notes), has(10, 333), has(3, 1024));
    expect(screen(host.stdout.text)).toEqual([
      'NAME                SIZE     HOLDERS  COMPLETE   INFO-HASH',
      `movie.txt           1.07 GB  2        32-100%    ${movie.infoHash}`,
      '  10.77.0.3:47470                     1024/1024',
      '  10.77.0.10:47470                    333/1024',
      `notes               5 B      1        100%       ${notes.infoHash}`,
      '  10.77.0.2:47470                     1/1',
      '2 contents of 3 peers; Ctrl-C ends',
      '',
    ]);
    await tell(gone(10), gone(3), gone(2, notes));
    expect(screen(host.stdout.text)).toEqual([
      'nothing is shared on eth0 (10.77.0.2) so far; Ctrl-C ends',
      '',
    ]);
    expect(await interrupt()).toBe(0);
  });

  it('a terminal that does not know its size says 0, and is taken for one of 80 by 24', async () => {
    const { host, tell, interrupt } = await watching([], { stdoutSize: { columns: 0, rows: 0 } });
    await tell(has(3, 1024));
    expect(screen(host.stdout.text)).toContain('1 content of 1 peer; Ctrl-C ends');
    expect(await interrupt()).toBe(0);
  });

  it('many changes at once are drawn once', async () => {
    const { host, tell, interrupt } = await watching([], wide);
    await tell(has(2, 1));
    const before = host.stdout.text.length;
    await tell(...Array.from({ length: 500 }, (_, piece) => has(2, piece, movie, 'updated')));
    expect(host.stdout.text.length - before).toBeLessThan(1_000);
    expect(screen(host.stdout.text).join('\n')).toContain('499/1024');
    await interrupt();
  });

  it('what looks the same is not drawn again', async () => {
    const { host, tell, interrupt } = await watching([], wide);
    await tell(has(2, 1));
    const before = host.stdout.text;
    await tell(has(2, 1, movie, 'updated'));
    expect(host.stdout.text).toBe(before);
    await interrupt();
  });

  it('what changed last is there when it ends', async () => {
    const { host, tell, interrupt } = await watching([], wide);
    await tell(has(2, 5));
    const told = tell(has(2, 6, movie, 'updated'));
    await interrupt();
    await told;
    expect(screen(host.stdout.text).join('\n')).toContain('6/1024');
  });

  it('where there are too few rows, those who are still fetching stay, then the contents, then a count', async () => {
    const rows = (count: number) => ({ stdoutSize: { columns: 100, rows: count } });
    const first = async (size: HostSettings) => {
      const { host, tell, interrupt } = await watching([], size);
      await tell(has(2, 1024), has(3, 333), has(2, 1, notes), has(4, 1, notes));
      await interrupt();
      return screen(host.stdout.text).map((line) => line.slice(0, 9).trimEnd());
    };
    expect(await first(rows(9))).toHaveLength(9);
    expect(await first(rows(6))).toEqual(['NAME', 'movie.txt', '  10.77.0', 'notes', '2 content', '']);
    expect(await first(rows(5))).toEqual(['NAME', 'movie.txt', 'notes', '2 content', '']);
    expect(await first(rows(4))).toEqual(['NAME', 'and 2 mor', '2 content', '']);
  });

  it('says below why nobody is heard, as long as that is so', async () => {
    const { host, clock, tell, interrupt } = await watching([], { stdoutSize: { columns: 60, rows: 24 } }, 0);
    await clock.advance(DIAGNOSE_AFTER_MS);
    await until(() => host.stdout.text.includes('no other'));
    expect(screen(host.stdout.text).join(' ')).toContain('no other lanshare is heard on eth0');
    await tell(has(2, 1024));
    expect(screen(host.stdout.text).join(' ')).not.toContain('no other lanshare');
    await interrupt();
  });

  it('fits whatever terminal there is, also one that changes its size', async () => {
    const sizes = fc.record({
      columns: fc.integer({ min: 2, max: 120 }),
      rows: fc.integer({ min: 2, max: 30 }),
    });
    const names = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, names, async (before, after, told) => {
        const { host, tell, interrupt } = await watching([], { stdoutSize: before });
        await tell(
          ...told.map((name, at) =>
            has(at, at, {
              name,
              infoHash: String(at).padStart(40, '0') as InfoHash,
              length: 1,
              pieceCount: 5,
            }),
          ),
        );
        host.stdout.columns = after.columns;
        host.stdout.rows = after.rows;
        const drawn = host.stdout.text.length;
        host.stdout.emit('resize');
        await tell();
        await interrupt();
        const lines = screen(host.stdout.text.slice(drawn));
        for (const line of lines) expect(displayWidth(line)).toBeLessThan(after.columns);
        expect(lines.length).toBeLessThanOrEqual(after.rows);
      }),
      { numRuns: 40 },
    );
  });

  it('a terminal that became narrower has wrapped the lines: all of them are drawn over', async () => {
    const { host, tell, interrupt } = await watching([], { stdoutSize: { columns: 61, rows: 24 } });
    await tell(has(2, 1024));
    const widths = screen(host.stdout.text).slice(0, -1).map(displayWidth);
    host.stdout.columns = 30;
    const drawn = host.stdout.text.length;
    host.stdout.emit('resize');
    await tell();
    const up = /\[(\d+)A/.exec(host.stdout.text.slice(drawn))?.[1];
    expect(Number(up)).toBe(widths.reduce((sum, width) => sum + Math.ceil(width / 30), 0));
    await interrupt();
  });

  it('is lines where the log goes to the same terminal, and on a simple one', async () => {
    for (const [words, settings] of [
      [['-v'], wide],
      [[], { ...wide, env: { TERM: 'dumb' } }],
    ] as const) {
      const { host, tell, interrupt } = await watching(words, settings);
      await tell(has(2, 1024));
      await interrupt();
      expect(host.stdout.text).not.toContain('\x1b');
      expect(host.stdout.text).toContain('10.77.0.2:47470  1024/1024');
    }
  });
});
