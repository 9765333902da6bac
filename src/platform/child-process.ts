import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What is to be run, and who hears what it says. */
export interface ChildProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path. */
  readonly cwd: string;
  /** A line of its standard output, without the end of line. */
  onLine(line: string): void;
  /** A line of its standard error, likewise. */
  onErrorLine(line: string): void;
}

/** A running program. Its standard input is a pipe that stays open until `endInput`, or until this process is gone. */
export interface ChildProcess {
  readonly exited: Promise<ChildExit>;
  endInput(): void;
  /** SIGKILL. */
  kill(): void;
}

/** Told when all that it wrote has been heard. */
export type ChildExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not started'; readonly reason: string };

export type StartChild = (program: ChildProgram) => ChildProcess;

/** A program that cannot be started ends as `not started`. */
export const startChildProcess: StartChild = ({ program, args, env, cwd, onLine, onErrorLine }) => {
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  // It may be gone by the time its input is closed.
  child.stdin.on('error', () => {});
  eachLine(child.stdout, onLine);
  eachLine(child.stderr, onErrorLine);
  const exited = new Promise<ChildExit>((resolve) => {
    child.on('error', (error) => resolve({ kind: 'not started', reason: error.message }));
    child.on('close', (code, signal) => {
      if (code === null) resolve({ kind: 'killed', signal: signal ?? 'unknown signal' });
      else resolve({ kind: 'exited', code });
    });
  });
  return {
    exited,
    endInput: () => void child.stdin.end(),
    kill: () => void child.kill('SIGKILL'),
  };
};

function eachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', take);
}
