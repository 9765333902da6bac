import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { missingPackage } from '../../test/interop/programs/installed.mjs';
import { emptyFolder } from '../trial.mjs';
import { environment, lanshare } from './lanshare.mjs';
import { infoHashes } from './udp-load.mjs';

const SERVER = fileURLToPath(new URL('bittorrent_tracker.mjs', import.meta.url));
const WHITELIST = 'whitelist';
/** It does not say when it listens. */
const OPENTRACKER_START_MS = 1_000;

/*
 * Trackers. `serve` resolves when it listens at that port of 127.0.0.1; opentracker answers for so many contents of
 * udp-announces.c.
 */

export const inMemory = {
  name: 'lanshare tracker',
  missing: () => undefined,
  serve: (host, { port, place }) => serveLanshare(host, port, place),
};

export const inSqlite = {
  name: 'the same with SQLite',
  missing: () => undefined,

  async serve(host, { port, place }) {
    const folder = await emptyFolder(join(place, 'store'));
    return serveLanshare(host, port, place, '--store', `sqlite:${join(folder, 'tracker.db')}`);
  },
};

export const opentracker = {
  name: 'opentracker',
  missing: () => missingPackage({ opentracker: 'opentracker' }),

  /** Debian's build answers for listed info-hashes only. */
  async serve(host, { port, place, contents }) {
    const folder = await emptyFolder(join(place, 'opentracker'));
    // It gives up root, and calls this folder its root.
    await chmod(place, 0o755);
    await writeFile(join(folder, WHITELIST), `${infoHashes(contents).join('\n')}\n`);
    const words = ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`, '-d', folder, '-w', WHITELIST];
    const tracker = host.start(['opentracker', ...words], { cwd: folder });
    await sleep(OPENTRACKER_START_MS);
    return tracker;
  },
};

/** `folder`: where it is installed; undefined where it is not. `protocol`: http or udp. */
export function bittorrentTracker(folder, protocol) {
  return {
    name: 'bittorrent-tracker',
    missing: () => (folder === undefined ? 'npm could not install bittorrent-tracker' : undefined),

    async serve(host, { port }) {
      const tracker = host.start([process.execPath, SERVER, folder, `${port}`, protocol]);
      await tracker.says(/listening/);
      return tracker;
    },
  };
}

async function serveLanshare(host, port, place, ...options) {
  const words = ['tracker', '--json', '--no-mdns', '--port', `${port}`, ...options];
  const tracker = host.start(lanshare(...words), { env: environment(place) });
  await tracker.event('listening');
  return tracker;
}
