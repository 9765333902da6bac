import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeBencode } from '../../src/metainfo/bencode.ts';
import { buildInfo, buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { Metainfo } from '../../src/metainfo/metainfo.ts';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from '../metainfo/libtorrent-samples.ts';
import { jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';

const movie = metainfoOf('movie.txt');
const folder = folderOf({ 'a.sh': 'echo', 'sub/b\u2028.txt': 'bb' });

function folderOf(contents: Record<string, string>): Metainfo {
  const files = Object.entries(contents).map(([path, content]) => ({
    path: path.split('/'),
    length: content.length,
    executable: path.endsWith('.sh'),
  }));
  const all = Object.values(contents).join('');
  const pieceHashes = createHash('sha1').update(all).digest();
  return parseInfo(buildInfo({ name: 'stuff', kind: 'folder', files, pieceLength: 16_384, pieceHashes }));
}

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'movie.torrent'), buildTorrent(movie, { createdBy: 'me', creationDate: 86_400 }));
  const trackers = [['http://one/announce', 'udp://two:1'], ['http://three']];
  await writeFile(join(cwd, 'stuff.torrent'), buildTorrent(folder, { comment: 'a\x1b[2Jb', trackers }));
});

describe('info', () => {
  it('shows a single file', async () => {
    const { exitCode, stdout, stderr } = await lanshare(['info', 'movie.torrent'], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'name        movie.txt',
      `info-hash   ${movie.infoHash}`,
      'size        20 B (20 bytes)',
      'pieces      1 of 256 KiB',
      'created by  me',
      'created     1970-01-02T00:00:00.000Z',
      'files       1',
      '  movie.txt  20 B',
      '',
    ]);
  });

  it('shows the files of a folder, with what steers a terminal made visible', async () => {
    const { stdout } = await lanshare(['info', 'stuff.torrent'], { cwd });
    expect(stdout).toContain(
      'tracker, tier 1  http://one/announce\ntracker, tier 1  udp://two:1\ntracker, tier 2  http://three\n',
    );
    expect(stdout).toContain('comment          a\\x1b[2Jb\n');
    expect(stdout).toMatch(/^ {2}stuff\/a\.sh \* +4 B$/m);
    expect(stdout).toContain('  stuff/sub/b\\u{2028}.txt  2 B\n');
  });

  it('shows names as they are made safe, and warns of it', async () => {
    const unsafe = folderOf({ '../../etc/passwd': 'root', 'b\u202e.txt': 'bb' });
    await writeFile(join(cwd, 'unsafe.torrent'), buildTorrent(unsafe));
    const { exitCode, stdout, stderr } = await lanshare(['info', 'unsafe.torrent'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}stuff\/etc\/passwd +4 B\n {2}stuff\/b\.txt +2 B$/m);
    expect(stderr).toBe('warning: 2 names in it were made safe\n');
    const events = jsonLines((await lanshare(['info', '--json', 'unsafe.torrent'], { cwd })).stdout);
    expect(events.map(({ event }) => event)).toEqual(['warning', 'torrent']);
  });

  it('shows a hybrid with both info-hashes, its web seeds, and the sizes of its files alone', async () => {
    const details = { trackers: [['http://one/', 'http://two/']], webSeeds: ['http://files/'] };
    await writeFile(join(cwd, 'pair.torrent'), buildTorrent(parseTorrent(HYBRID_TORRENT).metainfo, details));
    const { stdout } = await lanshare(['info', 'pair.torrent'], { cwd });
    expect(stdout.split('\n')).toEqual([
      'name          pair',
      'info-hash v1  0b263d801f78dc12cc2c27a9ae4e451f0a2a57d4',
      expect.stringMatching(/^info-hash v2 {2}[0-9a-f]{64}$/),
      'size          20 kB (20010 bytes)',
      'pieces        3 of 16 KiB',
      'tracker       http://one/',
      'tracker       http://two/',
      'web seed      http://files/',
      'files         2',
      '  pair/a.txt  20 kB',
      '  pair/b.txt  10 B',
      '',
    ]);
  });

  it('shows a content of v2 alone with its whole hash', async () => {
    await writeFile(join(cwd, 'pair.torrent'), VERSION_2_TORRENT);
    const { stdout } = await lanshare(['info', 'pair.torrent'], { cwd });
    expect(stdout).toMatch(/^info-hash v2 {2}[0-9a-f]{64}$/m);
    expect(stdout).not.toContain('info-hash v1');
    const [event] = jsonLines((await lanshare(['info', 'pair.torrent', '--json'], { cwd })).stdout);
    expect(event).toMatchObject({ version: 'v2', size: 20_010, pieces: 3 });
    expect(String(event?.['infoHashV2']).slice(0, 40)).toBe(event?.['infoHash']);
  });

  it('shows a date that is none as the number it is', async () => {
    await writeFile(join(cwd, 'old.torrent'), buildTorrent(movie, { creationDate: 9_007_199_254_740_991 }));
    expect((await lanshare(['info', 'old.torrent'], { cwd })).stdout).toContain(
      'created    9007199254740991\n',
    );
  });

  it('with --json is one torrent event', async () => {
    const { stdout } = await lanshare(['info', 'stuff.torrent', '--json'], { cwd });
    expect(jsonLines(stdout)).toEqual([
      {
        event: 'torrent',
        name: 'stuff',
        infoHash: folder.infoHash,
        infoHashV2: null,
        version: 'v1',
        kind: 'folder',
        size: 6,
        pieces: 1,
        pieceLength: 16_384,
        private: false,
        trackers: [['http://one/announce', 'udp://two:1'], ['http://three']],
        webSeeds: [],
        comment: 'a\x1b[2Jb',
        createdBy: null,
        creationDate: null,
        files: [
          { number: 1, path: 'stuff/a.sh', size: 4, executable: true },
          { number: 2, path: 'stuff/sub/b\u2028.txt', size: 2, executable: false },
        ],
      },
    ]);
  });

  it.each([
    ['gone.torrent', 6, 'cannot read gone.torrent: it is not there'],
    ['.', 8, '. is a folder, not a .torrent file'],
    ['garbage', 8, 'garbage: this is not a valid torrent'],
  ])('%s: exit code %i', async (file, code, sentence) => {
    await writeFile(join(cwd, 'garbage'), 'd4:info');
    const { exitCode, stdout, stderr } = await lanshare(['info', file], { cwd });
    expect(exitCode).toBe(code);
    expect(stdout).toBe('');
    expect(stderr).toContain(`lanshare: ${sentence}`);
  });
});

