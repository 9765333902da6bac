import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CliEvent, Done, Progress } from '../../src/cli/output/events.ts';
import { openReporter } from '../../src/cli/output/open-reporter.ts';
import { displayWidth } from '../../src/cli/output/width.ts';
import { fakeHost, type HostSettings, jsonLines } from './fake-host.ts';
import { HandClock, screen } from './screen.ts';

const HASH = '0123456789abcdef0123456789abcdef01234567';

function progress(changes: Partial<Progress> = {}): Progress {
  return {
    event: 'progress',
    infoHash: HASH,
    name: 'movie.txt',
    bytesDone: 480_000_000,
    bytesTotal: 1_073_741_824,
    downBytesPerSecond: 120_000_000,
    upBytesPerSecond: 3_000_000,
    uploadedBytes: 0,
    peers: 3,
    etaSeconds: 4.2,
    ...changes,
  };
}

function done(changes: Partial<Done> = {}): Done {
  return {
    event: 'done',
    infoHash: HASH,
    name: 'movie.txt',
    path: '/home/me/movie.txt',
    bytes: 1_073_741_824,
    downloadedBytes: 1_073_741_824,
    seconds: 2.34,
    peers: 3,
    alreadyThere: false,
    remains: null,
    ...changes,
  };
}

const sharing: CliEvent = {
  event: 'sharing',
  name: 'movie.txt',
  infoHash: HASH,
  infoHashV2: null,
  version: 'v1',
  size: 1_073_741_824,
  pieces: 1024,
  pieceLength: 1_048_576,
  torrent: '/home/me/movie.torrent',
  port: 47_470,
  path: '/home/me/movie.txt',
  command: 'lanshare fetch movie.txt',
  address: '10.77.0.2:47470',
};

const searching: CliEvent = {
  event: 'searching',
  target: 'movie.txt',
  interfaces: ['eth0 (10.77.0.2)', 'wlan0 (192.168.1.5)'],
  problems: [],
};

interface Reported {
  report(...events: readonly CliEvent[]): void;
  readonly text: () => string;
  readonly stdout: () => string;
  readonly clock: HandClock;
}

async function reporter(
  flags: { json?: boolean; quiet?: boolean; verbose?: number; logFile?: string } = {},
  settings: HostSettings = {},
): Promise<Reported> {
  const clock = new HandClock();
  const host = fakeHost({ cwd: '/home/me', clock, ...settings });
  const opened = await openReporter({ verbose: 0, ...flags }, host);
  return {
    report(...events) {
      for (const event of events) {
        opened.report(event);
        clock.time += 500;
      }
    },
    text: () => host.stderr.text,
    stdout: () => host.stdout.text,
    clock,
  };
}

