import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../lan/running.mjs';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const PORT = 47_470;
/** How the built command is called. */
export const LANSHARE = [process.execPath, MAIN];

export const lanshare = {
  name: 'lanshare',
  port: PORT,
  finds: ['lsd', 'peer', 'http-tracker', 'udp-tracker', 'pex'],
  reads: ['v1', 'v2', 'hybrid'],
  missing: () => (existsSync(MAIN) ? undefined : 'lanshare is not built; run npm run build first'),

  /** Writes a .torrent; its info-hashes, as hexadecimal. */
  async describe({ path, torrent, pieceLength, version }) {
    const words = ['create', '--json', `--${version}`, '--piece-length', `${pieceLength}`, '--out', torrent];
    const { stdout, stderr } = await run([...LANSHARE, ...words, path], at(dirname(torrent)));
    const created = /^{"event":"created".*$/m.exec(stdout)?.[0];
    if (created === undefined) throw new Error(`lanshare makes no .torrent of ${path}: ${stdout}${stderr}`);
    const { infoHash, infoHashV2 } = JSON.parse(created);
    return { v1: version === 'v2' ? null : infoHash, v2: infoHashV2 };
  },

  /** Shares the content itself; its own .torrent has to be the one that the others were given. */
  async seed(host, { folder, name, pieceLength, version, infoHash, lsd, tracker, place }) {
    const described = [`--${version}`, '--piece-length', `${pieceLength}`];
    const own = ['--torrent', join(place, 'own.torrent'), ...described];
    const announced = tracker === undefined ? [] : ['--tracker', tracker];
    const running = host.start(command('share', lsd, ...own, ...announced, join(folder, name)), at(place));
    const sharing = await running.event('sharing', { timeoutMs: 60_000 });
    if (sharing.infoHash !== infoHash) {
      throw new Error(`its info-hash is ${sharing.infoHash}, that of the others' .torrent is ${infoHash}`);
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
  return [...LANSHARE, name, '--json', '--port', `${PORT}`, ...finding, ...words];
}

const at = (place) => ({ cwd: place, env: { HOME: place, XDG_CACHE_HOME: join(place, 'cache') } });
