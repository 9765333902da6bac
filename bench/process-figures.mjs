/** What Linux says of a running process, proc(5). */
import { readFileSync } from 'node:fs';

/** USER_HZ. */
const TICKS_PER_SECOND = 100;

/** User and system time of all its threads so far. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory that is resident now. */
export function residentBytes(pid) {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