describe('verify', () => {
  it('says that the content beside the .torrent matches', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
    const { exitCode, stdout, stderr } = await lanshare(['verify', 'movie.torrent'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`movie.txt matches: 1 of 1 pieces, info-hash ${movie.infoHash}\n`);
    expect(stderr).toBe('');
  });

  it('looks where it is told to', async () => {
    await mkdir(join(cwd, 'elsewhere'));
    await writeFile(join(cwd, 'elsewhere', 'x'), 'content of movie.txt');
    expect((await lanshare(['verify', 'movie.torrent', 'elsewhere/x'], { cwd })).exitCode).toBe(0);
  });

  it('names what differs, with exit code 7', async () => {
    await mkdir(join(cwd, 'stuff'));
    await writeFile(join(cwd, 'stuff', 'a.sh'), 'ECHO');
    const { exitCode, stdout, stderr } = await lanshare(['verify', 'stuff.torrent'], { cwd });
    expect(exitCode).toBe(7);
    expect(stdout).toContain('bad: sub/b\\u{2028}.txt: missing\n');
    expect(stdout).toContain('0 of 1 pieces are right\n');
    expect(stderr).toBe(
      'lanshare: stuff is not what stuff.torrent describes\n' +
        '  move it away and get it again: lanshare fetch stuff.torrent\n',
    );
  });

  it('names files that are certainly bad before those that only share a piece with them', async () => {
    const contents = Object.fromEntries([...Array(25).keys()].map((index) => [`f${index}`, 'x']));
    await writeFile(join(cwd, 'many.torrent'), buildTorrent(folderOf(contents)));
    await mkdir(join(cwd, 'stuff'));
    for (const name of Object.keys(contents))
      if (name !== 'f9') await writeFile(join(cwd, 'stuff', name), 'x');
    const { stdout } = await lanshare(['verify', 'many.torrent'], { cwd });
    expect(stdout.split('\n').slice(0, 2)).toEqual(['bad: f9: missing', 'bad: f0: unproven']);
  });

  it('names no more than the first ten bad files', async () => {
    const many = folderOf(Object.fromEntries([...Array(25).keys()].map((index) => [`f${index}`, 'x'])));
    await writeFile(join(cwd, 'many.torrent'), buildTorrent(many));
    await mkdir(join(cwd, 'stuff'));
    const { stdout } = await lanshare(['verify', 'many.torrent'], { cwd });
    expect(stdout.match(/^bad: /gm)).toHaveLength(10);
    expect(stdout).toContain('and 15 more\n');
  });

  it('with --json tells progress, the result and the error', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of MOVIE.txt');
    const { exitCode, stdout, stderr } = await lanshare(['verify', 'movie.torrent', '--json'], { cwd });
    expect(exitCode).toBe(7);
    expect(stderr).toBe('');
    const events = jsonLines(stdout);
    expect(events[0]).toMatchObject({ event: 'verifying', path: join(cwd, 'movie.txt'), bytesTotal: 20 });
    expect(events.at(-2)).toEqual({
      event: 'verified',
      path: join(cwd, 'movie.txt'),
      infoHash: movie.infoHash,
      matches: false,
      piecesGood: 0,
      piecesTotal: 1,
      badFiles: [{ path: 'movie.txt', reason: 'wrong content' }],
    });
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'CONTENT_MISMATCH', exitCode: 7 });
  });

  it('is refused where the .torrent lacks the hashes of v2 that would tell', async () => {
    const info = {
      'file tree': { a: { '': { length: 40_000, 'pieces root': Buffer.alloc(32, 1) } } },
      'meta version': 2,
      name: 'a',
      'piece length': 16_384,
    };
    await writeFile(join(cwd, 'bare.torrent'), encodeBencode({ info }));
    await writeFile(join(cwd, 'a'), Buffer.alloc(40_000));
    const { exitCode, stderr } = await lanshare(['verify', 'bare.torrent'], { cwd });
    expect(exitCode).toBe(8);
    expect(stderr).toMatch(/lacks the hashes of its pieces/);
  });

  it('of content that is not there has exit code 6', async () => {
    const { exitCode, stdout, stderr } = await lanshare(['verify', 'movie.torrent'], { cwd });
    expect(exitCode).toBe(6);
    expect(stdout).toBe('');
    expect(stderr).toContain('it is not there');
  });
});
