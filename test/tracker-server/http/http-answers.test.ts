import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SCRAPED_CONTENTS, MAX_SCRAPED_WITHOUT_NAME } from '../../../src/limits.ts';
import { decodeBencode } from '../../../src/metainfo/bencode.ts';
import type { AnnounceRequest } from '../../../src/wire/tracker/announce.ts';
import { decodeHttpAnnounceAnswer } from '../../../src/wire/tracker/http-announce-answer.ts';
import { encodeAnnounceQuery } from '../../../src/wire/tracker/http-query.ts';
import { decodeHttpScrapeAnswer } from '../../../src/wire/tracker/http-scrape-answer.ts';
import { announcement, infoHashOfContent, peerIdOf } from '../announcing.ts';
import { INTERVAL, query, request, type SomeTrackerOptions, someTracker } from './some-tracker.ts';

const NOW = 600_000;
const HASH = 'info_hash=';

function tracker(options: SomeTrackerOptions = {}) {
  const made = someTracker(options);
  return {
    ...made,
    announce: (text: string, from = '10.0.0.1') =>
      decodeHttpAnnounceAnswer(made.answers.announce(text, from)),
    scrape: (text: string, from = '10.0.0.1') => decodeHttpScrapeAnswer(made.answers.scrape(text, from)),
  };
}

function hashField(content: number): string {
  return `${HASH}${
    query({ infoHash: infoHashOfContent(content) })
      .slice(HASH.length)
      .split('&')[0]
  }`;
}

describe('an announcement over HTTP', () => {
  it('is answered with counts, intervals and the others', () => {
    const { announce } = tracker();
    announce(query({ id: 'seeder', left: 0 }), '10.0.0.2');
    announce(query({ id: 'other', event: 'completed' }), '10.0.0.3');
    expect(announce(query())).toMatchObject({
      type: 'announced',
      seeders: 2,
      leechers: 1,
      intervalSeconds: INTERVAL,
      minIntervalSeconds: 30,
      warning: undefined,
    });
  });

  it('gives the same peers and counts as the registry says in objects', () => {
    const saying = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      from: fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.1.9', 'fd77::1', 'fd77::2'),
      left: fc.constantFrom(0, 5),
      event: fc.constantFrom<AnnounceRequest['event']>('started', 'stopped', 'completed', 'regular'),
      peersWanted: fc.constantFrom(undefined, 0, 1, 100),
    });
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 20 }), fc.boolean(), (sayings, compact) => {
        const { answers, objects } = tracker();
        const twin = tracker().objects;
        for (const { from, ...said } of sayings) {
          const text = encodeAnnounceQuery({ ...request(said), compact, trackerId: undefined });
          const expected = twin.announce(request(said), from);
          const got = decodeHttpAnnounceAnswer(answers.announce(text, from));
          if ('type' in expected || got.type === 'failure') throw new Error('refused');
          expect({ seeders: got.seeders, leechers: got.leechers }).toEqual({
            seeders: expected.seeders,
            leechers: expected.leechers,
          });
          expect(inOrder(got.peers)).toEqual(inOrder(expected.peers));
        }
        expect(objects.scrape([infoHashOfContent(1)])).toEqual(twin.scrape([infoHashOfContent(1)]));
      }),
    );
  });

  it('gives IPv6 peers beside IPv4 ones, those of the own family first', () => {
    const { announce } = tracker();
    announce(query({ id: 'four' }), '10.0.0.2');
    announce(query({ id: 'six' }), 'fd77::2');
    const both = [
      { host: '10.0.0.2', port: 6881 },
      { host: 'fd77::2', port: 6881 },
    ];
    expect(announce(query())).toMatchObject({ peers: both });
    expect(announce(query({ peersWanted: 1 }), 'fd77::1')).toMatchObject({ peers: [both[1]] });
    expect(announce(query({ peersWanted: 1 }), '::ffff:10.0.0.1')).toMatchObject({ peers: [both[0]] });
  });

  it('has peers as dictionaries with their ids where it asks for that', () => {
    const { announce, answers } = tracker();
    announce(query({ id: 'seeder', left: 0 }), '10.0.0.2');
    announce(query({ id: 'leecher' }), 'fd77::2');
    const long = query().replace('compact=1', 'compact=0');
    const peersOf = (text: string) => {
      const list = decodeBencode(answers.announce(text, '10.0.0.1'), {
        maxBytes: 10_000,
        maxDepth: 5,
        maxTokens: 100,
      });
      return [...(list.field('peers')?.items() ?? [])].map((peer) => ({
        ip: peer.field('ip')?.text,
        id: peer.field('peer id')?.text,
        port: peer.field('port')?.integer,
      }));
    };
    const text = (id: string) => Buffer.from(peerIdOf(id)).toString();
    expect(peersOf(long)).toEqual([
      { ip: '10.0.0.2', id: text('seeder'), port: 6881 },
      { ip: 'fd77::2', id: text('leecher'), port: 6881 },
    ]);
    expect(peersOf(`${long}&no_peer_id=1`).map(({ id }) => id)).toEqual([undefined, undefined]);
  });

  it('is from where it came from, whatever it says', () => {
    const { announce } = tracker();
    announce(`${query({ id: 'liar' })}&ip=10.9.9.9&ipv4=10.9.9.9`, '10.0.0.2');
    expect(announce(query())).toMatchObject({ peers: [{ host: '10.0.0.2', port: 6881 }] });
  });

  it('that says stopped is the last one', () => {
    const { announce } = tracker();
    announce(query({ id: 'other' }), '10.0.0.2');
    announce(query());
    expect(announce(query({ event: 'stopped' }))).toMatchObject({ leechers: 1, peers: [] });
    expect(announce(query({ id: 'other', event: 'stopped' }), '10.0.0.2')).toMatchObject({ leechers: 0 });
  });

  it('is refused in words, and counted', () => {
    const { announce, counts } = tracker({ tracks: () => false });
    expect(announce(query(), '8.8.8.8')).toEqual(failure('this tracker serves private addresses only'));
    expect(announce(query({ port: 0 }))).toEqual(failure('port 0 cannot be reached'));
    expect(announce(query())).toEqual(failure('this tracker does not serve this content'));
    expect(announce('info_hash=abc')).toEqual(failure('info_hash is not 20 bytes'));
    expect(counts).toMatchObject({
      announces: 0,
      refused: { 'not private': 1, 'port 0': 1, 'not tracked': 1, malformed: 1 },
    });
  });

  it('from anywhere is served where the operator wants that', () => {
    expect(tracker({ allowPublic: true }).announce(query(), '8.8.8.8')).toMatchObject({ type: 'announced' });
  });

  it('of any text is answered', () => {
    const { announce, scrape } = tracker();
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(['announced', 'failure']).toContain(announce(text).type);
        expect(['scraped', 'failure']).toContain(scrape(text).type);
      }),
    );
  });
});

