import { describe, expect, it } from 'vitest';
import { Scope } from '../../src/node/scope.ts';

describe('a scope', () => {
  it('closes in the reverse order, once', async () => {
    const closed: string[] = [];
    const scope = new Scope();
    scope.add(() => closed.push('first'));
    scope.add(() => closed.push('second'));
    await scope.close();
    await scope.close();
    expect(closed).toEqual(['second', 'first']);
  });

  it('closes the rest where one fails, and tells the first fault', async () => {
    const closed: string[] = [];
    const scope = new Scope();
    scope.add(() => closed.push('socket'));
    scope.add(() => Promise.reject(new Error('lock')));
    scope.add(() => Promise.reject(new Error('file')));
    await expect(scope.close()).rejects.toThrow('file');
    expect(closed).toEqual(['socket']);
  });
});
