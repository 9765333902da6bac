import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const START_TIMEOUT_MS = 20_000;
/** The state LISTEN in proc_pid_net(5). */
const LISTEN = '0A';

/** Asks `holds` again and again. Rejects with `what` when time runs out, or when `running` has ended before. */
export async function waitUntil(holds, { what, running, timeoutMs = START_TIMEOUT_MS }) {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (running?.alive === false) throw new Error(`it ended without ${what}: ${lastWords(running)}`);
    if (performance.now() > deadline) {
      throw new Error(
        `no ${what} within ${timeoutMs / 1000} s: ${running === undefined ? '' : lastWords(running)}`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Resolves when somebody listens on this TCP port in the network namespace that `running` is in. */
export function listening(running, port) {
  return waitUntil(() => listens(running.pid, port), { what: `TCP port ${port}`, running });
}

async function listens(pid, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => socketTable(pid, table)));
  return tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN);
}

async function socketTable(pid, table) {
  try {
    return await readFile(`/proc/${pid}/net/${table}`, 'utf8');
  } catch {
    return ''; // It has just ended, or there is no IPv6.
  }
}

/** The end of what it has said, without what lanshare says again and again while it looks for peers. */
export function lastWords({ stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`.trim().split('\n');
  return lines
    .filter((line) => !line.startsWith('{"event":"searching"'))
    .join('\n')
    .slice(-1_500);
}
