import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_TORRENT_BYTES, MAX_WHITELIST_WARNINGS, WHITELIST_REREAD_MS } from '../../../src/limits.ts';
import { buildTorrent } from '../../../src/metainfo/create-torrent.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { ServedContent } from '../../../src/tracker-server/access/served-contents.ts';
import { TorrentFolder } from '../../../src/tracker-server/access/torrent-folder.ts';
import { openWhitelist, type Whitelist } from '../../../src/tracker-server/access/whitelist.ts';
import { sampleContent } from '../../support/sample-content.ts';
import { TemporaryFolders } from '../../support/temporary-folders.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const folders = new TemporaryFolders();
const opened: Whitelist[] = [];
afterEach(async () => {
  for (const whitelist of opened.splice(0)) await whitelist.close();
  await folders.remove();
});

async function put(folder: string, file: string, name: string): Promise<void> {
  await writeFile(path.join(folder, file), buildTorrent(sampleContent({ name }).metainfo));
}

/** Read again only when the test moves the clock, or the system says something changed. */
async function whitelistOf(directory: string, clock: VirtualClock | typeof systemClock = new VirtualClock()) {
  const told = { names: [] as string[], warnings: [] as string[], times: 0 };
  const whitelist = await openWhitelist({
    directory,
    clock,
    onContents(contents: readonly ServedContent[]) {
      told.names = contents.map(({ name }) => name);
      told.times++;
    },
    onWarning: (message) => told.warnings.push(message),
  });
  opened.push(whitelist);
  return Object.assign(told, { whitelist });
}

async function until(holds: () => boolean, meanwhile = async (): Promise<void> => {}): Promise<void> {
  while (!holds()) {
    await meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a whitelist folder', () => {
  it('is read when it is opened: .torrent files, and nothing else', async () => {
    const folder = await folders.make();
    await put(folder, 'b.torrent', 'b.txt');
    await put(folder, 'a.torrent', 'a.txt');
    await put(folder, 'notes.txt', 'notes');
    await mkdir(path.join(folder, 'folder.torrent'));
    const told = await whitelistOf(folder);
    expect(told.names).toEqual(['a.txt', 'b.txt']);
    expect(told.warnings).toEqual([]);
  });

  it('is read again as soon as the system says that it changed', async () => {
    const folder = await folders.make();
    const told = await whitelistOf(folder, systemClock);
    await put(folder, 'a.torrent', 'a.txt');
    await until(() => told.names.length > 0);
    await rm(path.join(folder, 'a.torrent'));
    await until(() => told.names.length === 0);
  });

  it('is read again now and then in any case', async () => {
    const folder = await folders.make();
    await put(folder, 'a.torrent', 'a.txt');
    const clock = new VirtualClock();
    const told = await whitelistOf(folder, clock);
    await put(folder, 'a.torrent', 'changed.txt');
    await utimes(path.join(folder, 'a.torrent'), 1, 1);
    await until(
      () => told.names[0] === 'changed.txt',
      () => clock.advance(WHITELIST_REREAD_MS),
    );
    expect(told.names).toEqual(['changed.txt']);
  });

  it('tells nothing where nothing changed', async () => {
    const folder = await folders.make();
    await put(folder, 'a.torrent', 'a.txt');
    const clock = new VirtualClock();
    const told = await whitelistOf(folder, clock);
    for (let turn = 0; turn < 3; turn++) {
      await clock.advance(WHITELIST_REREAD_MS);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(told.times).toBe(1);
  });

  it('leaves out what is no .torrent, with one warning each, until it is one', async () => {
    const folder = await folders.make();
    const bad = path.join(folder, 'bad.torrent');
    await writeFile(bad, 'this is none');
    await writeFile(path.join(folder, 'large.torrent'), Buffer.alloc(MAX_TORRENT_BYTES + 1));
    await put(folder, 'a.torrent', 'a.txt');
    const clock = new VirtualClock();
    const told = await whitelistOf(folder, clock);
    expect(told.names).toEqual(['a.txt']);
    const again = (): Promise<void> => clock.advance(WHITELIST_REREAD_MS);
    await put(folder, 'bad.torrent', 'good.txt');
    await until(() => told.names.length === 2, again);
    expect(told.warnings).toEqual([
      expect.stringContaining(`${bad} is left out: `),
      `${path.join(folder, 'large.torrent')} is too large for a .torrent file`,
    ]);
  });

  it('goes on with what it knows while it cannot be read, and says so once', async () => {
    const parent = await folders.make();
    const folder = path.join(parent, 'list');
    await mkdir(folder);
    await put(folder, 'a.torrent', 'a.txt');
    const clock = new VirtualClock();
    const told = await whitelistOf(folder, clock);
    await rename(folder, path.join(parent, 'away'));
    const again = (): Promise<void> => clock.advance(WHITELIST_REREAD_MS);
    await until(() => told.warnings.length > 0, again);
    for (let turn = 0; turn < 3; turn++) await again();
    expect(told.names).toEqual(['a.txt']);
    await mkdir(folder);
    await put(folder, 'b.torrent', 'b.txt');
    await until(() => told.names[0] === 'b.txt', again);
    expect(told.warnings).toEqual([
      `cannot read ${folder}: it is not there; the contents known so far are served`,
    ]);
  });

  it('is not opened where it is not there, or a file', async () => {
    const folder = await folders.make();
    await put(folder, 'a.torrent', 'a.txt');
    for (const missing of ['missing', 'a.torrent'])
      await expect(whitelistOf(path.join(folder, missing))).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
  });

  it('has a limit, which is said once', async () => {
    const folder = await folders.make();
    for (const name of ['a', 'b', 'c']) await put(folder, `${name}.torrent`, `${name}.txt`);
    const torrents = new TorrentFolder(folder, 2);
    const first = await torrents.read();
    expect(first.contents.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
    expect(first.faults).toEqual([`${folder} has 3 .torrent files; the first 2 are used`]);
    expect(await torrents.read()).toMatchObject({ faults: [], changed: false });
  });

  it('names some of many bad files, and the number of the others', async () => {
    const folder = await folders.make();
    for (let file = 0; file < 100; file++) await writeFile(path.join(folder, `${file}.torrent`), 'bad');
    const { faults } = await new TorrentFolder(folder).read();
    expect(faults).toHaveLength(MAX_WHITELIST_WARNINGS + 1);
    expect(faults.at(-1)).toBe(`${100 - MAX_WHITELIST_WARNINGS} more .torrent files are left out`);
  });

  it('tells nothing any more when it is closed', async () => {
    const folder = await folders.make();
    const clock = new VirtualClock();
    const told = await whitelistOf(folder, clock);
    await told.whitelist.close();
    expect(clock.pending).toBe(0);
    await put(folder, 'a.torrent', 'a.txt');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told.times).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
