import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpService } from '../../../src/tracker-server/http/http-service.ts';
import { openHttpService } from '../../../src/tracker-server/http/http-service.ts';
import type { TrackedContent } from '../../../src/tracker-server/tracker-server-api.ts';
import { decodeHttpAnnounceAnswer } from '../../../src/wire/tracker/http-announce-answer.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { infoHashOfContent } from '../announcing.ts';
import { query, STATS, someTracker } from './some-tracker.ts';

const services: HttpService[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const service of services.splice(0)) await service.close();
});

const CONTENTS: readonly TrackedContent[] = [
  {
    infoHash: infoHashOfContent(1),
    name: '<script>alert("1")</script>',
    seeders: 2,
    leechers: 3,
    completed: 4,
  },
  { infoHash: infoHashOfContent(2), name: undefined, seeders: 0, leechers: 0, completed: 0 },
];
const TORRENT = Buffer.from('d4:infode');

async function open(limits?: { readonly connections: number; readonly connectionsPerAddress: number }) {
  const { answers, counts } = someTracker();
  const clock = new VirtualClock();
  const made = { stats: 0 };
  const service = await openHttpService({
    port: 0,
    host: '127.0.0.1',
    answers,
    clock,
    ...(limits && { limits }),
    sources: {
      stats() {
        made.stats++;
        return STATS;
      },
      contents: (most) => CONTENTS.slice(0, most),
      torrents: () => new Map([['my film & more.torrent', TORRENT]]),
    },
  });
  services.push(service);
  const url = `http://127.0.0.1:${service.port}`;
  return {
    service,
    counts,
    clock,
    made,
    url,
    get: (path: string, accept = '*/*') => fetch(`${url}${path}`, { headers: { accept } }),
  };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a tracker over HTTP', () => {
  it('answers announcements and scrapes', async () => {
    const { get, counts } = await open();
    const response = await get(`/announce?${query({ left: 0 })}`);
    expect(response.status).toBe(200);
    const answer = decodeHttpAnnounceAnswer(new Uint8Array(await response.arrayBuffer()));
    expect(answer).toMatchObject({ type: 'announced', seeders: 1, leechers: 0 });
    expect(await (await get('/scrape')).text()).toContain('8:completei1e10:downloadedi0e10:incompletei0e');
    expect(counts).toMatchObject({ announces: 1, scrapes: 1 });
  });

  it('refuses in the way of the protocol what it cannot read, with the status that clients read', async () => {
    const { get } = await open();
    for (const path of ['/announce', '/announce?info_hash=%zz', '/announce?port=-1', '/scrape?info_hash=1']) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(/^d14:failure reason\d+:/);
    }
  });

  it('knows no other paths, and no key in front', async () => {
    const { get, counts } = await open();
    for (const path of [
      '/KEY/announce',
      '/announce/',
      '/torrents/other.torrent',
      '/torrents/..%2f..%2fetc%2fpasswd',
    ])
      expect((await get(path)).status).toBe(404);
    expect(counts.refused['unknown path']).toBe(4);
  });

  it('takes GET and HEAD only', async () => {
    const { url, counts } = await open();
    const refused = await fetch(`${url}/announce`, { method: 'POST', body: 'x' });
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
    expect(counts.refused['bad HTTP']).toBe(1);
  });

  it('answers a URL that is too long, and one that is nearly', async () => {
    const { get } = await open();
    expect((await get(`/announce?${'x'.repeat(5_000)}`)).status).toBe(414);
    expect((await get(`/announce?${'x'.repeat(4_000)}`)).status).toBe(200);
  });
});

