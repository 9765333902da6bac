import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TRACKER_ANSWER_BYTES, MAX_TRACKER_PEERS } from '../../../src/limits.ts';
import { encodeBencode } from '../../../src/metainfo/bencode.ts';
import { infoHashFromBytes, isInfoHash } from '../../../src/metainfo/metainfo.ts';
import type { Endpoint } from '../../../src/platform/endpoint.ts';
import {
  decodeHttpAnnounceAnswer,
  encodeHttpAnnounceAnswer,
  type HttpAnnounceAnswer,
} from '../../../src/wire/tracker/http-announce-answer.ts';
import {
  announceUrl,
  decodeAnnounceQuery,
  decodeScrapeQuery,
  encodeAnnounceQuery,
  type HttpAnnounceRequest,
  scrapeUrl,
} from '../../../src/wire/tracker/http-query.ts';
import {
  decodeHttpScrapeAnswer,
  encodeHttpScrapeAnswer,
} from '../../../src/wire/tracker/http-scrape-answer.ts';
import { TrackerFault } from '../../../src/wire/tracker/tracker-fault.ts';
import { anyAnnounce, anyInfoHash, anyPeers, bytes } from './arbitrary-announce.ts';

const anyTrackerId = fc.option(
  fc.uint8Array({ maxLength: 40 }).map((id) => Buffer.from(id).toString('latin1')),
  { nil: undefined },
);
const anyQuery: fc.Arbitrary<HttpAnnounceRequest> = fc
  .tuple(anyAnnounce, anyTrackerId, fc.boolean())
  .map(([request, trackerId, compact]) => ({ ...request, trackerId, compact }));

/** An info-hash of bytes that are letters and bytes that need escaping. */
const EXAMPLE: HttpAnnounceRequest = {
  infoHash: infoHashFromBytes(Buffer.from('123456789abcdef123456789abcdef123456789a', 'hex')),
  peerId: Buffer.from('-LS0100-0123456789ab'),
  port: 47_470,
  uploaded: 0,
  downloaded: 10,
  left: 20,
  event: 'started',
  peersWanted: 50,
  key: 0xbeef,
  trackerId: undefined,
  compact: true,
};

describe('an announcement over HTTP', () => {
  it('has its bytes escaped one by one', () => {
    expect(announceUrl('http://tracker.example:6969/announce', EXAMPLE)).toBe(
      'http://tracker.example:6969/announce?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A' +
        '&peer_id=-LS0100-0123456789ab&port=47470&uploaded=0&downloaded=10&left=20&compact=1' +
        '&key=0000beef&event=started&numwant=50',
    );
  });

  it('goes behind the query that the tracker has already', () => {
    const url = announceUrl('https://tracker.example/announce.php?passkey=s%2Fe#top', EXAMPLE);
    expect(url).toMatch(/^https:\/\/tracker\.example\/announce\.php\?passkey=s%2Fe&info_hash=%124Vx/);
    expect(announceUrl('http://t/announce?', EXAMPLE)).toMatch(/announce\?info_hash/);
  });

  it('names no event where there is none', () => {
    expect(encodeAnnounceQuery({ ...EXAMPLE, event: 'regular' })).not.toContain('event');
  });

  it('is read as it was written, through the URL parser of the system, too', () => {
    fc.assert(
      fc.property(anyQuery, (request) => {
        expect(decodeAnnounceQuery(encodeAnnounceQuery(request))).toEqual(request);
        const parsed = new URL(announceUrl('http://t/announce', request));
        expect(decodeAnnounceQuery(parsed.search.slice(1))).toEqual(request);
      }),
    );
  });

  it.each([
    ['no info_hash', 'peer_id=-LS0100-0123456789ab&port=1', /info_hash is missing/],
    ['a short info_hash', 'info_hash=abc&port=1', /info_hash is not 20 bytes/],
    ['a broken escape', `info_hash=${'a'.repeat(19)}%4&port=1`, /info_hash is not 20 bytes/],
    ['no port', `info_hash=${'a'.repeat(20)}&peer_id=${'b'.repeat(20)}`, /port is missing/],
    ['a wrong port', `info_hash=${'a'.repeat(20)}&peer_id=${'b'.repeat(20)}&port=70000`, /port is no number/],
  ])('with %s is refused', (_, query, sentence) => {
    expect(() => decodeAnnounceQuery(query)).toThrow(sentence);
  });

  it('never breaks the reader, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        refusedOrRead(() => decodeAnnounceQuery(query));
        refusedOrRead(() => decodeAnnounceQuery(`info_hash=${'a'.repeat(20)}&${query}`));
        refusedOrRead(() => decodeScrapeQuery(query));
      }),
    );
  });
});

