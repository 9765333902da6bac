import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { httpGet } from '../../src/platform/http-client.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const noOpenssl = spawnSync('openssl', ['version']).status !== 0;
if (noOpenssl && process.env['CI_REQUIRES_LAN'] === '1')
  throw new Error("the tests of HTTPS must run here, but the program 'openssl' is not installed");

describe.skipIf(noOpenssl)('over HTTPS', () => {
  const folders = new TemporaryFolders();
  let server: Server;
  let url: string;
  let certificate: Buffer;
  beforeAll(async () => {
    const folder = await folders.make();
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-days', '1', ...curve, ...names, ...files], {
      stdio: 'ignore',
    });
    certificate = readFileSync(cert);
    server = createServer({ key: readFileSync(key), cert: certificate }, (_, response) =>
      response.end('safe'),
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `https://localhost:${address.port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await folders.remove();
  });
  const options = { signal: new AbortController().signal, maxBytes: 1_000, timeoutMs: 5_000 };

  it('a server with a certificate that is trusted is asked', async () => {
    const agent = new Agent({ ca: certificate });
    const answer = await httpGet(url, { ...options, connections: { agentFor: () => agent } });
    expect(Buffer.from(answer.body).toString()).toBe('safe');
    agent.destroy();
  });

  it('a server with a certificate that is not trusted is refused', async () => {
    await expect(httpGet(url, options)).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringMatching(
        /^the certificate of localhost:\d+ is not valid: it has signed it itself .*NODE_EXTRA_CA_CERTS/,
      ),
    });
  });

  it('a certificate for another name is refused', async () => {
    const agent = new Agent({ ca: certificate });
    const asked = httpGet(url.replace('localhost', '127.0.0.1'), {
      ...options,
      connections: { agentFor: () => agent },
    });
    await expect(asked).rejects.toThrow(/is not valid: it is for another name$/);
    agent.destroy();
  });

  it('a tracker whose certificate is not trusted is not announced to', async () => {
    const client = systemTrackerClient(systemClock, systemRandom);
    const { signal } = new AbortController();
    const request = {
      infoHash: 'ab'.repeat(20) as InfoHash,
      peerId: new Uint8Array(20),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      event: 'started',
      peersWanted: undefined,
      key: 0,
    } as const;
    const how = { signal, patience: 'long', trackerId: undefined } as const;
    await expect(client.announce(`${url}announce`, request, how)).rejects.toThrow(/has signed it itself/);
    await client.close();
  });

  it('a server that is asked in plain HTTP is a fault with a sentence', async () => {
    await expect(httpGet(url.replace('https', 'http'), options)).rejects.toMatchObject({ code: 'NETWORK' });
  });
});
