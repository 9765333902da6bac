import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The words that run the built command. */
export function lanshare(...words) {
  return [process.execPath, MAIN, ...words];
}

/** Keeps the hash cache of a benchmark apart from the user's. */
export function environment(place) {
  return { XDG_CACHE_HOME: join(place, 'cache') };
}

export const lanshareProgram = {
  name: 'lanshare',
  missing: () => undefined,

  async offer(host, content, ...options) {
    const words = ['share', '--json', content.path, '--torrent', content.torrent, ...options];
    if (content.pieceLength !== undefined) words.push('--piece-length', `${content.pieceLength}`);
    const sharer = host.start(lanshare(...words), { env: environment(content.place), memory: true });
    await sharer.event('sharing', { timeoutMs: 60_000 });
    return sharer;
  },

  fetchCommand: (content, out) => lanshare('fetch', '--json', content.name, '--out', out),

  /** The same, but goes on serving. */
  stayCommand: (content, out) => lanshare('fetch', '--json', '--seed', 'forever', content.name, '--out', out),

  /** Resolves when everything has arrived; the program may go on serving. */
  arrived: (fetch) => fetch.event('done', { timeoutMs: 300_000 }),
};