describe("a tracker's answer over HTTP", () => {
  const anyAnswer: fc.Arbitrary<HttpAnnounceAnswer> = fc.record({
    type: fc.constant('announced' as const),
    intervalSeconds: fc.option(fc.maxSafeNat(), { nil: undefined }),
    minIntervalSeconds: fc.option(fc.maxSafeNat(), { nil: undefined }),
    seeders: fc.option(fc.maxSafeNat(), { nil: undefined }),
    leechers: fc.option(fc.maxSafeNat(), { nil: undefined }),
    peers: fc
      .tuple(anyPeers('IPv4'), anyPeers('IPv6'))
      .map(([ipv4, ipv6]): readonly Endpoint[] => [...ipv4, ...ipv6]),
    warning: fc.constantFrom(undefined, 'slow down'),
    trackerId: anyTrackerId,
  });

  it.each([
    ['compact', true],
    ['as dictionaries', false],
  ])('is read as it was written, with peers %s', (_, compact) => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        expect(decodeHttpAnnounceAnswer(encodeHttpAnnounceAnswer(answer, compact))).toEqual(answer);
      }),
    );
  });

  it('is read as real trackers write it', () => {
    const compact = Buffer.concat([
      Buffer.from(
        'd8:completei3e10:downloadedi7e10:incompletei2e8:intervali1800e12:min intervali900e5:peers12:',
      ),
      Buffer.from('c0a8010a1ae10a0000011ae2', 'hex'),
      Buffer.from('e'),
    ]);
    expect(decodeHttpAnnounceAnswer(compact)).toEqual({
      type: 'announced',
      intervalSeconds: 1_800,
      minIntervalSeconds: 900,
      seeders: 3,
      leechers: 2,
      peers: [
        { host: '192.168.1.10', port: 6881 },
        { host: '10.0.0.1', port: 6882 },
      ],
      warning: undefined,
      trackerId: undefined,
    });
    const dictionaries = Buffer.from(
      'd8:intervali60e5:peersld2:ip8:10.0.0.27:peer id20:-TR3000-abcdefghijkl4:porti51413eed2:ip9:FD00:0::2' +
        '4:porti1eed2:ip9:localhost4:porti1eed4:porti1eeee',
    );
    expect(decodeHttpAnnounceAnswer(dictionaries)).toMatchObject({
      peers: [
        { host: '10.0.0.2', port: 51_413 },
        { host: 'fd00::2', port: 1 },
      ],
    });
  });

  it('with a failure reason is a failure, whatever else it says, and safe to print', () => {
    const failure = encodeBencode({ 'failure reason': 'no such\ntorrent\x1b[31m', interval: 5, peers: 7 });
    expect(decodeHttpAnnounceAnswer(failure)).toEqual({
      type: 'failure',
      reason: 'no such\\x0atorrent\\x1b[31m',
    });
    const long = encodeBencode({ 'failure reason': 'x'.repeat(100_000) });
    expect(decodeHttpAnnounceAnswer(long)).toEqual({ type: 'failure', reason: 'x'.repeat(512) });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /is empty/],
    ['a web page', Buffer.from('<html>'), /a web page/],
    ['a number', Buffer.from('i1e'), /no dictionary/],
    ['something cut', Buffer.from('d8:interval'), /not proper bencode/],
    ['a bomb of lists', Buffer.from(`d5:peers${'l'.repeat(50_000)}`), /too deep/],
    ['a million values', Buffer.from(`d5:peersl${'0:'.repeat(400_000)}ee`), /too many values/],
    ['too much', Buffer.alloc(MAX_TRACKER_ANSWER_BYTES + 1, 0x64), /too long/],
    ['half a peer', encodeBencode({ peers: 'abcdefg' }), /ends in the middle of one/],
    ['half an IPv6 peer', encodeBencode({ peers6: 'abcdefg' }), /ends in the middle of one/],
    ['peers that are a number', encodeBencode({ peers: 7 }), /neither a string nor a list/],
    ['IPv6 peers that are a list', encodeBencode({ peers6: [] }), /no string/],
  ])('that is %s is refused with a sentence', (_, body, sentence) => {
    expect(() => decodeHttpAnnounceAnswer(body)).toThrow(sentence);
    expect(() => decodeHttpAnnounceAnswer(body)).toThrow(TrackerFault);
  });

  it('has numbers that are none left out', () => {
    const answer = encodeBencode({
      interval: -1,
      complete: 'many',
      'tracker id': 'x'.repeat(300),
      peers: '',
    });
    expect(decodeHttpAnnounceAnswer(answer)).toMatchObject({
      intervalSeconds: undefined,
      seeders: undefined,
      trackerId: undefined,
      peers: [],
    });
  });

  it('gives no more than a bounded number of peers', () => {
    const compact = encodeBencode({ peers: Buffer.alloc(600_000, 1), peers6: Buffer.alloc(18, 1) });
    const listed = encodeBencode({ peers: new Array(3_000).fill({ ip: '10.0.0.1', port: 1 }) });
    for (const body of [compact, listed]) {
      const answer = decodeHttpAnnounceAnswer(body);
      expect(answer.type === 'announced' && answer.peers.length).toBe(MAX_TRACKER_PEERS);
    }
  });

  it('never breaks the reader, whatever it is', () => {
    const damaged = fc
      .tuple(anyAnswer, fc.nat(), fc.nat(255), fc.boolean())
      .map(([answer, at, value, compact]) => {
        const body = Uint8Array.from(encodeHttpAnnounceAnswer(answer, compact));
        body[at % body.length] = value;
        return body;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, bytes(40)), (body) => {
        refusedOrRead(() => decodeHttpAnnounceAnswer(body));
        refusedOrRead(() => decodeHttpScrapeAnswer(body));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a scrape over HTTP', () => {
  const count = fc.nat();
  const anyCounts = fc.record({ infoHash: anyInfoHash, seeders: count, completed: count, leechers: count });
  const anyContents = fc.uniqueArray(anyCounts, { maxLength: 74, selector: ({ infoHash }) => infoHash });

  it('asks for the contents that were named', () => {
    fc.assert(
      fc.property(fc.array(anyInfoHash, { maxLength: 74 }), (infoHashes) => {
        const url = new URL(scrapeUrl('http://t/scrape', infoHashes));
        expect(decodeScrapeQuery(url.search.slice(1))).toEqual(infoHashes);
      }),
    );
  });

  it('is answered by content', () => {
    fc.assert(
      fc.property(anyContents, (contents) => {
        const read = decodeHttpScrapeAnswer(encodeHttpScrapeAnswer({ type: 'scraped', contents }));
        const sorted = [...contents].sort((one, other) => (one.infoHash < other.infoHash ? -1 : 1));
        expect(read).toEqual({ type: 'scraped', contents: sorted });
      }),
    );
  });

  it('is read as BEP 48 shows it', () => {
    const body = `d5:filesd20:${'.'.repeat(20)}d8:completei5e10:downloadedi50e10:incompletei10eeee`;
    const infoHash = '2e'.repeat(20);
    expect(isInfoHash(infoHash)).toBe(true);
    expect(decodeHttpScrapeAnswer(Buffer.from(body))).toEqual({
      type: 'scraped',
      contents: [{ infoHash, seeders: 5, completed: 50, leechers: 10 }],
    });
  });

  it('may fail', () => {
    const failure = { type: 'failure', reason: 'not today' } as const;
    expect(decodeHttpScrapeAnswer(encodeHttpScrapeAnswer(failure))).toEqual(failure);
    expect(() => decodeHttpScrapeAnswer(Buffer.from('de'))).toThrow(/no "files"/);
  });
});

function refusedOrRead(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(TrackerFault);
  }
}
