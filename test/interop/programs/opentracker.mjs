import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './installed.mjs';
import { DEFAULT_TRACKER_PORT, trackerUrl } from './tracker-url.mjs';
import { listening } from './waiting.mjs';

const WHITELIST = 'whitelist';

export const opentracker = {
  name: 'opentracker',
  missing: () => missingPackage({ opentracker: 'opentracker' }),
  url: trackerUrl,

  /** Debian's build answers for listed info-hashes only, and over IPv4 only. */
  async start(host, { infoHash, place, port = DEFAULT_TRACKER_PORT }) {
    await mkdir(place, { recursive: true });
    await chmod(place, 0o755); // It gives up root, and calls this folder its root.
    await writeFile(join(place, WHITELIST), `${infoHash}\n`);
    const words = ['-i', host.ipv4, '-p', `${port}`, '-P', `${port}`, '-d', place, '-w', WHITELIST];
    const running = host.start(['opentracker', ...words], { cwd: place });
    await listening(running, port);
    return running;
  },
};
