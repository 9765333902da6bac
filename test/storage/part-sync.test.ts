import { open } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LanshareError } from '../../src/errors.ts';
import { SYNC_DISTANCE_BYTES, SYNC_DISTANCE_FILES } from '../../src/limits.ts';
import { PartSync } from '../../src/storage/part/part-sync.ts';
import { sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const LENGTH = 100;
const folder = sampleContent({
  files: Array.from({ length: SYNC_DISTANCE_FILES }, (_, number) => ({ path: `f${number}`, length: LENGTH })),
});

const folders = new TemporaryFolders();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await folders.remove();
});

/** Every file of the content is the same real one; `synced` counts the syncs of each. */
async function syncing(fault?: { readonly code: string }) {
  const handle = await open(path.join(await folders.make(), 'file'), 'w');
  closers.push(() => handle.close());
  await handle.truncate(LENGTH);
  const synced: number[] = [];
  const heard: LanshareError[] = [];
  const sync = new PartSync(
    folder.metainfo,
    {
      pathOf: (file) => `f${file}`,
      async use(file, _action, work) {
        if (fault !== undefined) throw Object.assign(new Error(fault.code), fault);
        await work({ file, descriptor: handle.fd });
        synced.push(file);
      },
    },
    (error) => heard.push(error),
  );
  return { sync, synced, heard };
}

function segment(file: number, length: number) {
  return { file, fileOffset: 0, start: 0, length };
}

describe('bringing a part to the disk', () => {
  it('happens in the background after enough bytes', async () => {
    const { sync, synced } = await syncing();
    sync.wrote([segment(3, SYNC_DISTANCE_BYTES - 1)]);
    await sync.idle();
    expect(synced).toEqual([]);
    sync.wrote([segment(3, 1)]);
    await sync.idle();
    expect(synced).toEqual([3]);
  });

  it('happens in the background after enough files', async () => {
    const { sync, synced } = await syncing();
    sync.wrote(folder.metainfo.files.map((_, file) => segment(file, LENGTH)));
    await sync.idle();
    expect(synced).toHaveLength(SYNC_DISTANCE_FILES);
  });

  it('ends with every file that was written since, once each', async () => {
    const { sync, synced } = await syncing();
    sync.markAll([1]);
    sync.wrote([segment(2, 10), segment(4, 10)]);
    sync.wrote([segment(2, 10)]);
    const identities = await sync.finish();
    expect(synced.toSorted()).toEqual([1, 2, 4]);
    expect(identities[2]).toMatchObject({ size: LENGTH });
    await sync.finish();
    expect(synced).toHaveLength(3);
  });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EIO', 'DISK'],
  ])(
    'that failed with %s is told once, and the part cannot become whole in this run',
    async (code, error) => {
      const { sync, heard } = await syncing({ code });
      sync.wrote([segment(0, SYNC_DISTANCE_BYTES)]);
      await sync.idle();
      expect(sync.failure).toMatchObject({ code: error });
      await expect(sync.finish()).rejects.toMatchObject({ code: error });
      expect(heard).toMatchObject([{ code: error }]);
    },
  );
});
