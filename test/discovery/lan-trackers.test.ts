import { describe, expect, it } from 'vitest';
import { LanTrackers, type TrackerNews, type TrackerSighting } from '../../src/discovery/lan-trackers.ts';
import { MAX_TRACKERS_FOUND } from '../../src/limits.ts';

function setUp() {
  const trackers = new LanTrackers();
  const news: string[] = [];
  trackers.follow(({ kind, url }) => news.push(`${kind} ${url}`));
  const hear = (instance: string, host: string, now = 0, port = 6969): void => {
    trackers.hear(heard(instance, host, port), now);
  };
  return { trackers, news, hear };
}

function heard(instance: string, host: string, port = 6969): TrackerSighting {
  return { kind: 'heard', instance, endpoint: { host, port }, lifetimeMs: 120_000 };
}

describe('trackers that say that they are on this LAN', () => {
  it('are known by the URL of where they were heard, until their records expire', () => {
    const { trackers, news, hear } = setUp();
    hear('a', '10.77.0.1');
    hear('b', 'fd77::2', 60_000);
    expect(trackers.urls()).toEqual(['udp://10.77.0.1:6969', 'udp://[fd77::2]:6969']);
    trackers.expire(119_999);
    trackers.expire(120_000);
    expect(trackers.urls()).toEqual(['udp://[fd77::2]:6969']);
    expect(news.at(-1)).toBe('gone udp://10.77.0.1:6969');
  });

  it('stay as long as they are heard again', () => {
    const { trackers, hear } = setUp();
    hear('a', '10.77.0.1');
    hear('A', '10.77.0.1', 100_000);
    trackers.expire(219_999);
    expect(trackers.urls()).toHaveLength(1);
  });

  it('go when they say so themselves, not when another host says it', () => {
    const { trackers, news, hear } = setUp();
    hear('a', '10.77.0.1');
    trackers.hear({ kind: 'gone', instance: 'a', host: '10.77.0.66' }, 1);
    expect(trackers.urls()).toHaveLength(1);
    trackers.hear({ kind: 'gone', instance: 'a', host: '10.77.0.1' }, 2);
    expect(trackers.urls()).toEqual([]);
    expect(news).toEqual(['heard udp://10.77.0.1:6969', 'gone udp://10.77.0.1:6969']);
  });

  it('are not moved to another host by whoever takes their name', () => {
    const { trackers, hear } = setUp();
    hear('a', '10.77.0.1');
    hear('a', '10.77.0.66', 1);
    expect(trackers.urls()).toEqual(['udp://10.77.0.1:6969']);
  });

  it('may have another port from now on', () => {
    const { news, hear } = setUp();
    hear('a', '10.77.0.1');
    hear('a', '10.77.0.1', 1, 7000);
    expect(news.slice(1)).toEqual(['gone udp://10.77.0.1:6969', 'heard udp://10.77.0.1:7000']);
  });

  it('on this machine are named by the address that others know, as soon as it is heard', () => {
    const { trackers, hear } = setUp();
    hear('a', '127.0.0.1');
    hear('a', '10.77.0.1');
    hear('a', '127.0.0.1');
    expect(trackers.urls()).toEqual(['udp://10.77.0.1:6969']);
  });

  it('that were started again are not taken for gone when their old name expires', () => {
    const { trackers, news, hear } = setUp();
    hear('old', '10.77.0.1');
    hear('new', '10.77.0.1', 60_000);
    trackers.expire(120_000);
    expect(trackers.urls()).toEqual(['udp://10.77.0.1:6969']);
    expect(news).not.toContain('gone udp://10.77.0.1:6969');
  });

  it('are a few at most', () => {
    const { trackers, hear } = setUp();
    for (let number = 0; number < 100; number++) hear(`a${number}`, `10.77.1.${number}`);
    expect(trackers.urls()).toHaveLength(MAX_TRACKERS_FOUND);
  });

  it('of one host do not take the places of others, and the last of them count', () => {
    const { trackers, hear } = setUp();
    for (let port = 1; port <= 10; port++) hear(`liar ${port}`, '10.77.0.66', port, port);
    hear('a', '10.77.0.1', 11);
    expect(trackers.urls()).toEqual(['udp://10.77.0.66:9', 'udp://10.77.0.66:10', 'udp://10.77.0.1:6969']);
  });

  it.each([
    ['a link-local IPv6 address, which no URL can say', heard('a', 'fe80::1%eth0')],
    ['port 0', heard('a', '10.77.0.1', 0)],
  ])('are nothing with %s', (_, sighting) => {
    const { trackers, news } = setUp();
    trackers.hear(sighting, 0);
    expect([trackers.urls(), news]).toEqual([[], []]);
  });

  it('are told to whoever begins to follow later, and no more when he stops', () => {
    const { trackers, hear } = setUp();
    hear('a', '10.77.0.1');
    const late: TrackerNews[] = [];
    const stop = trackers.follow((news) => late.push(news));
    stop();
    hear('b', '10.77.0.2');
    expect(late.map(({ kind, url }) => [kind, url])).toEqual([['heard', 'udp://10.77.0.1:6969']]);
  });
});
