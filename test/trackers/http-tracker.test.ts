import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBencode } from '../../src/metainfo/bencode.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import type { TrackerClient } from '../../src/trackers/tracker-client.ts';
import type { AnnounceAnswer, AnnounceRequest } from '../../src/wire/tracker/announce.ts';

const REQUEST: AnnounceRequest = {
  infoHash: 'ab'.repeat(20) as InfoHash,
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 0,
  downloaded: 0,
  left: 0,
  event: 'started',
  peersWanted: undefined,
  key: 0,
};
const signal = new AbortController().signal;

let server: Server | undefined;
let client: TrackerClient;
beforeEach(() => {
  client = systemTrackerClient(systemClock, systemRandom);
});
afterEach(async () => {
  await client.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** Its address, without a path. */
async function trackerThatSays(reply: (path: string) => Reply): Promise<string> {
  const made = createServer((request, response) => {
    const { status = 200, headers = {}, body = '' } = reply(request.url ?? '');
    response.writeHead(status, headers).end(body);
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

function announce(tracker: string): Promise<AnnounceAnswer> {
  return client.announce(tracker, REQUEST, { signal, patience: 'long', trackerId: undefined });
}

describe('an HTTP tracker', () => {
  it.each<[string, Reply, RegExp]>([
    [
      'refuses with a reason',
      { body: encodeBencode({ 'failure reason': 'no such torrent' }) },
      /^no such torrent$/,
    ],
    [
      'refuses with a reason and a status',
      { status: 403, body: encodeBencode({ 'failure reason': 'go away' }) },
      /^go away$/,
    ],
    [
      'is a web server',
      { status: 404, body: '<html>not found</html>' },
      /^it answered with HTTP status 404$/,
    ],
    [
      'is in trouble',
      { status: 503, body: encodeBencode({ interval: 5 }) },
      /^it answered with HTTP status 503$/,
    ],
    ['says nothing', {}, /^its answer is empty$/],
    [
      'sends a bomb of gzip',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000)) },
      /^an answer of more than 1048576 bytes$/,
    ],
    ['sends too much', { body: Buffer.alloc(2 * 1024 * 1024) }, /^an answer of more than 1048576 bytes$/],
    [
      'redirects to another program on this machine',
      { status: 302, headers: { location: 'http://localhost:1/shutdown' } },
      /^localhost:1 is on this machine or link, and what is asked of it is no tracker's "announce"$/,
    ],
  ])('that %s has failed, with a sentence that says so', async (_, reply, sentence) => {
    const url = await trackerThatSays(() => reply);
    await expect(announce(`${url}/announce`)).rejects.toThrow(sentence);
  });

  it.each<[string, Reply, number]>([
    ['in seconds', { status: 503, headers: { 'retry-after': '120' } }, 120],
    ['by a date, which is not read', { status: 503, headers: { 'retry-after': 'Fri, 31 Dec 1999' } }, 0],
    ['in minutes', { body: encodeBencode({ 'failure reason': 'busy', 'retry in': 5 }) }, 300],
    [
      'never',
      { body: encodeBencode({ 'failure reason': 'banned', 'retry in': 'never' }) },
      Number.POSITIVE_INFINITY,
    ],
    ['in nonsense', { body: encodeBencode({ 'failure reason': 'busy', 'retry in': -5 }) }, 0],
  ])('that says when to ask again %s is understood', async (_, reply, retryAfterSeconds) => {
    const url = await trackerThatSays(() => reply);
    await expect(announce(`${url}/announce`)).rejects.toMatchObject({ retryAfterSeconds });
  });

  it('may be behind a redirect', async () => {
    const url = await trackerThatSays((path) =>
      path.startsWith('/old')
        ? { status: 301, headers: { location: path.replace('/old', '') } }
        : { body: encodeBencode({ interval: 77, peers: '' }) },
    );
    expect(await announce(`${url}/old/announce?key=1`)).toMatchObject({ intervalSeconds: 77 });
  });

  it.each(['/', '/admin/reboot', '/announce/../reboot', '/reboot?x=/announce'])(
    'on this machine is not asked for %s',
    async (path) => {
      const asked: string[] = [];
      const url = await trackerThatSays((asking) => {
        asked.push(asking);
        return {};
      });
      await expect(announce(`${url}${path}`)).rejects.toThrow(/no tracker's "announce"/);
      expect(asked).toEqual([]);
    },
  );

  it('whose address does not end in announce is not scraped', async () => {
    const scraped = client.scrape('http://127.0.0.1:1/a', [REQUEST.infoHash], signal);
    await expect(scraped).rejects.toThrow(/does not end in "announce"/);
  });
});
