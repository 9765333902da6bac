import { readFileSync } from 'node:fs';

/**
 * How many files and sockets this process may have open at once (RLIMIT_NOFILE; Node raises the soft limit to the hard one
 * when it starts). Undefined where the system does not say it in a file, or there is no limit.
 */
export function openFileLimit(): number | undefined {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    return undefined;
  }
}

/** proc(5): name, soft limit, hard limit and unit, each in a column. */
export function limitIn(limits: string): number | undefined {
  const soft = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
