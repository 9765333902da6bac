import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { SeedOptions } from '../../src/node/api.ts';
import { type FakeHost, fakeHost, type HostSettings, jsonLines, temporaryDirectory } from './fake-host.ts';
import { metainfoOf, type Script, scripted, seedWhole } from './fake-node.ts';

const movie = metainfoOf('movie.txt');
const { infoHash } = movie;

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'movie.torrent'), buildTorrent(movie));
});

function seeding(argv: readonly string[], script: Script = {}, settings: HostSettings = {}) {
  const { nodes, createNode } = scripted(script);
  const host = fakeHost({ ...settings, cwd, createNode });
  return { host, nodes, exitCode: run(['seed', ...argv], host) };
}

async function until(host: FakeHost, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  while (!host[stream].text.includes(text)) await setImmediate();
}

/** A seed that finds one of four pieces wrong. */
const PARTIAL: Script = {
  async seed(metainfo, path, _options, tell) {
    tell({
      event: 'verified',
      path,
      infoHash,
      matches: false,
      piecesGood: 3,
      piecesTotal: 4,
      badFiles: [
        { path: 'a.txt', reason: 'unproven' },
        { path: 'b.txt', reason: 'missing' },
      ],
    });
    return seedWhole(metainfo, path);
  },
};

describe('seed', () => {
  it('says what to type on the other machine, and ends with 0 at Ctrl-C', async () => {
    const { host, nodes, exitCode } = seeding(['movie.torrent']);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines).toEqual([
      `sharing movie.txt: 20 B, 1 piece of 256 KiB, info-hash ${infoHash}`,
      '  on the other machine:  lanshare fetch movie.txt',
      '  described in movie.torrent',
      'stopped; 5 MB sent',
    ]);
    expect(nodes[0]?.calls).toEqual([`seed ${join(cwd, 'movie.txt')}`, 'close']);
    expect(nodes[0]?.options).toMatchObject({ preferDefaultPort: true });
  });

  it('looks where it is told to', async () => {
    const { host, nodes, exitCode } = seeding(['movie.torrent', 'elsewhere']);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    expect(nodes[0]?.calls[0]).toBe(`seed ${join(cwd, 'elsewhere')}`);
  });

  it('hands its goals to the node', async () => {
    const goals: unknown[] = [];
    const script: Script = {
      seed(metainfo, path, options: SeedOptions) {
        goals.push(options.until);
        return seedWhole(metainfo, path);
      },
    };
    for (const options of [[], ['--seed-ratio', '1.5'], ['--seed-time', '1m', '--seed-ratio', '2']]) {
      const { host, exitCode } = seeding(['movie.torrent', ...options], script);
      await until(host, 'stderr', 'described in');
      host.events.emit('SIGINT');
      await exitCode;
    }
    const ratio = { kind: 'ratio', ratio: 2 };
    expect(goals).toEqual([
      undefined,
      { kind: 'ratio', ratio: 1.5 },
      { kind: 'first of', goals: [{ kind: 'time', ms: 60_000 }, ratio] },
    ]);
  });

  it('ends with 0 when its goal is reached, and says so', async () => {
    const { host, nodes, exitCode } = seeding(['movie.torrent', '--seed-ratio', '2']);
    await until(host, 'stderr', 'described in');
    nodes[0]?.tell({
      event: 'seeded',
      infoHash,
      name: 'movie.txt',
      reached: 'ratio',
      uploadedBytes: 40,
      ratio: 2,
    });
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines.slice(-2)).toEqual([
      'no longer serving movie.txt: it was served as often as asked; 40 B sent, 2.00 times its size',
      'stopped; 5 MB sent',
    ]);
  });

  it('says what is not right, and how to get it whole', async () => {
    const { host, exitCode } = seeding(['movie.torrent'], PARTIAL);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(host.stderr.lines[0]).toBe(
      'warning: 3 of 4 pieces of movie.txt are right and are seeded; not right: b.txt (missing), a.txt (unproven).' +
        ' lanshare fetch movie.torrent --out FOLDER gets it whole, in another folder',
    );
  });

  it('writes only events to stdout with --json', async () => {
    const { host, exitCode } = seeding(['movie.torrent', '--json'], PARTIAL);
    await until(host, 'stdout', 'sharing');
    host.events.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    const events = jsonLines(host.stdout.text);
    expect(events.map(({ event }) => event)).toEqual([
      'listening',
      'verified',
      'warning',
      'sharing',
      'stopped',
    ]);
    expect(host.stderr.text).toBe('');
  });

  it('of a private content tells to fetch it with the .torrent, as nothing else finds it', async () => {
    await writeFile(
      join(cwd, 'secret.torrent'),
      Buffer.from(
        'd4:infod6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa7:privatei1eee',
      ),
    );
    const { host, exitCode } = seeding(['secret.torrent']);
    await until(host, 'stderr', 'described in');
    host.events.emit('SIGINT');
    await exitCode;
    expect(host.stderr.lines[1]).toBe('  on the other machine:  lanshare fetch secret.torrent');
  });

  it('of a content that changes ends with 7', async () => {
    const { host, nodes, exitCode } = seeding(['movie.torrent']);
    await until(host, 'stderr', 'described in');
    const error = new LanshareError('SHARE_CHANGED', 'movie.txt was changed', 'share it again');
    nodes[0]?.tell({ event: 'withdrawn', infoHash, path: '/x/movie.txt', error });
    expect(await exitCode).toBe(7);
    expect(host.stderr.lines.slice(-2)).toEqual([
      'lanshare: nothing is left to seed: movie.txt changed on disk',
      '  run lanshare seed movie.torrent again to seed what is right of it now',
    ]);
  });
});

describe('seed with a fault', () => {
  it.each([
    ['a file that is not there', ['gone.torrent'], 6, 'cannot read gone.torrent: it is not there'],
    ['no file at all', [], 2, "missing required argument 'file'"],
    ['something else than a .torrent', ['not.torrent'], 8, 'not.torrent: '],
    ['a ratio of nothing', ['movie.torrent', '--seed-ratio', '0'], 2, '--seed-ratio "0" is not valid'],
    ['a ratio that is none', ['movie.torrent', '--seed-ratio', '2x'], 2, '--seed-ratio "2x" is not valid'],
    ['a time that is none', ['movie.torrent', '--seed-time', 'soon'], 2, '--seed-time "soon" is not valid'],
  ])('%s: no node is started', async (_what, argv, code, sentence) => {
    await writeFile(join(cwd, 'not.torrent'), 'hello');
    const { host, nodes, exitCode } = seeding(argv);
    expect(await exitCode).toBe(code);
    expect(host.stderr.text).toContain(`lanshare: ${sentence}`);
    expect(nodes).toEqual([]);
  });

  it('of which nothing is right: the node is closed, and it is said once', async () => {
    const script: Script = {
      async seed() {
        throw new LanshareError('CONTENT_MISMATCH', 'there is nothing to seed', 'name what has it');
      },
    };
    const { host, nodes, exitCode } = seeding(['movie.torrent'], script);
    expect(await exitCode).toBe(7);
    expect(host.stderr.text).toBe('lanshare: there is nothing to seed\n  name what has it\n');
    expect(nodes[0]?.calls.at(-1)).toBe('close');
  });
});
