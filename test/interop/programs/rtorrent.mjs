import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './installed.mjs';
import { listening, waitUntil } from './waiting.mjs';

const PORT = 6890;

export const rtorrent = {
  name: 'rtorrent',
  port: PORT,
  /** Version 0.9.8 has no local service discovery, and no address of a peer can be given to it in its settings. */
  finds: ['http-tracker', 'udp-tracker', 'pex'],
  /** The v1 part of a hybrid; with its padding (BEP 47), which it knows nothing of, on the disk. */
  reads: ['v1', 'hybrid'],
  padsAreFiles: true,
  missing: () => missingPackage({ rtorrent: 'rtorrent' }),

  async seed(host, { torrent, folder, place }) {
    return startWith(host, place, folder, torrent);
  },

  async leech(host, { source, out, place }) {
    const running = await startWith(host, place, out, source);
    const done = join(place, DONE);
    return {
      running,
      arrived: (timeoutMs) => waitUntil(() => exists(done), { what: 'end of the fetch', running, timeoutMs }),
    };
  },
};

const DONE = 'done';

async function startWith(host, place, folder, source) {
  await mkdir(join(place, 'session'), { recursive: true });
  const file = join(place, 'rtorrent.rc');
  await writeFile(file, settings(place, folder, source));
  const running = host.start(['rtorrent', '-n', '-o', `import=${file}`], {
    cwd: place,
    env: { HOME: place },
  });
  await listening(running, PORT);
  return running;
}

/**
 * With its DHT merely off, it takes a .torrent that names no tracker. Where it hashes what has arrived once more, as it
 * does by default, it holds `completed` back until it announces itself the next time, half an hour later.
 */
function settings(place, folder, source) {
  return `
system.daemon.set = true
network.port_range.set = ${PORT}-${PORT}
network.port_random.set = no
directory.default.set = ${folder}
session.path.set = ${join(place, 'session')}
dht.mode.set = off
pieces.hash.on_completion.set = no
protocol.pex.set = yes
protocol.encryption.set = allow_incoming,try_outgoing,enable_retry
trackers.use_udp.set = yes
log.open_file = "log", ${join(place, 'log')}
log.add_output = "info", "log"
log.add_output = "tracker_info", "log"
method.set_key = event.download.finished, done, "execute.nothrow = sh, -c, \\"echo arrived > ${join(place, DONE)}\\""
schedule2 = load, 0, 0, ((load.start_verbose, "${source}"))
`;
}

async function exists(path) {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
