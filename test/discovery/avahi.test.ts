import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startAvahi } from '../lan/avahi.ts';
import { type Host, type Lan, makeLan } from '../lan/lab.mjs';
import type { Running } from '../lan/running.mjs';
import { TemporaryFolders } from '../support/temporary-folders.ts';

/** The built sources: a child process on a host of the LAN cannot run TypeScript. */
const DIST = new URL('../../dist/', import.meta.url);
const PEER = 'ab'.repeat(20);
const HASH = 'cd'.repeat(20);

/** mDNS by itself: prints what it hears, and holds one content where it is told to. */
const PROGRAM = `
  const [, dist, holds] = process.argv;
  const { createMdns } = await import(dist + 'discovery/mdns/mdns.js');
  const { systemClock: clock } = await import(dist + 'platform/clock.js');
  const { systemRandom: random } = await import(dist + 'platform/random.js');
  const { silentLogger: logger } = await import(dist + 'platform/logger.js');
  const peerId = Buffer.from(random.bytes(20)).toString('hex');
  const port = 47470;
  const heard = (sighting) => console.log(JSON.stringify(sighting));
  const mdns = await createMdns({ peerId, port, clock, random, logger, heard });
  const holding = { peerId, port, infoHash: '${HASH}', name: 'Grüße.txt', length: 9, pieceCount: 1, version: 1 };
  if (holds === 'holds') mdns.announce([{ ...holding, pieces: { kind: 'all' } }]);
  mdns.seek({ kind: 'everything' });
  process.on('SIGINT', () => mdns.close().then(() => process.exit(0)));
`;

function startMdns(host: Host, ...words: readonly string[]): Running {
  if (!existsSync(DIST)) throw new Error('dist is missing; run npm run build first');
  return host.start([process.execPath, '--input-type=module', '-e', PROGRAM, DIST.href, ...words]);
}

describe.skipIf(inject('noAvahiBecause') !== '')('beside avahi', () => {
  const folders = new TemporaryFolders();
  let lan: Lan;
  beforeEach(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterEach(async () => {
    lan.close();
    await folders.remove();
  });

  it('on another host and on the same one, a node is listed with its addresses, port and contents', async () => {
    const node = startMdns(lan.host(1), 'holds');
    for (const host of [lan.host(1), lan.host(2)]) {
      const avahi = await startAvahi(host, await folders.make());
      const browse = async (): Promise<string> => (await avahi.browse('-rpt', '_lanshare._tcp')).stdout;
      await expect
        .poll(browse, { timeout: 8_000, interval: 200 })
        .toMatch(/^=;eth0;IPv4;lanshare-[0-9a-f]{16};_lanshare\._tcp;local;.*;10\.77\.0\.1;47470;/m);
      expect(await browse()).toContain(`"c0=${HASH}:9:1:*:1:Gr\\195\\188\\195\\159e.txt" "n=1"`);
      const subtype = (await avahi.browse('-pt', `_${HASH}._sub._lanshare._tcp`)).stdout;
      expect(subtype).toMatch(/^\+;eth0;IPv4;lanshare-/m);
    }
    await node.stop('SIGINT');
    const gone = await startAvahi(lan.host(2), await folders.make());
    expect((await gone.browse('-pt', '_lanshare._tcp')).stdout).toBe('');
  });

  it('a node finds what avahi publishes, on another host and on the same one', async () => {
    const avahi = await startAvahi(lan.host(2), await folders.make(), true);
    const txt = ['v=1', `id=${PEER}`, 'n=1', `c0=${HASH}:10:1:*:7:published.txt`];
    const service = avahi.publish('-s', 'My Mr. Share', '_lanshare._tcp', '5555', ...txt);
    await service.says(/Established/, { timeoutMs: 8_000 });
    for (const host of [lan.host(1), lan.host(2)])
      await startMdns(host).says(/"name":"published\.txt".*"port":5555\},"host":"10\.77\.0\.2"/);
  });
});
