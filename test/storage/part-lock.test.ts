import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { currentBootId } from '../../src/storage/machine.ts';
import { PartLock } from '../../src/storage/part/part-lock.ts';
import { sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { compileForChildren } from './compile-for-children.ts';
import { writePiece } from './contract.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

const movie = sampleContent({ length: 3000 });
const runs = new PartRuns();
const folders = new TemporaryFolders();
afterEach(async () => {
  await runs.cleanUp();
  await folders.remove();
});

async function lockPath(): Promise<string> {
  return path.join(await folders.make(), 'lock');
}

/** The claim that this process would make, with changes. */
async function claimLine(change: (claim: string) => string): Promise<string> {
  const file = await lockPath();
  const lock = await PartLock.take(file, 'x');
  const claim = (await readFile(file, 'utf8')).trim();
  await lock.release();
  return `\n${change(claim)}\n`;
}

function deadPid(): number {
  return spawnSync('true').pid;
}

describe('the lock of a part', () => {
  it('lets one fetch in at a time; the other one is told who it is', async () => {
    const outDir = await folders.make();
    const first = await runs.open(movie, outDir);
    await expect(runs.open(movie, outDir)).rejects.toMatchObject({
      code: 'IN_USE',
      exitCode: 6,
      message: expect.stringContaining('this process'),
    });
    for (const index of pieceIndexes(movie)) await writePiece(first, movie, index);
    await runs.complete(movie, first);
    expect(await readdir(outDir)).toEqual(['movie.txt']);
  });

  it('lets another content into the same folder', async () => {
    const outDir = await folders.make();
    const other = sampleContent({ name: 'other.txt', length: 3000 });
    const stores = await Promise.all([runs.open(movie, outDir), runs.open(other, outDir)]);
    await Promise.all([runs.complete(movie, stores[0]), runs.complete(other, stores[1])]);
  });

  it('is free again after it is released, and leaves no file', async () => {
    const file = await lockPath();
    for (let round = 0; round < 3; round++) {
      const lock = await PartLock.take(file, 'x');
      await lock.release();
      expect(await readdir(path.dirname(file))).toEqual([]);
    }
  });

  it('is held by one of many who want it at once', async () => {
    const file = await lockPath();
    const taken = await Promise.allSettled(Array.from({ length: 30 }, () => PartLock.take(file, 'x')));
    expect(taken.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of taken) if (result.status === 'fulfilled') await result.value.release();
    const lock = await PartLock.take(file, 'x');
    await lock.release();
  });

  it('is never held by two, however they come and go', async () => {
    const file = await lockPath();
    let holders = 0;
    let taken = 0;
    async function comeAndGo(): Promise<void> {
      for (let round = 0; round < 25; round++) {
        const lock = await PartLock.take(file, 'x').catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'IN_USE' });
        });
        if (lock === undefined) continue;
        taken++;
        expect(++holders).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        await lock.release();
      }
    }
    await Promise.all(Array.from({ length: 6 }, comeAndGo));
    expect(taken).toBeGreaterThan(0);
  });

  it.each<[string, () => Promise<string>]>([
    ['a process that ended', () => claimLine((claim) => claim.replace(/ \d+ /, ` ${deadPid()} `))],
    ['an earlier process with our number', () => claimLine((claim) => claim.replace(/ \d+ (\S+)$/, ' 1 $1'))],
    ['an earlier boot', () => claimLine((claim) => claim.replace(currentBootId() ?? '-', 'earlier-boot'))],
    ['nobody: garbage', async () => '\0\0\0 claim me \u001b[2J'],
    ['nobody: a claim cut by a kill', async () => (await claimLine((claim) => claim)).slice(0, 30)],
    ['nobody: a process number out of range', () => claimLine((claim) => claim.replace(/ \d+ /, ' -1 '))],
  ])('is not held by %s', async (_, claim) => {
    const file = await lockPath();
    await writeFile(file, await claim());
    const lock = await PartLock.take(file, 'x');
    await expect(PartLock.take(file, 'x')).rejects.toMatchObject({ code: 'IN_USE' });
    await lock.release();
  });

  it('is held by the first claim, not by a later one', async () => {
    const file = await lockPath();
    const lock = await PartLock.take(file, 'x');
    await appendFile(file, (await readFile(file, 'utf8')).replace(/ (\S+)\n$/, ' later\n'));
    await expect(PartLock.take(file, 'x')).rejects.toMatchObject({ code: 'IN_USE' });
    await lock.release();
  });

  it.skipIf(process.platform !== 'linux')(
    'is not held by a killed process that nobody waited for',
    async () => {
      const file = await lockPath();
      // The shell never waits for its child, so the child stays a zombie as long as the shell runs.
      const script = 'sh -c "exec sleep 100" & echo $!; exec sleep 100';
      const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
      const [output] = await once(shell.stdout, 'data');
      const pid = Number(String(output));
      const started = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(' ')[21];
      await writeFile(file, `\nclaim ${currentBootId()} ${pid} ${started} 0.0\n`);
      await expect(PartLock.take(file, 'x')).rejects.toMatchObject({ code: 'IN_USE' });
      process.kill(pid, 'SIGKILL');
      while (!/^\d+ \([^)]*\) Z/.test(await readFile(`/proc/${pid}/stat`, 'latin1')))
        await new Promise((resolve) => setTimeout(resolve, 5));
      const lock = await PartLock.take(file, 'x');
      await lock.release();
      shell.kill('SIGKILL');
      await once(shell, 'close');
    },
  );
});

describe('the lock of a part, among processes', () => {
  let compiled: { script(name: string): string; remove(): Promise<void> };
  beforeAll(async () => {
    compiled = await compileForChildren();
  });
  afterAll(() => compiled.remove());

  it('is held by exactly one, and is free when its holder is killed', async () => {
    const file = await lockPath();
    for (let round = 0; round < 3; round++) {
      const children = Array.from({ length: 4 }, () => fork(compiled.script('take-lock'), [file]));
      const answers = await Promise.all(children.map(async (child) => (await once(child, 'message'))[0]));
      expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
      const ends = children.map((child) => once(child, 'close'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
    }
    const lock = await PartLock.take(file, 'x');
    await lock.release();
  });
});
