import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeOnLan, finished, lanshare, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describeOnLan('disks that refuse', () => {
  let lan: Lan;
  beforeAll(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterAll(() => lan.close());

  const seats = async (): Promise<[Seat, Seat]> => [await seatAt(lan.host(1)), await seatAt(lan.host(2))];

  /** A file system of its own at `path`; `options` as mount(8) takes them. */
  async function mountAt(path: string, options: string): Promise<void> {
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    onTestFinished(() => {
      execFileSync('umount', ['--lazy', path]);
    });
  }

  it('a full disk is exit code 6, and a second run completes after room was made', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.bin', randomBytes(6 * MiB));
    await here.share('movie.bin');
    const out = there.at('small');
    await mountAt(out, 'size=4m');

    const first = await there.fetch('movie.bin', '--out', out);
    expect(first).toMatchObject({ code: 6, result: { event: 'error', code: 'DISK_FULL', exitCode: 6 } });
    await expect(there.read('small/movie.bin')).rejects.toThrow('ENOENT');

    execFileSync('mount', ['-o', 'remount,size=16m', out]);
    expect(await there.fetch('movie.bin', '--out', out)).toMatchObject({
      code: 0,
      result: { event: 'done' },
    });
    expect(sha256(await there.read('small/movie.bin'))).toBe(sha256(content));
  });

  it('a read-only output folder is exit code 6', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt');
    await here.share('movie.txt');
    await mountAt(there.at('fixed'), 'ro');

    expect(await there.fetch('movie.txt', '--out', 'fixed')).toMatchObject({
      code: 6,
      result: { event: 'error', code: 'NOT_PERMITTED' },
    });
  });

  it('an output folder that is not there is exit code 6', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt');
    await here.share('movie.txt');

    const { code, result } = await there.fetch('movie.txt', '--out', 'nowhere');

    expect({ code, result }).toMatchObject({ code: 6, result: { event: 'error', code: 'NO_SUCH_PATH' } });
    expect(result['message']).toContain('nowhere');
  });

  it('a path that is not there, a folder without files and an unreadable file cannot be shared', async () => {
    const [here] = await seats();
    await mkdir(here.at('empty'));
    await here.put('secret.txt');
    await chmod(here.at('secret.txt'), 0);
    // Root reads everything unless it gives that privilege away.
    const withoutPrivilege = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

    const missing = await finished(here.start(['share', '--json', 'missing.txt']));
    expect(missing).toMatchObject({ code: 6, result: { code: 'NO_SUCH_PATH' } });
    const empty = await finished(here.start(['share', '--json', 'empty']));
    expect(empty).toMatchObject({ code: 6, result: { code: 'NO_FILES' } });
    const shareSecret = lanshare('share', '--json', 'secret.txt');
    const secret = await finished(here.host.start([...withoutPrivilege, ...shareSecret], here.place));
    expect(secret).toMatchObject({ code: 6, result: { code: 'NOT_PERMITTED' } });
  });

  it('a file that changes while it is shared is no longer offered, and nobody gets wrong bytes', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt', 'as it was');
    const sharer = here.start(['share', '--json', 'movie.txt']);
    await sharer.event('sharing');
    await writeFile(here.at('movie.txt'), 'something else');

    const { code, result } = await there.fetch('movie.txt', '--timeout', '1');

    expect({ code, result }).toMatchObject({ code: 3, result: { event: 'error' } });
    await expect(there.read('movie.txt')).rejects.toThrow('ENOENT');
    const end = await finished(sharer);
    expect(end).toMatchObject({ code: 7, result: { event: 'error', code: 'SHARE_CHANGED' } });
    const withdrawn = end.events.find(({ event }) => event === 'withdrawn');
    expect(withdrawn).toMatchObject({ code: 'SHARE_CHANGED', path: here.at('movie.txt') });
  });
});
