import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { httpGet } from '../../src/platform/http-client.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemDatagrams } from '../../src/platform/system-datagram.ts';
import { createTrackerClient } from '../../src/trackers/tracker-client.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { SOME_HASH, startPeer } from './some-trackers.ts';

const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'opentracker'))
  .find(isExecutable);
if (program === undefined && process.env['CI_REQUIRES_LAN'] === '1')
  throw new Error("the tests with opentracker must run here, but the program 'opentracker' is not installed");

describe.skipIf(program === undefined)('with opentracker', () => {
  const folders = new TemporaryFolders();
  let running: ChildProcess;
  let port: number;
  beforeEach(async () => {
    port = await freePort();
    running = await startOpentracker(port, await folders.make());
  });
  afterEach(async () => {
    running.kill('SIGKILL');
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
    await folders.remove();
  });

  it.each(['http', 'udp'])('two peers find each other over %s, and are counted', async (protocol) => {
    const url = `${protocol}://127.0.0.1:${port}/announce`;
    const seeder = startPeer(1_001, [[url]], { left: 0 });
    await expect.poll(() => seeder.rows[0]?.state, { timeout: 5_000 }).toBe('working');
    const leecher = startPeer(1_002, [[url]]);
    await expect.poll(() => leecher.peers, { timeout: 5_000 }).toContain('127.0.0.1:1001');
    expect(leecher.rows[0]).toMatchObject({ state: 'working', seeders: 1, leechers: 1 });
    expect(leecher.rows[0]?.interval).toBeGreaterThan(60);

    const client = createTrackerClient({
      clock: systemClock,
      random: systemRandom,
      datagrams: systemDatagrams,
      httpGet,
    });
    const scrape = () => client.scrape(url, [SOME_HASH], new AbortController().signal);
    expect(await scrape()).toMatchObject([{ infoHash: SOME_HASH, seeders: 1, leechers: 1, completed: 0 }]);

    leecher.left = 0;
    leecher.trackers.completed();
    await expect.poll(scrape, { timeout: 5_000 }).toMatchObject([{ seeders: 2, leechers: 0, completed: 1 }]);
    await leecher.trackers.close();
    await expect.poll(scrape, { timeout: 5_000 }).toMatchObject([{ seeders: 1, leechers: 0 }]);
    await seeder.trackers.close();
    await client.close();
  });

  it('a content that it does not serve is a failure with a reason', async () => {
    const tiers = [[`http://127.0.0.1:${port}/announce`]];
    const peer = startPeer(1_001, tiers, { infoHash: infoHash('f') });
    await expect
      .poll(() => peer.rows[0], { timeout: 5_000 })
      .toMatchObject({
        state: 'failed',
        message: expect.stringMatching(/authorized/),
      });
    await peer.trackers.close();
  });
});

function infoHash(digit: string): typeof SOME_HASH {
  return digit.repeat(40) as typeof SOME_HASH;
}

/** Debian's serves what its list names. Started by root, it takes `folder` for its root folder. */
async function startOpentracker(port: number, folder: string): Promise<ChildProcess> {
  await writeFile(join(folder, 'contents'), `${SOME_HASH}\n`);
  await chmod(folder, 0o755);
  const at = ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`];
  const child = spawn(program ?? '', [...at, '-d', folder, '-w', 'contents'], { stdio: 'ignore' });
  await expect.poll(() => answers(port), { timeout: 5_000 }).toBe(true);
  return child;
}

async function answers(port: number): Promise<boolean> {
  const options = { signal: new AbortController().signal, maxBytes: 100_000, timeoutMs: 1_000 };
  return await httpGet(`http://127.0.0.1:${port}/stats`, options).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
