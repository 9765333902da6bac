import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './installed.mjs';
import { listening, waitUntil } from './waiting.mjs';

const PORT = 51413;
const RPC_PORT = 9091;

export const transmission = {
  name: 'transmission',
  port: PORT,
  /** It takes no address of a peer. */
  finds: ['lsd', 'http-tracker', 'udp-tracker', 'pex'],
  omitsEmptyFiles: true,
  missing: () =>
    missingPackage({
      'transmission-daemon': 'transmission-daemon',
      'transmission-remote': 'transmission-cli',
    }),

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
};

async function startDaemon(host, { place, lsd, folder }) {
  const config = join(place, 'config');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'settings.json'), JSON.stringify(settings({ lsd, folder })));
  const running = host.start(['transmission-daemon', '--foreground', '--log-info', '--config-dir', config], {
    env: { HOME: place },
  });
  await listening(running, RPC_PORT);
  return running;
}

/** All else is as it is shipped. Without uTP, as it tries that first, for half a minute, and the others do not answer. */
function settings({ lsd, folder }) {
  return {
    'dht-enabled': false,
    'download-dir': folder,
    'lpd-enabled': lsd,
    'peer-port': PORT,
    'port-forwarding-enabled': false,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': RPC_PORT,
    'utp-enabled': false,
  };
}

async function add(host, source) {
  const { code, stdout, stderr } = await host.run(['transmission-remote', '--add', source]);
  if (code !== 0) throw new Error(`transmission does not take ${source}: ${stdout}${stderr}`);
}

/** Its log does not always tell of it. Files are written out before they count as complete. */
function complete(host, running, timeoutMs) {
  const isComplete = async () => {
    const { stdout } = await host.run(['transmission-remote', '--torrent', '1', '--info']);
    return /Percent Done: 100%/.test(stdout) && !/State: Verifying/.test(stdout);
  };
  return waitUntil(isComplete, { what: 'complete torrent', running, timeoutMs });
}
