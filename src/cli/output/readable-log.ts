import { printableName } from '../../metainfo/printable-name.ts';
import type { Output } from '../host.ts';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Takes pino's JSON lines and writes them for people: time (UTC), level, message, details. */
export function readableLog(output: Output): { write(line: string): void } {
  return {
    write(line) {
      output.write(`${readable(JSON.parse(line))}\n`);
    },
  };
}

interface LogEntry {
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

function readable(entry: LogEntry): string {
  const { level, time, msg = '', err, ...details } = entry;
  const clockTime = new Date(time).toISOString().slice(11, 23);
  const words = [clockTime, (LEVELS[level] ?? '').padEnd(5), printableName(msg)];
  for (const [key, value] of Object.entries(details)) {
    if (key !== 'pid' && key !== 'hostname') words.push(`${key}=${shown(value)}`);
  }
  const stack = err?.stack?.split('\n') ?? [];
  return [words.join(' '), ...stack.map((frame) => `  ${printableName(frame)}`)].join('\n');
}

function shown(value: unknown): string {
  return printableName(typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value));
}
