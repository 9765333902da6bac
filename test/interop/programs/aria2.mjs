import { spawnSync } from 'node:child_process';
import { missingPackage } from './installed.mjs';
import { listening } from './waiting.mjs';

const PORT = 6881;

/** UDP trackers need what --enable-dht sets up; it knows no other node, and the namespace has no way out. */
const stock = ({ lsd, tracker }) => [
  'aria2c',
  '--no-conf',
  `--listen-port=${PORT}`,
  `--bt-enable-lpd=${lsd}`,
  `--enable-dht=${tracker?.startsWith('udp:') ?? false}`,
  '--enable-dht6=false',
  '--console-log-level=notice',
  '--summary-interval=0',
  '--file-allocation=none',
];

export const aria2 = {
  name: 'aria2',
  port: PORT,
  /** It takes no address of a peer. */
  finds: ['lsd', 'http-tracker', 'udp-tracker', 'pex'],
  /** Version 1.36 drops the empty keys of a hybrid, so that its info-hash is another one (its issue 1903, fixed in 1.37). */
  reads: ['v1'],
  missing: () => missingPackage({ aria2c: 'aria2' }),

  infoHashOf(torrent) {
    const { stdout } = spawnSync('aria2c', ['--show-files', torrent], { encoding: 'utf8' });
    return /Info Hash: ([0-9a-f]{40})/.exec(stdout)?.[1];
  },

  async seed(host, { torrent, folder, lsd, tracker, place }) {
    const verified = ['--check-integrity=true', '--bt-hash-check-seed=true', '--seed-ratio=0.0'];
    const running = host.start(
      [...stock({ lsd, tracker }), ...verified, `--dir=${folder}`, torrent],
      at(place),
    );
    await listening(running, PORT);
    return running;
  },

  async leech(host, { source, out, lsd, tracker, stays = false, place }) {
    const end = stays ? ['--seed-ratio=0.0', '--on-bt-download-complete=/bin/echo'] : ['--seed-time=0'];
    const words = [...end, '--bt-save-metadata=false', `--dir=${out}`, source];
    const running = host.start([...stock({ lsd, tracker }), ...words], at(place));
    const arrived = (timeoutMs) =>
      stays ? running.says(HOOK_OUTPUT, { timeoutMs }) : endsWell(running, timeoutMs);
    return { running, arrived };
  },
};

/** A hook is given the download's id, how many files it has, and the path of the first. */
const HOOK_OUTPUT = /^[0-9a-f]{16} \d+ \//m;

/** Its DHT file lies in the home folder. */
const at = (place) => ({ cwd: place, env: { HOME: place, XDG_CACHE_HOME: place } });

async function endsWell(running, timeoutMs) {
  const { code } = await running.exit(timeoutMs);
  if (code !== 0) throw new Error(`it ended with ${code}`);
}
