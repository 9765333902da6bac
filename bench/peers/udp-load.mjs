/** Announcements over UDP, by udp-announces.c. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('udp-announces.c', import.meta.url));
const HASH_FACTOR = 0x9e3779b1;
/** To fill a tracker. */
const FILL_TIMEOUT_MS = 300_000;

/** Compiles it into the folder `place`. */
export function compileUdpLoad(place) {
  const program = join(place, 'udp-announces');
  const { error, status, stderr } = spawnSync('gcc', ['-O2', '-o', program, SOURCE], { encoding: 'utf8' });
  if (error !== undefined) throw new Error('gcc is not installed');
  if (status !== 0) throw new Error(`gcc says: ${stderr}`);
  return new UdpLoad(program);
}

class UdpLoad {
  #program;

  constructor(program) {
    this.#program = program;
  }

  /** Each of the peers once, so many unanswered at a time. */
  each(host, port, { contents, peers }, window) {
    return this.#run(host, [port, contents, peers, 'each', window], FILL_TIMEOUT_MS);
  }

  /** As many as the tracker answers while so many are unanswered. */
  window(host, port, { contents, peers }, window, seconds) {
    return this.#run(host, [port, contents, peers, 'window', window, seconds], (seconds + 10) * 1000);
  }

  /** So many a second, with the answers' latency from the time when each was due. */
  rate(host, port, { contents, peers }, rate, seconds) {
    return this.#run(host, [port, contents, peers, 'rate', Math.round(rate), seconds], (seconds + 10) * 1000);
  }

  async #run(host, words, timeoutMs) {
    const argv = [this.#program, '127.0.0.1', ...words.map(String)];
    const { code, stdout, stderr } = await host.run(argv, { timeoutMs });
    if (code !== 0) throw new Error(`udp-announces says: ${stderr}`);
    const figures = JSON.parse(stdout);
    if (figures.errors > 0) throw new Error(`${figures.errors} announcements were answered with an error`);
    return figures;
  }
}

/** The info-hashes of these contents, in hexadecimal. */
export function infoHashes(contents) {
  return Array.from({ length: contents }, (_, content) => {
    const word = Math.imul(content + 1, HASH_FACTOR) >>> 0;
    return word.toString(16).padStart(8, '0').repeat(5);
  });
}
