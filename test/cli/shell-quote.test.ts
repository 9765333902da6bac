import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fetchCommand, shellQuote } from '../../src/cli/output/shell-quote.ts';

const HASH = '0123456789abcdef0123456789abcdef01234567';

it('a plain name stays as it is', () => {
  expect(fetchCommand('movie-1_a.txt', HASH)).toBe('lanshare fetch movie-1_a.txt');
});

it('a shell reads a quoted word as what it was', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom(...'a \'"$`\\!*?~#&|;<>(){}[]é\t') }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(words, (texts) => {
      const script = `printf '%s\\n' ${texts.map(shellQuote).join(' ')}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${texts.join('\n')}\n`);
    }),
    { numRuns: 20 },
  );
});

it('a name that looks like an option comes after --', () => {
  expect(fetchCommand('-rf', HASH, '--peer', 'a:1')).toBe('lanshare fetch --peer a:1 -- -rf');
});

it('a name that cannot be typed, or that reads as a hash, is fetched by its hash', () => {
  for (const name of ['a\x1b[2J', 'a\u202eb', 'two\nlines', HASH, HASH.toUpperCase()]) {
    expect(fetchCommand(name, HASH)).toBe(`lanshare fetch ${HASH}`);
  }
});
