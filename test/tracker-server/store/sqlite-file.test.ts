import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/tracker-server/store/sqlite/sqlite-store.ts';
import { SqliteThread } from '../../../src/tracker-server/store/sqlite/sqlite-thread.ts';
import { canBeDenied, withoutPrivileges } from '../../support/privileges.ts';
import { TemporaryFolders } from '../../support/temporary-folders.ts';
import { batchOf, contentRow, loadAll, type SamplePeer } from './sample-rows.ts';

const NOW = 1_700_000_000;
const folders = new TemporaryFolders();
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await folders.make();
  path = join(folder, 'tracker.db');
});
afterEach(() => folders.remove());

const openStore = (nowSeconds = (): number => NOW) =>
  openSqliteStore({ path, keepSeconds: 3_600, nowSeconds });
const peers = (count: number, content: string): SamplePeer[] =>
  Array.from({ length: count }, (_, at) => ({ port: at + 1, content, seenAt: NOW }));

async function filled(): Promise<void> {
  const store = await openStore();
  for (const content of ['one', 'two', 'three']) await store.save(batchOf(peers(2_000, content)));
  await store.close();
}

describe('a file of the SQLite store', () => {
  it('that another tracker uses is refused, until that one has ended', async () => {
    const first = await openStore();
    await expect(openStore()).rejects.toMatchObject({
      code: 'IN_USE',
      message: `${path} is in use by another tracker`,
    });
    await first.save(batchOf(peers(1, 'a film')));
    await first.close();
    const second = await openStore();
    expect((await loadAll(second, 0)).ports).toEqual([1]);
    await second.close();
  });

  it('that is damaged is refused, and left as it is', async () => {
    await filled();
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    for (let at = 4096 * 3; at + 4096 <= size; at += 4096)
      await file.write(Buffer.alloc(3_000, 0xff), 0, 3_000, at + 100);
    await file.close();
    const before = await readFile(path);
    await expect(openStore()).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(/tracker\.db is damaged: .+/),
      hint: 'move it away, and the tracker begins with a new one',
    });
    expect(await readFile(path)).toEqual(before);
  });

  it.each([
    ['a text', 'no database at all\n'.repeat(500)],
    ['a short text', 'x'],
  ])('that is %s is refused, and left as it is', async (_, text) => {
    await writeFile(path, text);
    await expect(openStore()).rejects.toMatchObject({
      code: 'DISK',
      message: `${path} is not a tracker's store`,
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it("that is another program's database is refused", async () => {
    const thread = new SqliteThread();
    await thread.open(path);
    await thread.ask('CREATE TABLE bookmarks (url TEXT)');
    await thread.close();
    await expect(openStore()).rejects.toMatchObject({
      code: 'DISK',
      message: `${path} is not a tracker's store`,
    });
  });

  it('that a newer lanshare wrote is refused', async () => {
    await filled();
    const thread = new SqliteThread();
    await thread.open(path);
    await thread.ask('PRAGMA user_version = 2');
    await thread.close();
    await expect(openStore()).rejects.toMatchObject({ message: `${path} was written by a newer lanshare` });
  });

  it('in a folder that is not there cannot be opened', async () => {
    path = join(folder, 'nowhere', 'tracker.db');
    await expect(openStore()).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
      message: `cannot open ${path}: it is not there`,
    });
  });

  it('cannot be a folder', async () => {
    await mkdir(path);
    await expect(openStore()).rejects.toMatchObject({ message: `cannot open ${path}: it is a folder` });
  });

  it.skipIf(!canBeDenied)('in a folder that is not ours cannot be opened', async () => {
    await withoutPrivileges(folder, async () => {
      await expect(openStore()).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: `cannot open ${path}: permission denied`,
      });
    });
  });

  it.skipIf(!canMount())(
    'on a full disk keeps nothing, and everything again when there is room',
    async () => {
      const disk = join(folder, 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', disk]);
      try {
        path = join(disk, 'tracker.db');
        const store = await openStore();
        await store.save(batchOf(peers(10, 'before')));
        const ballast = join(disk, 'ballast');
        await fillDisk(ballast);
        const batch = batchOf(peers(10_000, 'too many'));
        await expect(store.save(batch)).rejects.toMatchObject({
          code: 'DISK_FULL',
          message: `cannot write to ${path}: the disk is full`,
        });
        await expect(store.save(batch)).rejects.toMatchObject({ code: 'DISK_FULL' });
        expect((await loadAll(store, 0)).peers).toHaveLength(10);
        await writeFile(ballast, '');
        await store.save(batch);
        await store.close();
        const again = await openStore();
        expect((await loadAll(again, 0)).peers).toHaveLength(10_010);
        await again.close();
      } finally {
        execFileSync('umount', ['-l', disk]);
      }
    },
  );

  it('forgets who has not announced for long, and contents that nobody has, now and then', async () => {
    let now = NOW;
    const store = await openStore(() => now);
    await store.save(batchOf([{ port: 1, seenAt: now, content: 'left' }], [contentRow('left', 2)]));
    now += 25 * 3_600;
    await store.save(batchOf([{ port: 2, seenAt: now, content: 'new' }], [contentRow('new', 1)]));
    const merged = await loadAll(store, 0);
    expect(merged.ports).toEqual([2]);
    expect([merged.completed('left'), merged.completed('new')]).toEqual([undefined, 1]);
    await store.close();
  });

  it('is read until the signal aborts', async () => {
    await filled();
    const store = await openStore();
    const stop = new AbortController();
    let batches = 0;
    const loading = store.load(
      0,
      () => {
        batches++;
        stop.abort();
      },
      stop.signal,
    );
    await expect(loading).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(batches).toBe(1);
    await store.close();
  });

  it('takes no more after it was closed', async () => {
    const store = await openStore();
    await store.close();
    await expect(store.save(batchOf(peers(1, 'late')))).rejects.toMatchObject({ code: 'DISK' });
  });
});

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function fillDisk(ballast: string): Promise<void> {
  const file = await open(ballast, 'w');
  try {
    for (;;) await file.write(Buffer.alloc(4_096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    await file.close();
  }
}
