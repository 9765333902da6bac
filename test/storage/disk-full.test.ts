import { execFileSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleContent } from '../support/sample-content.ts';
import { writePiece } from './contract.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

/** A disk of one megabyte, where this machine lets us make one. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

const runs = new PartRuns();
let mounted: string | undefined;
afterEach(async () => {
  const disk = mounted;
  mounted = undefined;
  await runs.close();
  if (disk !== undefined) execFileSync('umount', [disk]);
  await runs.cleanUp();
});

async function smallDisk(): Promise<string> {
  const folder = await runs.folders.make();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  mounted = folder;
  return folder;
}

const contents = {
  'a file': sampleContent({ pieceLength: 64 * 1024, length: 800_000 }),
  'a folder': sampleContent({
    name: 'films',
    pieceLength: 64 * 1024,
    files: Array.from({ length: 32 }, (_, number) => ({ path: `f${number}`, length: 25_000 })),
  }),
};

describe.skipIf(!canMount).each(Object.entries(contents))('on a full disk (needs root), %s', (_, content) => {
  it('keeps what has arrived, and the next run completes it', async () => {
    const outDir = await smallDisk();
    const ballast = path.join(outDir, 'ballast');
    await writeFile(ballast, Buffer.alloc(500_000));
    const store = await runs.open(content, outDir);
    const faults: unknown[] = [];
    for (const index of pieceIndexes(content))
      await writePiece(store, content, index).catch((fault: unknown) => faults.push(fault));
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatchObject({ code: 'DISK_FULL', exitCode: 6 });
    const arrived = [...store.have.held()];
    expect(arrived.length).toBeGreaterThan(0);
    await store.close();
    expect(await readdir(outDir)).not.toContain(content.metainfo.name);

    await rm(ballast);
    const { store: next, held } = await runs.reopen(content, outDir);
    expect(held).toEqual(arrived);
    await runs.complete(content, next);
  });

  it('goes on in the same run when room was made', async () => {
    const outDir = await smallDisk();
    const ballast = path.join(outDir, 'ballast');
    const store = await runs.open(content, outDir);
    await writeFile(ballast, Buffer.alloc(1_048_576)).catch(() => {});
    const first = content.index(0);
    await expect(writePiece(store, content, first)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(store.have.has(first)).toBe(false);
    await rm(ballast);
    await runs.complete(content, store);
  });

  it('does not begin where there is not even room for the record', async () => {
    const outDir = await smallDisk();
    await writeFile(path.join(outDir, 'ballast'), Buffer.alloc(1_048_576)).catch(() => {});
    await expect(runs.open(content, outDir)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await readdir(outDir)).not.toContain(content.metainfo.name);
  });
});
