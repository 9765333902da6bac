import { describe, expect, it } from 'vitest';
import { currentDirectory } from '../../src/cli/current-directory.ts';
import { lanshare } from './fake-host.ts';

function deleted(): never {
  throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
}

describe('a current directory that was deleted', () => {
  it('keeps the name that the shell gave it', () => {
    expect(currentDirectory(deleted, { PWD: '/home/me/gone' })).toBe('/home/me/gone');
    expect(currentDirectory(() => '/home/me', { PWD: '/elsewhere' })).toBe('/home/me');
  });

  it('is never another one', () => {
    expect(currentDirectory(deleted, {})).toBe('/nonexistent');
    expect(currentDirectory(deleted, { PWD: 'gone' })).toBe('/nonexistent');
  });

  it('is a clear fault for what needs it', async () => {
    const cwd = currentDirectory(deleted, {});
    const { exitCode, stderr } = await lanshare(['share', 'movie.txt'], { cwd });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('lanshare: cannot share movie.txt: it is not there\n');
  });
});