describe('its pages', () => {
  it('show contents with their names escaped, and load nothing', async () => {
    const { get } = await open();
    const response = await get('/');
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(page).not.toContain('<script');
    expect(page).toContain(infoHashOfContent(2));
    expect(page).not.toMatch(/(?:src|href)="(?!\/)/);
  });

  it('give the figures as JSON to programs, and as a page to people', async () => {
    const { get } = await open();
    const json = await get('/stats');
    expect(json.headers.get('content-type')).toBe('application/json');
    expect(await json.json()).toMatchObject({
      announces: { udp: 10, http: 3 },
      refused: { malformed: 6, 'not private': 0 },
      store: { kind: 'sqlite', unsaved: 7, fault: null },
      mostPeers: [{ infoHash: infoHashOfContent(1), seeders: 2 }, { name: null }],
    });
    const asked = await get('/stats', 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect(await asked.text()).toContain('<td>running for</td><td class="n">1 d 2 h</td>');
    expect((await get('/stats?format=html')).headers.get('content-type')).toMatch(/^text\/html/);
    expect((await get('/stats?format=json', 'text/html')).headers.get('content-type')).toBe(
      'application/json',
    );
  });

  it('give the metrics as Prometheus reads them', async () => {
    const { get } = await open();
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"]*"\})? [0-9.e+-]+)$/);
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE lanshare_tracker_announces_total counter',
        'lanshare_tracker_announces_total{protocol="udp"} 10',
        'lanshare_tracker_peers{role="leecher"} 3',
        'lanshare_tracker_refused_total{reason="malformed"} 6',
        'lanshare_tracker_store_unsaved_rows{store="sqlite"} 7',
        'lanshare_tracker_http_connections 1',
      ]),
    );
  });

  it('hand out the .torrent files that were registered, by their names', async () => {
    const { get } = await open();
    const page = await (await get('/torrents')).text();
    const [, path = ''] = /href="(\/torrents\/[^"]+)"/.exec(page) ?? [];
    const response = await get(path);
    expect(response.headers.get('content-type')).toBe('application/x-bittorrent');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(TORRENT);
    for (const name of ['my%20film', '%zz', '%00', '__proto__', ''])
      expect((await get(`/torrents/x${name}`)).status).toBe(404);
  });

  it('are made once a second, however often they are asked for', async () => {
    const { get, made, clock } = await open();
    for (let again = 0; again < 5; again++) await get('/');
    expect(made.stats).toBe(1);
    await clock.advance(1_000);
    await get('/');
    expect(made.stats).toBe(2);
  });
});

describe('its connections', () => {
  it('that ask nothing are cut for new ones, and clients that ask are answered meanwhile', async () => {
    const { service, counts, get } = await open({ connections: 50, connectionsPerAddress: 40 });
    for (let at = 0; at < 500; at++) {
      const socket = await dial(service.port);
      if (at % 2 === 0) socket.write('GET / HT');
      if (at % 100 === 0) expect((await get('/scrape')).status).toBe(200);
      expect(service.connections).toBeLessThanOrEqual(40);
    }
    expect((await get('/scrape')).status).toBe(200);
    expect(counts.refused['too many connections']).toBeGreaterThanOrEqual(460);
  });

  it('that do not end their request are cut after a while, and counted', async () => {
    const { service, counts, clock } = await open();
    const slow = await dial(service.port);
    slow.write('GET / HTTP/1.1\r\nX: ');
    const closed = once(slow, 'close');
    await eventually(() => service.connections === 1);
    await clock.advance(7_000);
    await closed;
    expect(counts.refused['too slow']).toBe(1);
  });

  it('that are idle are cut later, and that is no fault', async () => {
    const { service, counts, clock } = await open();
    const idle = await dial(service.port);
    idle.write('GET /scrape HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const closed = once(idle, 'close');
    await clock.advance(29_000);
    expect(service.connections).toBe(1);
    await clock.advance(3_000);
    await closed;
    expect(counts.refused['too slow']).toBe(0);
  });

  it('that are reset in the middle of anything leave nothing behind', async () => {
    const { service } = await open();
    for (const text of ['', 'GET', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\0'.repeat(9_000)]) {
      const socket = await dial(service.port);
      socket.write(text);
      socket.resetAndDestroy();
    }
    await eventually(() => service.connections === 0);
    expect(service.connections).toBe(0);
  });

  it('all end when it closes, and its port is free', async () => {
    const { service, clock, url } = await open();
    const socket = await dial(service.port);
    const closed = once(socket, 'close');
    await eventually(() => service.connections === 1);
    await service.close();
    await closed;
    expect(service.connections).toBe(0);
    expect(clock.pending).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('come over IPv4 and IPv6 where no address is given', async () => {
    const { answers } = someTracker();
    const sources = { stats: () => STATS, contents: () => [], torrents: () => new Map() };
    const service = await openHttpService({ port: 0, answers, sources });
    services.push(service);
    for (const host of ['127.0.0.1', ...(hasIpv6() ? ['[::1]'] : [])])
      expect((await fetch(`http://${host}:${service.port}/scrape`)).status).toBe(200);
  });

  it('cannot be accepted at a port that somebody else has', async () => {
    const { service } = await open();
    const { answers } = someTracker();
    const sources = { stats: () => STATS, contents: () => [], torrents: () => new Map() };
    const second = openHttpService({ port: service.port, host: '127.0.0.1', answers, sources });
    await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });
});
