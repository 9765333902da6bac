import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingPackage } from './installed.mjs';
import { listening, waitUntil } from './waiting.mjs';

const PORT = 6969;
/** Of a second one on the same host. */
export const OTHER_PORT = 6970;
const WHITELIST = 'whitelist';

export const opentracker = {
  missing: () => missingPackage({ opentracker: 'opentracker' }),

  url: (protocol, host, port = PORT) => `${protocol}://${host.ipv4}:${port}/announce`,

  /** Debian's build answers for listed info-hashes only. */
  async start(host, { infoHash, place, port = PORT }) {
    await mkdir(place, { recursive: true });
    await chmod(place, 0o755); // It gives up root, and calls this folder its root.
    await writeFile(join(place, WHITELIST), `${infoHash}\n`);
    const words = ['-i', host.ipv4, '-p', `${port}`, '-P', `${port}`, '-d', place, '-w', WHITELIST];
    const running = host.start(['opentracker', ...words], { cwd: place });
    await listening(running, port);
    return running;
  },

  /** Resolves when as many have announced themselves. */
  async waitFor(host, { infoHash, seeders, leechers }) {
    const url = `http://${host.ipv4}:${PORT}/scrape?info_hash=${percentEncoded(infoHash)}`;
    const ask = `process.stdout.write(Buffer.from(await (await fetch('${url}')).arrayBuffer()).toString('latin1'))`;
    const announced = async () => {
      const { stdout } = await host.run([process.execPath, '--input-type=module', '-e', ask]);
      return count(stdout, 'complete') >= seeders && count(stdout, 'incomplete') >= leechers;
    };
    await waitUntil(announced, { what: 'announcement at the tracker' });
  },
};

const percentEncoded = (infoHash) => infoHash.replace(/../g, '%$&');

function count(scrape, key) {
  return Number(new RegExp(`${key.length}:${key}i(\\d+)e`).exec(scrape)?.[1] ?? 0);
}
