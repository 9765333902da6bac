import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../src/hashing/list-files.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function paths(folder: string): Promise<string[]> {
  return (await listFiles(folder)).files.map(({ path }) => path.join('/'));
}

describe('listing what is to be shared', () => {
  it('a file is listed as itself', async () => {
    const folder = await temporaryFolder({ 'movie.txt': 'hello' });
    const path = join(folder, 'movie.txt');
    const listing = await listFiles(path);
    expect(listing).toMatchObject({ sourcePath: path, name: 'movie.txt', kind: 'file', warnings: [] });
    expect(listing.files).toMatchObject([{ absolutePath: path, path: [], length: 5, executable: false }]);
  });

  it('a path may be relative, and end in a slash', async () => {
    const folder = await temporaryFolder({ a: '' });
    const listing = await listFiles(`${relative(process.cwd(), folder)}/`);
    expect(listing.sourcePath).toBe(folder);
    expect(listing.name).toBe(basename(folder));
  });

  it('all files of a folder are listed in content order, hidden and empty ones too', async () => {
    const folder = await temporaryFolder({ 'b/z': '1', 'b/a/c': '', 'b-': '2', '.hidden': '3', Z: '4' });
    await mkdir(join(folder, 'empty'));
    expect(await paths(folder)).toEqual(['.hidden', 'Z', 'b/a/c', 'b/z', 'b-']);
  });

  it('who may execute a file is seen', async () => {
    const folder = await temporaryFolder({ run: '', read: '' });
    await chmod(join(folder, 'run'), 0o755);
    const { files } = await listFiles(folder);
    expect(files.map(({ path, executable }) => [path[0], executable])).toEqual([
      ['read', false],
      ['run', true],
    ]);
  });

  it('links to files are followed; links to folders and to nothing are left out, in words', async () => {
    const folder = await temporaryFolder({ 'real/a': 'hello' });
    await symlink(join(folder, 'real', 'a'), join(folder, 'to-file'));
    await symlink(folder, join(folder, 'to-folder'));
    await symlink('nowhere', join(folder, 'to-nothing'));
    await symlink('loop', join(folder, 'loop'));
    const listing = await listFiles(folder);
    expect(listing.files.map(({ path, length }) => [path.join('/'), length])).toEqual([
      ['real/a', 5],
      ['to-file', 5],
    ]);
    expect(listing.warnings.toSorted()).toEqual([
      `left out ${folder}/loop: it is a link to nothing`,
      `left out ${folder}/to-folder: it is a link to a folder`,
      `left out ${folder}/to-nothing: it is a link to nothing`,
    ]);
  });

  it('a link that is named itself is followed, to a folder as well', async () => {
    const folder = await temporaryFolder({ 'real/a': '' });
    await symlink('real', join(folder, 'link'));
    expect(await listFiles(join(folder, 'link'))).toMatchObject({ name: 'link', kind: 'folder' });
  });

  it('a pipe is left out without being opened, and refused where it is named itself', async () => {
    const folder = await temporaryFolder({ a: '' });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await listFiles(folder)).warnings).toEqual([`left out ${pipe}: it is no regular file`]);
    await expect(listFiles(pipe)).rejects.toMatchObject({ code: 'NO_FILES', exitCode: 6 });
  });

  it('unfinished fetches of lanshare are left out', async () => {
    const folder = await temporaryFolder({
      'a.lanshare-part': '1',
      'a.lanshare-resume': '2',
      'b.lanshare-part/c': '3',
      'd.lanshare-partly': '4',
    });
    expect(await paths(folder)).toEqual(['d.lanshare-partly']);
  });

  it('a folder without files cannot be shared', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'empty'));
    await expect(listFiles(folder)).rejects.toMatchObject({ code: 'NO_FILES', exitCode: 6 });
  });

  it('a path that is not there is named', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'missing');
    await expect(listFiles(path)).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
      exitCode: 6,
      message: expect.stringContaining(path),
    });
  });

  it.skipIf(!canBeDenied)('a folder that may not be read is named', async () => {
    const folder = await temporaryFolder({ 'a/b': '', 'locked/c': '' });
    await chmod(join(folder, 'locked'), 0);
    await withoutPrivileges(folder, async () => {
      await expect(listFiles(folder)).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        exitCode: 6,
        message: expect.stringContaining(join(folder, 'locked')),
      });
    });
  });

  it('a name that no .torrent can hold is refused and shown harmlessly', async () => {
    const folder = await temporaryFolder({ 'a\x1b[2Jb': '' });
    await expect(listFiles(folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('a\\x1b[2Jb'),
    });
  });

  it.skipIf(process.platform !== 'linux')(
    'a name that is not UTF-8 is refused, a file or a folder',
    async () => {
      const folder = await temporaryFolder();
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), '');
      await expect(listFiles(folder)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('is not valid UTF-8'),
      });
    },
  );

  it('a name with a real replacement character is an ordinary name', async () => {
    const folder = await temporaryFolder({ 'caf\ufffd': '' });
    expect(await paths(folder)).toEqual(['caf\ufffd']);
  });

  it('ends when it is interrupted', async () => {
    const folder = await temporaryFolder({ a: '' });
    await expect(listFiles(folder, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