describe('on a terminal', () => {
  it('one line updates itself and gives way to a closing line', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 100 });
    report(progress({ bytesDone: 0 }), progress());
    expect(screen(text())).toEqual([
      'movie.txt  44%  480 MB of 1.07 GB  120 MB/s down  3 MB/s up  3 peers  ETA 5s',
    ]);
    report(progress({ bytesDone: 1_073_741_824, etaSeconds: 0 }), done());
    expect(screen(text())).toEqual([
      `fetched movie.txt: 1.07 GB in 2.3s (459 MB/s) from 3 peers, info-hash ${HASH}`,
      '',
    ]);
  });

  it('a long name is cut so that the numbers stay', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 80 });
    report(progress({ name: 'a very long name of a movie that somebody shares.mkv' }));
    expect(screen(text())).toEqual([
      'a very long…  44%  480 MB of 1.07 GB  120 MB/s down  3 MB/s up  3 peers  ETA 5s',
    ]);
  });

  it('the less important numbers go first where there is little room', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 40 });
    report(progress());
    expect(screen(text())).toEqual(['movie.txt  44%  120 MB/s down  ETA 5s']);
  });

  it('a terminal that does not know its size, and says 0, is taken for one of 80 columns', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 0 });
    report(progress({ bytesDone: 0 }), progress());
    expect(screen(text())).toEqual([
      'movie.txt  44%  480 MB of 1.07 GB  120 MB/s down  3 MB/s up  3 peers  ETA 5s',
    ]);
  });

  it('the line never is wider than the terminal, whatever the name', async () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 2, max: 120 }), async (name, terminalColumns) => {
        const { report, text } = await reporter({}, { terminalColumns });
        report(progress({ name }));
        const [line = ''] = screen(text());
        expect(displayWidth(line)).toBeLessThan(terminalColumns);
      }),
      { numRuns: 60 },
    );
  });

  it('wide characters count as two columns', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 30 });
    report(progress({ name: '映画映画映画映画映画映画映画' }));
    expect(screen(text())).toEqual(['映画映画映画映…  44%  ETA 5s']);
    expect(displayWidth('映画映画映画映…')).toBe(15);
  });

  it('a search is told when it has taken a second', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 100 });
    report(searching, searching);
    expect(text()).toBe('');
    report(searching);
    expect(screen(text())).toEqual(['looking for movie.txt on eth0 (10.77.0.2), wlan0 (192.168.1.5)']);
  });

  it('it is drawn no more often than an eye can follow', async () => {
    const { report, text, clock } = await reporter({}, { terminalColumns: 100 });
    for (let bytesDone = 0; bytesDone < 1000; bytesDone++) {
      report({ event: 'hashing', path: '/home/me/movie.txt', bytesDone, bytesTotal: 1000, cached: false });
      clock.time -= 499;
    }
    expect(text().split('\r').length - 1).toBeLessThan(20);
    expect(screen(text())[0]).toMatch(/^hashing movie\.txt {2}9\d% {2}9\d\d B of 1 kB$/);
  });

  it('what is served is summed up over all contents', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 100 });
    const served = { bytesDone: 10, bytesTotal: 10, peers: 2, upBytesPerSecond: 1000, uploadedBytes: 5000 };
    report(sharing, { ...sharing, infoHash: 'other' }, progress(served));
    expect(screen(text()).at(-1)).toBe('serving movie.txt  1 kB/s up  2 peers  5 kB sent');
    report(progress({ ...served, infoHash: 'other' }));
    expect(screen(text()).at(-1)).toBe('serving 2 contents  2 kB/s up  4 peers  10 kB sent');
  });

  it('share shows what to type on the other machine', async () => {
    const { report, text } = await reporter({}, { terminalColumns: 100 });
    report(sharing);
    expect(screen(text())).toEqual([
      `sharing movie.txt: 1.07 GB, 1024 pieces of 1 MiB, info-hash ${HASH}`,
      '  on the other machine:  lanshare fetch movie.txt',
      '  if it finds nobody:    add --peer 10.77.0.2:47470',
      '  described in movie.torrent',
      '',
    ]);
  });

  it('colours are left out with NO_COLOR', async () => {
    const failure: CliEvent = { event: 'error', code: 'DISK', exitCode: 6, message: 'no', hint: 'yes' };
    const plain = await reporter({}, { terminalColumns: 100, env: { NO_COLOR: '1' } });
    plain.report(failure);
    expect(plain.text()).toBe('lanshare: no\n  yes\n');
    const coloured = await reporter({}, { terminalColumns: 100 });
    coloured.report(failure);
    expect(coloured.text()).toContain('\x1b[31mlanshare:');
  });
});

describe('without a terminal', () => {
  it.each([
    ['a pipe', {}, {}],
    ['a terminal that cannot redraw', {}, { terminalColumns: 80, env: { TERM: 'dumb' } }],
    ['a terminal that shows the log', { verbose: 1 }, { terminalColumns: 80, env: { NO_COLOR: '1' } }],
  ])('%s gets whole lines without control characters', async (_where, flags, settings) => {
    const { report, text } = await reporter(flags, settings);
    report(searching, sharing, progress(), progress(), progress({ bytesDone: 7e8 }), done());
    expect(text()).not.toMatch(/[^\n\P{Cc}]/u);
    expect(text().endsWith('\n')).toBe(true);
    expect(text()).toContain(
      `fetched movie.txt: 1.07 GB in 2.3s (459 MB/s) from 3 peers, info-hash ${HASH}\n`,
    );
  });

  it('progress is a line every three seconds, from the first second on', async () => {
    const { report, text } = await reporter();
    for (let half = 0; half <= 16; half++) report(progress({ bytesDone: half * 50_000_000 }));
    expect(text().match(/\d+%/g)).toEqual(['9%', '37%', '65%']);
  });

  it('a state that does not change is told once', async () => {
    const { report, text } = await reporter();
    for (let second = 0; second < 40; second++) report(searching);
    expect(text()).toBe('looking for movie.txt on eth0 (10.77.0.2), wlan0 (192.168.1.5)\n');
  });
});

