import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../errors.ts';

/**
 * The identity of the running kernel, a UUID that is new after every boot; undefined where the system has none
 * (proc_sys_kernel(5), `random/boot_id`). As long as it is the same, what a killed process wrote is still there.
 */
export function currentBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start (proc_pid_stat(5)); empty where the system does not tell. */
  readonly started: string;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: readStat(process.pid)?.started ?? '' };
}

export function isRunning({ pid, started }: ProcessIdentity): boolean {
  if (!processExists(pid)) return false;
  const stat = readStat(pid);
  if (stat === undefined) return true;
  // A killed process that nobody has waited for yet (zombie, dead) does nothing more.
  return stat.started === started && !['Z', 'X'].includes(stat.state);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

function readStat(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the name, may contain blanks and brackets; state is the 3rd, starttime the 22nd.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
