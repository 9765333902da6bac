import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { FakeNode, metainfoOf, type Script, wholeFetch } from './fake-node.ts';

/** A fetch whose node logs one line of each level. */
function logging() {
  const script: Script = { fetch: async (_what, _options, tell) => wholeFetch(metainfoOf('a'), '/a', tell) };
  return async (options: ConstructorParameters<typeof FakeNode>[1]) => {
    options.logger?.trace({ kind: 'request', piece: 7 }, 'a trace');
    options.logger?.debug({ remote: '10.0.0.1:5', from: 'two words' }, 'a debug');
    options.logger?.info({}, 'an info');
    options.logger?.warn({ name: '\x1b[2J' }, 'a warning \x9b');
    return new FakeNode(script, options);
  };
}

describe('the log', () => {
  it('is silent without -v', async () => {
    const { stderr } = await lanshare(['fetch', 'a'], { createNode: logging() });
    expect(stderr).toMatch(/^fetched \/a: [^\n]*\n$/);
  });

  it('with -v is readable on stderr, and steers no terminal', async () => {
    const { stderr, stdout } = await lanshare(['fetch', 'a', '-v'], {
      createNode: logging(),
      terminalColumns: 80,
    });
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} debug a debug remote=10\.0\.0\.1:5 from="two words"$/);
    expect(lines[1]).toMatch(/ info {2}an info$/);
    expect(lines[2]).toMatch(/ warn {2}a warning \\x9b name=\\x1b\[2J$/);
    expect(stderr).not.toMatch(/[^\n\P{Cc}]/u);
    expect(stdout).toBe('');
  });

  it('with -vv shows more', async () => {
    const { stderr } = await lanshare(['fetch', 'a', '-vv'], { createNode: logging() });
    expect(stderr).toMatch(/ trace a trace kind=request piece=7\n/);
  });

  it('leaves stdout to the events with --json', async () => {
    const { stdout, stderr } = await lanshare(['fetch', 'a', '--json', '-v'], { createNode: logging() });
    expect(jsonLines(stdout).map(({ event }) => event)).toEqual(['listening', 'done']);
    expect(stderr).toContain('a debug');
  });

  it('goes to --log-file as JSON lines, after what is there', async () => {
    const cwd = await temporaryDirectory();
    for (const flags of [[], ['-vv']]) {
      const { stderr } = await lanshare(['fetch', 'a', '--log-file', 'x.log', ...flags], {
        cwd,
        createNode: logging(),
      });
      expect(stderr).toMatch(/^fetched [^\n]*\n$/);
    }
    const entries = jsonLines(await readFile(join(cwd, 'x.log'), 'utf8'));
    expect(entries.map(({ msg }) => msg)).toEqual([
      'an info',
      'a warning \x9b',
      'a trace',
      'a debug',
      'an info',
      'a warning \x9b',
    ]);
    expect(entries[2]).toMatchObject({ level: 10, kind: 'request', piece: 7 });
  });

  it('that cannot be opened is a fault of the disk', async () => {
    const cwd = await temporaryDirectory();
    const { exitCode, stderr } = await lanshare(['fetch', 'a', '--log-file', 'no/x.log'], { cwd });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('it is not there');
  });
});
