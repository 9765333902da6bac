import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';

let cwd = '';
let cacheDirectory = '';
beforeEach(async () => {
  cwd = await temporaryDirectory();
  cacheDirectory = await temporaryDirectory();
  await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
  await mkdir(join(cwd, 'stuff', 'sub'), { recursive: true });
  for (const name of ['a', 'b', 'sub/c']) await writeFile(join(cwd, 'stuff', name), name);
});

async function create(...args: string[]) {
  return lanshare(['create', ...args], { cwd, env: { LANSHARE_CACHE_DIR: cacheDirectory } });
}

async function torrentAt(path: string) {
  return parseTorrent(await readFile(join(cwd, path)));
}

describe('create', () => {
  it('writes NAME.torrent here, a hybrid that describes the content, and starts no node', async () => {
    const { exitCode, stdout, stderr } = await create('movie.txt');
    expect(exitCode).toBe(0);
    expect(stdout).toBe('');
    const { metainfo, trackers, webSeeds, createdBy, creationDate } = await torrentAt('movie.torrent');
    expect(stderr.split('\n')).toEqual([
      'created movie.torrent: 20 B, 1 piece of 256 KiB, hybrid',
      `  info-hash v1 ${metainfo.infoHash}`,
      `  info-hash v2 ${metainfo.infoHashV2}`,
      '',
    ]);
    expect(metainfo).toMatchObject({
      name: 'movie.txt',
      kind: 'file',
      length: 20,
      version: 'hybrid',
      private: false,
    });
    expect({ trackers, webSeeds, creationDate }).toEqual({
      trackers: [],
      webSeeds: [],
      creationDate: undefined,
    });
    expect(createdBy).toMatch(/^lanshare \d/);
    expect((await lanshare(['verify', 'movie.torrent'], { cwd })).exitCode).toBe(0);
  });

  it('writes what it is told to beside the content', async () => {
    const tiers = ['--tracker', 'http://a/announce,udp://b:6969', '--tracker', 'https://c/announce'];
    const seeds = ['--web-seed', 'http://d/x,y', '--web-seed', 'https://e/'];
    const { exitCode } = await create(
      'stuff',
      ...tiers,
      ...seeds,
      ...['--private', '--comment', 'häh', '--piece-length', '32K', '--v2'],
    );
    expect(exitCode).toBe(0);
    expect(await torrentAt('stuff.torrent')).toMatchObject({
      trackers: [['http://a/announce', 'udp://b:6969'], ['https://c/announce']],
      webSeeds: ['http://d/x,y', 'https://e/'],
      comment: 'häh',
      metainfo: { private: true, pieceLength: 32 * 1024, version: 'v2', kind: 'folder', name: 'stuff' },
    });
  });

  it('gives the same bytes again, and again', async () => {
    await create('stuff', '--out', 'one.torrent', '--tracker', 'http://a/');
    await create('stuff/', '--out', 'other.torrent', '--tracker', 'http://a/');
    expect(await readFile(join(cwd, 'one.torrent'))).toEqual(await readFile(join(cwd, 'other.torrent')));
  });

  it('makes v1 of many small files, and says so', async () => {
    const { exitCode, stderr } = await create('stuff');
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: stuff is described for BitTorrent v1 alone: for v2, padding between its files would make it \d+ times as large \(--hybrid does that\)/,
    );
    expect((await torrentAt('stuff.torrent')).metainfo.version).toBe('v1');
  });

  it.each(['v1', 'v2', 'hybrid'])('makes %s where that is asked for', async (version) => {
    const { stderr } = await create('stuff', `--${version}`);
    expect(stderr).not.toContain('warning');
    expect((await torrentAt('stuff.torrent')).metainfo.version).toBe(version);
    expect((await lanshare(['verify', 'stuff.torrent'], { cwd })).exitCode).toBe(0);
  });

  it('with --json tells progress and what was written', async () => {
    const { stdout, stderr } = await create('stuff', '--hybrid', '--json');
    const { metainfo } = await torrentAt('stuff.torrent');
    expect(stderr).toBe('');
    const events = jsonLines(stdout);
    expect(events[0]).toMatchObject({ event: 'hashing', path: join(cwd, 'stuff'), cached: false });
    expect(events.at(-1)).toEqual({
      event: 'created',
      name: 'stuff',
      infoHash: metainfo.infoHash,
      infoHashV2: metainfo.infoHashV2,
      version: 'hybrid',
      size: 7,
      pieces: 3,
      pieceLength: 256 * 1024,
      torrent: join(cwd, 'stuff.torrent'),
    });
  });

  it('does not read again what it has hashed before', async () => {
    await create('movie.txt');
    // Only what is older than a tick of the file system's clock is remembered.
    await vi.waitFor(async () => {
      const { stdout } = await create('movie.txt', '--json');
      expect(jsonLines(stdout)[0]).toEqual({
        event: 'hashing',
        path: join(cwd, 'movie.txt'),
        bytesDone: 20,
        bytesTotal: 20,
        cached: true,
      });
    });
  });

  it('replaces what it made itself, with other trackers too', async () => {
    await create('movie.txt');
    expect((await create('movie.txt', '--tracker', 'http://a/')).exitCode).toBe(0);
    expect((await torrentAt('movie.torrent')).trackers).toEqual([['http://a/']]);
  });

  it.each<[string, string, string[]]>([
    ['a file that is no torrent', 'my notes', []],
    ["somebody else's torrent", 'd4:infod6:lengthi0e4:name1:x12:piece lengthi1e6:pieces0:ee', []],
    ['a file that is no torrent, named by --out', 'my notes', ['--out', 'movie.torrent']],
  ])('does not replace %s', async (_, present, args) => {
    await writeFile(join(cwd, 'movie.torrent'), present);
    const { exitCode, stderr } = await create('movie.txt', ...args);
    expect(exitCode).toBe(6);
    expect(stderr).toContain('--out');
    expect(await readFile(join(cwd, 'movie.torrent'), 'utf8')).toBe(present);
  });

  it('does not put its .torrent into what it describes, unless it is told to', async () => {
    const { exitCode, stderr } = await create('.');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--out FILE');
    expect((await create('.', '--out', 'all.torrent')).exitCode).toBe(0);
  });

  it('warns of a private content without a tracker', async () => {
    const { exitCode, stderr } = await create('movie.txt', '--private');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('warning: it is private and has no tracker');
  });

  it.each<[string[], number, string]>([
    [['gone.txt'], 6, 'cannot read gone.txt: it is not there'],
    [[], 2, "missing required argument 'path'"],
    [['movie.txt', '--v1', '--v2'], 2, '--v1 cannot be used with --v2'],
    [['movie.txt', '--tracker', 'not a url'], 2, 'a tracker is an address'],
    [['movie.txt', '--tracker', 'http://a/,ftp://b/'], 2, 'a tracker is an address'],
    [['movie.txt', '--web-seed', 'udp://a'], 2, 'a web seed is an address'],
    [['movie.txt', '--piece-length', '100K'], 2, 'a piece length is a power of two'],
    [['movie.txt', '--out', 'no/such/folder.torrent'], 6, 'cannot write no/such/folder.torrent'],
  ])('%j: exit code %i', async (args, code, sentence) => {
    const before = await readdir(cwd);
    const { exitCode, stderr } = await create(...args);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(sentence);
    expect(await readdir(cwd)).toEqual(before);
  });
});
