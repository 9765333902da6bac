/**
 * A child process whose output is kept and whose `--json` lines can be waited for.
 * Plain JavaScript, because the benchmarks run it without a compiler; its types stand in running.d.mts.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const DEFAULT_TIMEOUT_MS = 15_000;
/** How often the peak memory is read; it only grows, so the last reading is nearly the end's. */
const MEMORY_POLL_MS = 20;

/** Starts `argv` and returns at once. */
export function start(argv, options = {}) {
  return new Running(argv, options);
}

/** Runs `argv` to its end. Rejects when it takes longer than `timeoutMs`. */
export async function run(argv, options = {}) {
  const running = start(argv, options);
  return running.exit(options.timeoutMs);
}

class Running {
  stdout = '';
  stderr = '';
  #argv;
  #child;
  #ended;
  #closed = false;
  #watchers = new Set();
  #peakBytes = 0;

  constructor(argv, { cwd, env, input, memory = false } = {}) {
    this.#argv = argv;
    const [program, ...args] = argv;
    this.#child = spawn(program, args, { cwd, env: cleanEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
    this.#keep('stdout');
    this.#keep('stderr');
    this.#child.stdin.on('error', () => {}); // The program may end before it has read everything.
    this.#child.stdin.end(input);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const close = () => {
      this.#closed = true;
      this.#notify();
    };
    this.#ended.then(close, close);
    if (memory) this.#watchMemory();
  }

  get pid() {
    return this.#child.pid;
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The most memory it had resident at once; 0 unless started with `memory`. */
  get peakBytes() {
    return this.#peakBytes;
  }

  /** The JSON objects on stdout so far, one a line; throws on a line that is not one. */
  events() {
    const complete = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return complete
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => this.#parse(line));
  }

  /** The first event of that name (that `matches` accepts). Rejects when the program ends or time runs out first. */
  async event(name, { matches = () => true, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
    const find = () => this.events().find((event) => event.event === name && matches(event));
    await this.#until(() => find() !== undefined, `the event '${name}'`, timeoutMs);
    return find();
  }

  /** Waits for text on stdout or stderr. */
  async says(pattern, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
    await this.#until(() => pattern.test(this.stdout + this.stderr), String(pattern), timeoutMs);
  }

  /** Waits for its end. Kills it and rejects when that takes longer than `timeoutMs`. */
  async exit(timeoutMs = DEFAULT_TIMEOUT_MS) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.kill('SIGKILL');
        reject(new Error(`still running after ${timeoutMs} ms: ${this.#story()}`));
      }, timeoutMs);
    });
    try {
      const { code, signal } = await Promise.race([this.#ended, late]);
      return { code, signal, stdout: this.stdout, stderr: this.stderr, peakBytes: this.#peakBytes };
    } finally {
      clearTimeout(timer);
    }
  }

  kill(signal = 'SIGTERM') {
    this.#child.kill(signal);
  }

  /** Asks it to end, and waits. */
  stop(signal = 'SIGINT', timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.kill(signal);
    return this.exit(timeoutMs);
  }

  #keep(name) {
    const stream = this.#child[name];
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      this[name] += text;
      this.#notify();
    });
  }

  #notify() {
    for (const watcher of this.#watchers) watcher();
  }

  #until(holds, what, timeoutMs) {
    return new Promise((resolve, reject) => {
      const finish = (settle) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        settle();
      };
      const look = () => {
        try {
          if (holds()) finish(resolve);
          else if (this.#closed) finish(() => reject(new Error(`ended without ${what}: ${this.#story()}`)));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`no ${what} within ${timeoutMs} ms: ${this.#story()}`))),
        timeoutMs,
      );
      this.#watchers.add(look);
      look();
    });
  }

  #parse(line) {
    try {
      return JSON.parse(line);
    } catch {
      throw new Error(`stdout has a line that is not JSON: ${JSON.stringify(line)}`);
    }
  }

  #watchMemory() {
    const look = () => {
      this.#peakBytes = Math.max(this.#peakBytes, peakResidentBytes(this.pid));
    };
    const timer = setInterval(look, MEMORY_POLL_MS);
    const end = () => clearInterval(timer);
    this.#ended.then(end, end);
  }

  #story() {
    const { exitCode, signalCode } = this.#child;
    return `${this.#argv.join(' ')}\nexit: ${exitCode ?? signalCode ?? 'none yet'}\nstdout: ${tail(this.stdout)}\nstderr: ${tail(this.stderr)}`;
  }
}

/** Settings of the person who runs the tests must not reach the program under test. */
export function cleanEnvironment(extra = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LANSHARE_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

/** VmHWM of proc(5). */
function peakResidentBytes(pid) {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0; // It has just ended.
  }
}

function tail(text) {
  return text.length > 4_000 ? `…${text.slice(-4_000)}` : text;
}
