import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './installed.mjs';
import { listening, waitUntil } from './waiting.mjs';

const PORT = 51413;
const RPC_PORT = 9091;
/** Of all that it receives; a minute for a piece of 256 KiB. */
const SLOW_KB_PER_SECOND = 4;

export const transmission = {
  name: 'transmission',
  port: PORT,
  /** It takes no address of a peer. */
  finds: ['lsd', 'http-tracker', 'udp-tracker', 'pex'],
  /** Version 3.00 calls a hybrid, with its empty keys, a corrupt .torrent (its issue 1339, fixed in 4.0). */
  reads: ['v1'],
  omitsEmptyFiles: true,
  missing: () =>
    missingPackage({
      'transmission-daemon': 'transmission-daemon',
      'transmission-remote': 'transmission-cli',
    }),

  /** Undefined where it cannot read it. */
  infoHashOf(torrent) {
    const { stdout } = spawnSync('transmission-show', [torrent], { encoding: 'utf8' });
    return /Hash: ([0-9a-f]{40})/.exec(stdout)?.[1];
  },

  async seed(host, { torrent, folder, lsd, place }) {
    const running = await startDaemon(host, { place, lsd, folder });
    await add(host, torrent);
    await complete(host, running);
    return running;
  },

  async leech(host, { source, out, lsd, place }) {
    const running = await startDaemon(host, { place, lsd, folder: out });
    await add(host, source);
    return { running, arrived: (timeoutMs) => complete(host, running, timeoutMs) };
  },

  /** Where the daemon ends by a signal, version 3.00 does not always wait until HTTP trackers have heard `stopped`. */
  async stop(host) {
    await remote(host, '--torrent', '1', '--stop');
  },

  /** Resolves when it is linked with as many peers as these. It takes so slowly that it goes on wanting, and has nothing to give. */
  async introduce(host, { torrents, peers, place }) {
    const slow = { 'speed-limit-down': SLOW_KB_PER_SECOND, 'speed-limit-down-enabled': true };
    const running = await startDaemon(host, { place, lsd: false, folder: join(place, 'out'), ...slow });
    await add(host, torrents.both);
    await connected(host, running, peers.length);
  },
};

async function startDaemon(host, { place, ...wanted }) {
  const config = join(place, 'config');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'settings.json'), JSON.stringify(settings(wanted)));
  const running = host.start(['transmission-daemon', '--foreground', '--log-info', '--config-dir', config], {
    env: { HOME: place },
  });
  await listening(running, RPC_PORT);
  return running;
}

/** All else is as it is shipped. Without uTP, as it tries that first, for half a minute, and the others do not answer. */
function settings({ lsd, folder, ...more }) {
  return {
    'dht-enabled': false,
    'download-dir': folder,
    'lpd-enabled': lsd,
    'peer-port': PORT,
    'port-forwarding-enabled': false,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': RPC_PORT,
    'utp-enabled': false,
    ...more,
  };
}

async function add(host, source) {
  await remote(host, '--add', source);
}

async function remote(host, ...words) {
  const { code, stdout, stderr } = await host.run(['transmission-remote', ...words]);
  if (code !== 0) throw new Error(`transmission does not take '${words.join(' ')}': ${stdout}${stderr}`);
}

/** Its log does not always tell of it. Files are written out before they count as complete. */
function complete(host, running, timeoutMs) {
  const isComplete = async () => {
    const info = await torrentInfo(host);
    return /Percent Done: 100%/.test(info) && !/State: Verifying/.test(info);
  };
  return waitUntil(isComplete, { what: 'complete torrent', running, timeoutMs });
}

function connected(host, running, count) {
  const isConnected = async () => {
    const peers = /Peers: connected to (\d+)/.exec(await torrentInfo(host))?.[1];
    return Number(peers) >= count;
  };
  return waitUntil(isConnected, { what: 'peer', running });
}

async function torrentInfo(host) {
  const { stdout } = await host.run(['transmission-remote', '--torrent', '1', '--info']);
  return stdout;
}
