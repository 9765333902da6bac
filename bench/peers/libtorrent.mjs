import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('libtorrent_peer.py', import.meta.url));
/** Debian's python3-libtorrent is installed for the system's interpreter; another may come first in PATH. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];

const found = INTERPRETERS.map((python) => {
  const { status, stdout } = spawnSync(python, ['-c', 'import libtorrent; print(libtorrent.__version__)'], {
    encoding: 'utf8',
  });
  return status === 0 ? { python, version: stdout.trim() } : undefined;
}).find((candidate) => candidate !== undefined);

const peer = (...words) => [found.python, SCRIPT, ...words];

export const libtorrentProgram = {
  name: found === undefined ? 'libtorrent' : `libtorrent ${found.version}`,
  missing: () => (found === undefined ? 'python3-libtorrent is not installed' : undefined),

  async offer(host, content) {
    const seed = host.start(peer('seed', content.torrent, content.folder), { memory: true });
    await seed.says(/seeding/);
    return seed;
  },

  fetchCommand: (content, out) => peer('fetch', content.torrent, out),
  /** The same, but goes on serving. */
  stayCommand: (content, out) => peer('stay', content.torrent, out),
  arrived: (fetch) => fetch.says(/arrived/, { timeoutMs: 300_000 }),
};