describe('a scrape over HTTP', () => {
  it('counts the contents that it names, each once', () => {
    const { announce, scrape } = tracker();
    announce(query({ id: 'a', left: 0 }));
    announce(query({ id: 'b', event: 'completed' }), '10.0.0.2');
    announce(query({ id: 'c', infoHash: infoHashOfContent(2) }));
    expect(scrape([hashField(1), hashField(1), hashField(9)].join('&'))).toEqual({
      type: 'scraped',
      contents: [{ infoHash: infoHashOfContent(1), seeders: 2, completed: 1, leechers: 0 }],
    });
  });

  it('that names none counts all, up to a limit', () => {
    const { answers, registry } = tracker();
    for (let content = 0; content < MAX_SCRAPED_WITHOUT_NAME + 5; content++)
      registry.announce(announcement({ content, host: '10.0.0.1' }), NOW);
    const limits = { maxBytes: 1_000_000, maxDepth: 5, maxTokens: 100_000 };
    const files = decodeBencode(answers.scrape('', '10.0.0.1'), limits).field('files');
    expect([...(files?.entries() ?? [])]).toHaveLength(MAX_SCRAPED_WITHOUT_NAME);
  });

  it('that names none tells a public address nothing, though it may ask for what it knows', () => {
    const { scrape, answers, registry, counts } = tracker({ allowPublic: true });
    registry.announce(announcement({ host: '10.0.0.1' }), NOW);
    expect(scrape('', '8.8.8.8')).toEqual(failure('only private addresses may ask for all contents'));
    expect(scrape(hashField(1), '8.8.8.8')).toMatchObject({ contents: [{ leechers: 1 }] });
    expect(answers.counts.refused['not private']).toBe(1);
    expect(counts.scrapes).toBe(1);
  });

  it('is refused in words, and counted', () => {
    const { scrape, counts } = tracker();
    expect(scrape('info_hash=%1')).toEqual(failure('info_hash is not 20 bytes'));
    const many = Array.from({ length: MAX_SCRAPED_CONTENTS + 1 }, () => hashField(1)).join('&');
    expect(scrape(many)).toMatchObject({ type: 'failure' });
    expect(scrape('', '8.8.8.8')).toEqual(failure('this tracker serves private addresses only'));
    expect(counts).toMatchObject({ scrapes: 0, refused: { malformed: 2, 'not private': 1 } });
  });
});

function failure(reason: string) {
  return { type: 'failure', reason };
}

function inOrder(peers: readonly { readonly host: string; readonly port: number }[]): readonly string[] {
  return peers.map(({ host, port }) => `${host} ${port}`).sort();
}
