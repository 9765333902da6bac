import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const PORT = 47_470;

export const lanshare = {
  name: 'lanshare',
  port: PORT,
  finds: ['lsd', 'peer', 'http-tracker', 'udp-tracker', 'pex'],
  missing: () => (existsSync(MAIN) ? undefined : 'lanshare is not built; run npm run build first'),

  /** Shares the content itself; its own .torrent has to be the one that the others were given. */
  async seed(host, { folder, name, pieceLength, infoHash, lsd, tracker, place }) {
    const own = ['--torrent', join(place, 'own.torrent'), '--piece-length', `${pieceLength}`];
    const announced = tracker === undefined ? [] : ['--tracker', tracker];
    const running = host.start(command('share', lsd, ...own, ...announced, join(folder, name)), at(place));
    const sharing = await running.event('sharing', { timeoutMs: 60_000 });
    if (sharing.infoHash !== infoHash) {
      throw new Error(`its info-hash is ${sharing.infoHash}, that of libtorrent's .torrent is ${infoHash}`);
    }
    return running;
  },

  async leech(host, { source, out, lsd, peers, place }) {
    const asked = peers.flatMap((peer) => ['--peer', peer]);
    const words = ['--timeout', '40s', '--seed', 'forever', '--out', out, ...asked, source];
    const running = host.start(command('fetch', lsd, ...words), at(place));
    return { running, arrived: (timeoutMs) => running.event('done', { timeoutMs }) };
  },
};

/** Among lanshare nodes it would find them by its own ways, too. */
function command(name, lsd, ...words) {
  const finding = lsd ? [] : ['--no-lsd', '--no-mdns', '--no-beacon'];
  return [process.execPath, MAIN, name, '--json', '--port', `${PORT}`, ...finding, ...words];
}

const at = (place) => ({ cwd: place, env: { HOME: place, XDG_CACHE_HOME: join(place, 'cache') } });
