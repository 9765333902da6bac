import { describe, expect, it } from 'vitest';
import { closeDescriptor, openDescriptor } from '../../src/platform/file-calls.ts';
import { type OpenFile, OpenFiles } from '../../src/storage/open-files.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Opens the null device for every file and remembers which were asked for. */
function openFiles(limit: number) {
  const asked: number[] = [];
  const files = new OpenFiles(
    async (file) => {
      asked.push(file);
      return await openDescriptor('/dev/null', 0);
    },
    { limit },
  );
  return { files, asked };
}

async function use(files: OpenFiles, file: number): Promise<void> {
  files.release(await files.acquire(file));
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => setImmediate(() => setImmediate(() => resolve(false))));
  return await Promise.race([promise.then(() => true), turn]);
}

describe('the open files of a content', () => {
  it('share one descriptor among all who use a file at once', async () => {
    const { files, asked } = openFiles(4);
    const shared = await Promise.all([files.acquire(7), files.acquire(7), files.acquire(7)]);
    expect(new Set(shared.map((open) => open.descriptor)).size).toBe(1);
    expect(asked).toEqual([7]);
    for (const open of shared) files.release(open);
    await files.close();
  });

  it('are never more than the limit, however many are used', async () => {
    const { files } = openFiles(3);
    let most = 0;
    const work = Array.from({ length: 50 }, async (_, position) => {
      const open = await files.acquire(position % 11);
      most = Math.max(most, files.count);
      await new Promise((resolve) => setImmediate(resolve));
      files.release(open);
    });
    await Promise.all(work);
    expect(most).toBe(3);
    await files.close();
    expect(files.count).toBe(0);
  });

  it('make room by closing the one that was used longest ago', async () => {
    const { files, asked } = openFiles(2);
    for (const file of [1, 2, 1, 3, 1, 2]) await use(files, file);
    expect(asked).toEqual([1, 2, 3, 2]);
    await files.close();
  });

  it('keep a file open while it is in use; who wants another one waits', async () => {
    const { files, asked } = openFiles(1);
    const first = await files.acquire(1);
    const second = files.acquire(2);
    expect(await settled(second)).toBe(false);
    expect(asked).toEqual([1]);
    files.release(first);
    files.release(await second);
    expect(asked).toEqual([1, 2]);
    await files.close();
  });

  it('let the next one in when a file cannot be opened', async () => {
    let failing = true;
    const files = new OpenFiles(
      async () => {
        if (failing) throw systemError('EACCES');
        return await openDescriptor('/dev/null', 0);
      },
      { limit: 1 },
    );
    const results = await Promise.allSettled([files.acquire(1), files.acquire(2)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    failing = false;
    await use(files, 1);
    await files.close();
  });

  it('give one back when the process has no descriptor left', async () => {
    const held: OpenFile[] = [];
    const files = new OpenFiles(
      async () => {
        if (files.count === 2) throw systemError('EMFILE');
        return await openDescriptor('/dev/null', 0);
      },
      { limit: 100 },
    );
    held.push(await files.acquire(1));
    await use(files, 2);
    held.push(await files.acquire(3));
    expect(files.count).toBe(2);
    await expect(files.acquire(4)).rejects.toMatchObject({ code: 'EMFILE' });
    for (const open of held) files.release(open);
    await files.close();
  });

  it('tell of written data that closing could not keep', async () => {
    const heard: unknown[] = [];
    const files = new OpenFiles(() => openDescriptor('/dev/null', 0), {
      closeFailed: (error) => heard.push(error),
    });
    const open = await files.acquire(1);
    await closeDescriptor(open.descriptor);
    files.release(open);
    await files.close();
    expect(heard).toMatchObject([{ code: 'EBADF' }]);
  });
});
