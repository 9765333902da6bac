import { mkdir } from 'node:fs/promises';
import { LANSHARE, lanshare } from './lanshare.mjs';
import { DEFAULT_TRACKER_PORT, trackerUrl } from './tracker-url.mjs';

/** `lanshare tracker`, open to all contents, and told to nobody by multicast DNS. */
export const lanshareTracker = {
  name: 'lanshare',
  missing: lanshare.missing,
  url: trackerUrl,

  async start(host, { place, port = DEFAULT_TRACKER_PORT }) {
    await mkdir(place, { recursive: true });
    const words = ['tracker', '--json', '--no-mdns', '--port', `${port}`];
    const running = host.start([...LANSHARE, ...words], { cwd: place, env: { HOME: place } });
    await running.event('listening');
    return running;
  },
};