describe('what everybody is told', () => {
  async function told(event: CliEvent): Promise<string> {
    const { report, text } = await reporter();
    report(event);
    return text();
  }

  it('a resumed fetch tells how much came now', async () => {
    expect(await told(done({ downloadedBytes: 73_741_824, seconds: 1 }))).toContain(
      'fetched movie.txt: 1.07 GB (73.7 MB now) in 1s (73.7 MB/s) from 3 peers',
    );
    expect(await told({ event: 'resuming', infoHash: HASH, bytesDone: 999, bytesTotal: 1000 })).toBe(
      'going on where it stopped: 99% is here already\n',
    );
  });

  it('content that lay there already is told as such', async () => {
    expect(await told(done({ alreadyThere: true }))).toBe(
      `movie.txt is here already, identical: 1.07 GB, info-hash ${HASH}\n`,
    );
  });

  it('what a fetch of chosen files keeps is named', async () => {
    expect(await told(done({ remains: '/home/me/album.lanshare-part' }))).toMatch(
      /\n {2}album\.lanshare-part keeps pieces that have bytes of other files/,
    );
  });

  it('an empty content is whole without division by zero', async () => {
    expect(await told(done({ bytes: 0, downloadedBytes: 0, seconds: 0, peers: 1 }))).toBe(
      `fetched movie.txt: 0 B in 0ms from 1 peer, info-hash ${HASH}\n`,
    );
  });

  it('a path outside the current directory is told in full, the name alone with --stdout', async () => {
    expect(await told(done({ path: '/tmp/movie.txt' }))).toContain('fetched /tmp/movie.txt:');
    expect(await told(done({ path: null }))).toContain('fetched movie.txt:');
  });

  it('a peer that is dropped is told, one that comes or goes is not', async () => {
    const peer = {
      event: 'peer',
      infoHash: HASH,
      peerId: null,
      address: '10.0.0.3:5',
      reason: null,
    } as const;
    expect(await told({ ...peer, state: 'connected' })).toBe('');
    expect(await told({ ...peer, state: 'banned', reason: 'a corrupt piece' })).toBe(
      'peer 10.0.0.3:5 was dropped: a corrupt piece\n',
    );
  });

  it('several contents under one name are listed with the command for each', async () => {
    const holder = { peerId: 'a', addresses: [], paths: [], piecesHeld: 1 };
    const contents = [
      { name: 'movie.txt', infoHash: HASH, size: 1000, pieces: 1, holders: [holder, holder] },
      { name: 'movie.txt', infoHash: HASH.replace('0', 'f'), size: 2_000_000, pieces: 1, holders: [holder] },
    ];
    expect(await told({ event: 'ambiguous', name: 'movie.txt', contents })).toBe(
      [
        '"movie.txt" means 2 different contents:',
        `  movie.txt  1 kB  2 holders  lanshare fetch ${HASH}`,
        `  movie.txt  2 MB  1 holder   lanshare fetch ${HASH.replace('0', 'f')}`,
        '',
      ].join('\n'),
    );
  });

  it('nothing that came from a peer can steer the terminal', async () => {
    const evil = '\x1b]0;title\x07\x1b[2J\u202egpj.exe\u009b31m\n';
    const events: CliEvent[] = [
      progress({ name: evil }),
      progress({ name: evil, infoHash: 'x' }),
      done({ path: `/home/me/${evil}`, infoHash: 'x' }),
      done({ path: null, name: evil }),
      { event: 'warning', message: evil },
      { event: 'peer', infoHash: HASH, peerId: null, address: '1.2.3.4:5', state: 'banned', reason: evil },
      {
        event: 'ambiguous',
        name: evil,
        contents: [{ name: evil, infoHash: HASH, size: 1, pieces: 1, holders: [] }],
      },
      { event: 'error', code: 'NOBODY_HAS_IT', exitCode: 3, message: evil, hint: evil },
      { event: 'withdrawn', infoHash: HASH, path: evil, code: 'SHARE_CHANGED', message: evil, hint: evil },
      { ...sharing, name: evil, torrent: `/home/me/${evil}.torrent` },
      { ...searching, target: evil },
    ] as CliEvent[];
    for (const settings of [{}, { terminalColumns: 200 }]) {
      const { report, text } = await reporter({}, settings);
      report(...events, ...events, ...events);
      const shown = screen(text()).join('\n');
      expect(shown).toContain('\\x1b]0;title\\x07\\x1b[2J\\u{202e}gpj.exe\\x9b31m\\x0a');
      expect(shown).not.toMatch(/[\u202e\u009b]/);
    }
  });
});

describe('--quiet', () => {
  it('shows errors only', async () => {
    const { report, text } = await reporter({ quiet: true }, { terminalColumns: 80, env: { NO_COLOR: '1' } });
    report(sharing, progress(), done(), { event: 'warning', message: 'careful' });
    expect(text()).toBe('');
    report({ event: 'error', code: 'DISK', exitCode: 6, message: 'broken', hint: '' });
    expect(text()).toBe('lanshare: broken\n');
  });
});

describe('--json', () => {
  it('writes every event as one object a line on stdout, and nothing to stderr', async () => {
    const { report, stdout, text } = await reporter({ json: true }, { terminalColumns: 80 });
    const events: CliEvent[] = [
      searching,
      sharing,
      progress({ name: 'two\nlines \u2028' }),
      done({ path: null }),
    ];
    report(...events);
    expect(jsonLines(stdout())).toEqual(events);
    expect(stdout().split('\n')).toHaveLength(events.length + 1);
    expect(text()).toBe('');
  });
});
