import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('libtorrent_peer.py', import.meta.url));
/** Debian's python3-libtorrent is installed for the system's interpreter; another may come first in PATH. */
const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import libtorrent']).status === 0,
);

const order = (words) => [PYTHON, SCRIPT, JSON.stringify(words)];

export const libtorrent = {
  name: 'libtorrent',
  port: 6881,
  finds: ['lsd', 'peer', 'http-tracker', 'udp-tracker', 'pex'],
  reads: ['v1', 'v2', 'hybrid'],
  missing: () => (PYTHON === undefined ? 'python3-libtorrent is not installed' : undefined),

  async seed(host, { torrent, folder, lsd }) {
    const running = host.start(order({ do: 'seed', torrent, folder, lsd }));
    await running.says(/seeding/);
    return running;
  },

  async leech(host, { source, out, lsd, peers }) {
    const running = host.start(order({ do: 'fetch', source, out, lsd, peers }));
    return { running, arrived: (timeoutMs) => running.says(/arrived/, { timeoutMs }) };
  },

  /** Resolves when it is linked with these peers. It has nothing and wants nothing: it only tells of them (BEP 11). */
  async introduce(host, { torrents, peers }) {
    const running = host.start(order({ do: 'introduce', torrent: torrents.leecher, peers }));
    await running.says(/introducing/);
  },
};

/** Writes a .torrent with nothing but its info dictionary and date; its info-hashes, as hexadecimal. */
export function makeTorrent({ path, torrent, files, pieceLength, version }) {
  const words = order({ do: 'make', path, torrent, files, pieceLength, version });
  const { status, stdout, stderr } = spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`libtorrent makes no .torrent of ${path}: ${stderr}`);
  return JSON.parse(stdout);
}
