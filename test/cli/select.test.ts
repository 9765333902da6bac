import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { NodeOptions } from '../../src/node/api.ts';
import { LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';
import { jsonLines, lanshare } from './fake-host.ts';

const nodes = new LoopbackNodes();

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

const songs = {
  'a.flac': someBytes(90_000, 1),
  'b.flac': someBytes(80_000, 2),
  'cover.jpg': someBytes(900, 3),
};

/** A directory with album.torrent in it, and the command with a node that knows who shares the album. */
async function withAlbum() {
  const folder = join(await nodes.folder(), 'album');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(songs)) await writeFile(join(folder, name), bytes);
  const sharer = await nodes.node();
  const { metainfo } = await sharer.share(folder, { version: 'v1' });
  const cwd = await nodes.folder();
  await writeFile(join(cwd, 'album.torrent'), buildTorrent(metainfo));
  const createNode = (options: NodeOptions) => nodes.nodeBeside([sharer], options);
  const fetch = (...argv: readonly string[]) =>
    lanshare(['fetch', ...argv, '--seed', 'none'], { cwd, createNode });
  return { cwd, fetch, sharer, metainfo };
}

describe('fetch --select', () => {
  it.each([
    [
      ['--select', '1,3'],
      ['a.flac', 'cover.jpg'],
    ],
    [
      ['--select', '*.flac'],
      ['a.flac', 'b.flac'],
    ],
    [
      ['--select', 'b.flac', '--select', '3'],
      ['b.flac', 'cover.jpg'],
    ],
    [['--select', 'album/a.flac'], ['a.flac']],
  ])('%j puts %j into the folder, and no other file', async (options, names) => {
    const { cwd, fetch } = await withAlbum();
    const { exitCode } = await fetch('album.torrent', ...options);
    expect(exitCode).toBe(0);
    expect((await readdir(join(cwd, 'album'))).sort()).toEqual(names);
    for (const name of names) {
      const bytes = songs[name as keyof typeof songs];
      expect((await readFile(join(cwd, 'album', name))).equals(bytes)).toBe(true);
    }
  });

  it('counts the bytes of the chosen files in what it says', async () => {
    const { fetch, metainfo } = await withAlbum();
    const { stdout } = await fetch(metainfo.infoHash, '--select', 'b.flac', '--json');
    const told = jsonLines(stdout);
    expect(told.find(({ event }) => event === 'done')).toMatchObject({ bytes: 80_000, alreadyThere: false });
    const totals = told.filter(({ event }) => event === 'progress').map(({ bytesTotal }) => bytesTotal);
    expect(new Set(totals)).toEqual(new Set([80_000]));
    const { stderr } = await fetch('album.torrent', '--select', 'b.flac');
    expect(stderr).toMatch(/album is here already, identical: 80 kB/i);
  });

  it('that matches nothing is a matter of usage', async () => {
    const { cwd, fetch } = await withAlbum();
    const { exitCode, stderr } = await fetch('album.torrent', '--select', 'a.flac,*.mp3');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('"*.mp3" matches no file of album');
    expect(stderr).toContain('--list-files');
    expect(await readdir(cwd)).toEqual(['album.torrent']);
  });

  it('does not overwrite a file that differs', async () => {
    const { cwd, fetch } = await withAlbum();
    await mkdir(join(cwd, 'album'));
    await writeFile(join(cwd, 'album', 'b.flac'), Buffer.alloc(80_000));
    await writeFile(join(cwd, 'album', 'a.flac'), songs['a.flac']);
    const { exitCode, stderr } = await fetch('album.torrent', '--select', '1-2');
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(/b\.flac exists already, is different/);
    expect((await readFile(join(cwd, 'album', 'b.flac'))).equals(Buffer.alloc(80_000))).toBe(true);
  });

  it('of one file goes to stdout with --stdout', async () => {
    const { cwd, fetch } = await withAlbum();
    const { exitCode, host } = await fetch('album.torrent', '--select', '2', '--stdout');
    expect(exitCode).toBe(0);
    expect(host.stdout.bytes.equals(songs['b.flac'])).toBe(true);
    expect(await readdir(cwd)).toEqual(['album.torrent']);
  });

  it.each([
    [['--select', ''], /--select "" is not valid/],
    [['--select', '5-2'], /--select "5-2" is not valid/],
    [['--select', '1', '--list-files'], /--select cannot be used with --list-files/],
  ])('%j is refused', async (options, message) => {
    const { exitCode, stderr } = await lanshare(['fetch', 'album', ...options]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
