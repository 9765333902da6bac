import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkTorrentTarget,
  placeTorrent,
  type TorrentPlace,
  writeTorrentTo,
} from '../../src/cli/commands/torrent-files.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { temporaryDirectory } from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';

const movie = metainfoOf('movie.txt');
const EMPTY = { ...movie, length: 0 };
const other = metainfoOf('movie.txt', 'another content');

async function place(directory: string, metainfo = movie, taken = new Set<string>()): Promise<TorrentPlace> {
  return placeTorrent({ metainfo, path: '/elsewhere/movie.txt' }, directory, '1.2.3', taken);
}

async function infoHashIn(path: string): Promise<string> {
  return parseTorrent(await readFile(path)).metainfo.infoHash;
}

describe('the .torrent of a share', () => {
  it('is NAME.torrent in the current directory, and says who made it', async () => {
    const directory = await temporaryDirectory();
    expect(await place(directory)).toEqual({ kind: 'written', path: join(directory, 'movie.torrent') });
    const torrent = parseTorrent(await readFile(join(directory, 'movie.torrent')));
    expect(torrent).toMatchObject({ createdBy: 'lanshare 1.2.3', metainfo: { infoHash: movie.infoHash } });
    expect(await readdir(directory)).toEqual(['movie.torrent']);
  });

  it('is left as it is where it describes the same content', async () => {
    const directory = await temporaryDirectory();
    const theirs = buildTorrent(movie, { createdBy: 'somebody', comment: 'with trackers' });
    await writeFile(join(directory, 'movie.torrent'), theirs);
    expect(await place(directory)).toMatchObject({ path: join(directory, 'movie.torrent') });
    expect(await readFile(join(directory, 'movie.torrent'))).toEqual(Buffer.from(theirs));
  });

  it('replaces one that lanshare made of an earlier content', async () => {
    const directory = await temporaryDirectory();
    await place(directory, other);
    expect(await place(directory, movie)).toMatchObject({ path: join(directory, 'movie.torrent') });
    expect(await infoHashIn(join(directory, 'movie.torrent'))).toBe(movie.infoHash);
  });

  it.each([
    ["somebody else's torrent", Buffer.from(buildTorrent(other, { createdBy: 'mktorrent 1.1' }))],
    ['a torrent without a creator', Buffer.from(buildTorrent(other))],
    ['a file that is no torrent', Buffer.from('my notes')],
  ])('does not replace %s but is called movie.txt.torrent', async (_what, bytes) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'movie.torrent'), bytes);
    expect(await place(directory)).toEqual({ kind: 'written', path: join(directory, 'movie.txt.torrent') });
    expect(await readFile(join(directory, 'movie.torrent'))).toEqual(bytes);
    expect(await infoHashIn(join(directory, 'movie.txt.torrent'))).toBe(movie.infoHash);
  });

  it('is not written where both names are taken', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'movie.torrent'), 'notes');
    await mkdir(join(directory, 'movie.txt.torrent'));
    expect(await place(directory)).toEqual({
      kind: 'skipped',
      reason:
        'movie.torrent is not written: movie.torrent and movie.txt.torrent exist already and are something else',
    });
    expect(await readFile(join(directory, 'movie.torrent'), 'utf8')).toBe('notes');
  });

  it('of a second content with the same stem is called after its whole name', async () => {
    const directory = await temporaryDirectory();
    const taken = new Set<string>();
    await place(directory, movie, taken);
    expect(await place(directory, metainfoOf('movie.mp4'), taken)).toMatchObject({
      path: join(directory, 'movie.mp4.torrent'),
    });
    expect(await infoHashIn(join(directory, 'movie.torrent'))).toBe(movie.infoHash);
  });

  it('is not put into the folder that is shared, which it would change', async () => {
    const directory = await temporaryDirectory();
    for (const path of [directory, join(directory, '..')]) {
      expect(await placeTorrent({ metainfo: movie, path }, directory, '1', new Set())).toMatchObject({
        kind: 'skipped',
        reason: expect.stringContaining('the current directory is part of what is shared'),
      });
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it('replaces a link that stands in its place only if what it leads to may be replaced', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'precious'), 'notes');
    await symlink(join(directory, 'precious'), join(directory, 'movie.torrent'));
    expect(await place(directory)).toMatchObject({ path: join(directory, 'movie.txt.torrent') });
    expect(await readFile(join(directory, 'precious'), 'utf8')).toBe('notes');
  });

  it.skipIf(!canBeDenied)('is left out where the directory cannot be written', async () => {
    const parent = await temporaryDirectory();
    const directory = join(parent, 'locked');
    await mkdir(directory, 0o500);
    await chmod(directory, 0o555);
    await withoutPrivileges(parent, async () => {
      expect(await place(directory)).toMatchObject({
        kind: 'skipped',
        reason: expect.stringContaining('permission denied'),
      });
    });
  });

  it('is left out where the directory is gone', async () => {
    const directory = await temporaryDirectory();
    expect(await place(join(directory, 'gone'))).toMatchObject({
      kind: 'skipped',
      reason: expect.stringContaining('cannot write'),
    });
  });
});

describe('a content without a byte', () => {
  it('has no .torrent, which no other program would take', async () => {
    const directory = await temporaryDirectory();
    const place = await placeTorrent(
      { metainfo: EMPTY, path: '/elsewhere/empty' },
      directory,
      '1.0',
      new Set(),
    );
    expect(place).toMatchObject({ kind: 'skipped', reason: expect.stringMatching(/not one byte/) });
    await expect(writeTorrentTo('empty.torrent', directory, EMPTY, '1.0')).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('--torrent FILE', () => {
  it('is written where the user says, over any other .torrent', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'x.torrent'), buildTorrent(other, { createdBy: 'mktorrent' }));
    expect(await writeTorrentTo('x.torrent', directory, movie, '1.2.3')).toBe(join(directory, 'x.torrent'));
    expect(await infoHashIn(join(directory, 'x.torrent'))).toBe(movie.infoHash);
  });

  it('never replaces what is no .torrent', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'movie.txt'), 'the movie itself');
    await expect(checkTorrentTarget('movie.txt', directory)).rejects.toMatchObject({
      code: 'EXISTS_DIFFERENT',
      exitCode: 6,
    });
    await expect(writeTorrentTo('movie.txt', directory, movie, '1')).rejects.toMatchObject({ exitCode: 6 });
    expect(await readFile(join(directory, 'movie.txt'), 'utf8')).toBe('the movie itself');
  });

  it('needs a folder that exists and can be written', async () => {
    const directory = await temporaryDirectory();
    await expect(checkTorrentTarget('gone/x.torrent', directory)).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
      message: 'cannot write gone/x.torrent: it is not there',
    });
    await writeFile(join(directory, 'file'), '');
    await expect(checkTorrentTarget('file/x.torrent', directory)).rejects.toMatchObject({ exitCode: 6 });
  });
});
