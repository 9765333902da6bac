import { describe, expect, it } from 'vitest';
import { HTTP_PAGE_AGE_MS, MAX_CONTENTS_ON_PAGE } from '../../../src/limits.ts';
import type { HttpRequest } from '../../../src/tracker-server/http/http-request.ts';
import type { HttpResponse } from '../../../src/tracker-server/http/http-response.ts';
import { HttpRouter } from '../../../src/tracker-server/http/http-router.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { query, STATS, someTracker } from './some-tracker.ts';

const PUBLIC = '8.8.8.8';
const PRIVATE = ['10.1.2.3', '172.31.0.1', '192.168.0.1', '169.254.1.1', '127.0.0.1', '100.64.0.1'];
const PRIVATE_IPV6 = ['fd00::1', 'fe80::1%eth0', '::1', '::ffff:10.0.0.1'];
const PAGES = ['/', '/stats', '/metrics', '/torrents'];

function router({ allowPublic = false } = {}) {
  const { answers, counts } = someTracker({ allowPublic });
  const clock = new VirtualClock();
  const asked: number[] = [];
  const made = new HttpRouter({
    answers,
    clock,
    service: () => ({ openConnections: 1, acceptedConnections: 2, pages: 3, loopDelaySeconds: 0.001 }),
    sources: {
      stats: () => STATS,
      contents(most) {
        asked.push(most);
        return [];
      },
      torrents: () => new Map([['a.torrent', Buffer.from('de')]]),
    },
  });
  const get = (path: string, from: string) => {
    const [before = '', behind = ''] = path.split('?');
    return made.route({ ...REQUEST, path: before, query: behind }, from);
  };
  return { get, counts, clock, asked };
}

function text({ body }: HttpResponse): string {
  return Buffer.from(body).toString('latin1');
}

const REQUEST: HttpRequest = {
  type: 'request',
  method: 'GET',
  path: '/',
  query: '',
  accept: undefined,
  version: '1.1',
  keepsAlive: true,
};

describe('who is served', () => {
  it('are private addresses, of both families', () => {
    const { get } = router();
    for (const from of [...PRIVATE, ...PRIVATE_IPV6]) {
      expect(text(get(`/announce?${query()}`, from))).toMatch(/^d8:complete/);
      expect(get('/', from).status).toBe(200);
    }
  });

  it('is nobody else, and everybody else is counted', () => {
    const { get, counts } = router();
    const strangers = [
      PUBLIC,
      '172.32.0.1',
      '100.128.0.1',
      '192.169.0.1',
      '2a00::1',
      '::ffff:8.8.8.8',
      'nonsense',
    ];
    for (const from of strangers) {
      for (const path of [`/announce?${query()}`, '/scrape'])
        expect(text(get(path, from))).toContain('private addresses only');
      for (const path of [...PAGES, '/torrents/a.torrent', '/nothing'])
        expect(get(path, from).status).toBe(403);
    }
    expect(counts.refused['not private']).toBe(strangers.length * 8);
    expect(counts).toMatchObject({ announces: 0, scrapes: 0, pages: 0 });
  });

  it('may be everybody, who then gets .torrent files but not the operator’s pages', () => {
    const { get } = router({ allowPublic: true });
    expect(text(get(`/announce?${query()}`, PUBLIC))).toMatch(/^d8:complete/);
    expect(get('/torrents/a.torrent', PUBLIC).status).toBe(200);
    for (const path of PAGES) {
      expect(get(path, PUBLIC).status).toBe(403);
      expect(get(path, '10.0.0.1').status).toBe(200);
    }
  });
});

describe('a page', () => {
  it('asks for a bounded part of what is tracked, and for that once a second', async () => {
    const { get, asked, clock } = router();
    for (let again = 0; again < 10; again++) get(again % 2 === 0 ? '/' : '/stats', '10.0.0.1');
    expect(asked).toEqual([MAX_CONTENTS_ON_PAGE, MAX_CONTENTS_ON_PAGE]);
    await clock.advance(HTTP_PAGE_AGE_MS);
    get('/', '10.0.0.1');
    expect(asked).toHaveLength(3);
  });
});
