import { describe, expect, it } from 'vitest';
import { type ChildExit, startChildProcess } from '../../src/platform/child-process.ts';

/** Runs JavaScript in a Node process of its own. */
function node(code: string, program = process.execPath) {
  const lines: string[] = [];
  const errorLines: string[] = [];
  const heard = new EventTarget();
  const child = startChildProcess({
    program,
    args: ['-e', code],
    env: { PATH: process.env['PATH'], GREETING: 'hello' },
    cwd: import.meta.dirname,
    onLine(line) {
      lines.push(line);
      heard.dispatchEvent(new Event('line'));
    },
    onErrorLine: (line) => void errorLines.push(line),
  });
  const firstLine = new Promise((resolve) => heard.addEventListener('line', resolve, { once: true }));
  return { child, lines, errorLines, firstLine };
}

const UNTIL_INPUT_ENDS =
  "console.log('ready'); process.stdin.on('end', () => { console.log('ended'); process.exit(7); }).resume();";
const DEAF = "console.log('ready'); setInterval(() => {}, 1000);";

describe('a child process', () => {
  it('is heard line by line, to the last, in its own folder and environment', async () => {
    const { child, lines, errorLines } = node(
      "console.log(process.env.GREETING + '\\r\\n' + process.cwd()); process.stderr.write('half'); process.stdout.write('end')",
    );
    expect(await child.exited).toEqual({ kind: 'exited', code: 0 } satisfies ChildExit);
    expect(lines).toEqual(['hello', import.meta.dirname, 'end']);
    expect(errorLines).toEqual(['half']);
  });

  it('hears the end of its input', async () => {
    const { child, firstLine } = node(UNTIL_INPUT_ENDS);
    await firstLine;
    child.endInput();
    child.endInput();
    expect(await child.exited).toEqual({ kind: 'exited', code: 7 });
    child.endInput();
    child.kill();
  });

  it('that does not listen is killed', async () => {
    const { child, firstLine } = node(DEAF);
    await firstLine;
    child.endInput();
    child.kill();
    expect(await child.exited).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  });

  it('hears the end of its input when its parent is killed', async () => {
    const parent = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(UNTIL_INPUT_ENDS)}], { stdio: ['pipe', 'inherit', 'inherit'] });
      process.stdin.resume();`;
    const { child, lines, firstLine } = node(parent);
    await firstLine;
    while (!lines.includes('ready')) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill();
    // Its output is open as long as the grandchild has it.
    expect(await child.exited).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    expect(lines).toContain('ended');
  });

  it('that cannot be started says why', async () => {
    const { child } = node('', '/nowhere/node');
    expect(await child.exited).toEqual({
      kind: 'not started',
      reason: expect.stringContaining('ENOENT'),
    });
    child.endInput();
    child.kill();
  });
});
