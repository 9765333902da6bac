import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import {
  MAX_FILE_RANGES,
  MAX_MAGNET_CHARACTERS,
  MAX_MAGNET_PEERS,
  MAX_MAGNET_TRACKERS,
} from '../../src/limits.ts';
import { formatMagnet, isMagnet, type Magnet, parseMagnet } from '../../src/metainfo/magnet.ts';
import { infoHashFromBytes } from '../../src/metainfo/metainfo.ts';

const HASH = 'd2474e86c95b19b8bcfdb92bc12c9d44667cfa36';
const HASH_V2 = 'caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e';
const BARE: Magnet = {
  infoHash: infoHashFromBytes(Buffer.from(HASH, 'hex')),
  infoHashV2: undefined,
  name: undefined,
  length: undefined,
  trackers: [],
  webSeeds: [],
  peers: [],
  select: undefined,
};

function fault(link: string): string {
  try {
    parseMagnet(link);
  } catch (error) {
    if (error instanceof LanshareError && error.exitCode === 8) return error.message;
    throw error;
  }
  return 'none';
}

function link(...parameters: readonly string[]): string {
  return `magnet:?xt=urn:btih:${HASH}${parameters.map((parameter) => `&${parameter}`).join('')}`;
}

describe('a magnet link', () => {
  it('names a content by 40 hexadecimal or 32 base32 digits, in either case', () => {
    expect(parseMagnet(link())).toEqual(BARE);
    const base32 = '2JDU5BWJLMM3RPH5XEV4CLE5IRTHZ6RW';
    for (const digits of [HASH.toUpperCase(), base32, base32.toLowerCase()])
      expect(parseMagnet(`MAGNET:?XT=URN:BTIH:${digits}`)).toEqual(BARE);
  });

  it('of v2 alone is known on the wire by the first half of its hash', () => {
    const magnet = parseMagnet(`magnet:?xt=urn:btmh:1220${HASH_V2}`);
    expect(magnet).toMatchObject({ infoHash: HASH_V2.slice(0, 40), infoHashV2: HASH_V2 });
  });

  it('of a hybrid has both hashes', () => {
    const magnet = parseMagnet(link(`xt=urn:btmh:1220${HASH_V2}`));
    expect(magnet).toMatchObject({ infoHash: HASH, infoHashV2: HASH_V2 });
  });

  it('says a name, a length, trackers, web seeds, peers and files', () => {
    const magnet = parseMagnet(
      link(
        'dn=Caf%C3%A9+au%20lait',
        'xl=1048576',
        'tr=http%3A%2F%2Ftracker.example%2Fannounce%3Fkey%3Da%2Bb',
        'tr.1=udp://tracker.example:6969',
        'ws=https://mirror.example/pub/',
        'x.pe=10.0.0.5:6881',
        'x.pe=[fd77::1]:6881',
        'x.pe=peer.example%3A6881',
        'so=0,2,4-7',
      ),
    );
    expect(magnet).toEqual({
      ...BARE,
      name: 'Café au lait',
      length: 1_048_576,
      trackers: ['http://tracker.example/announce?key=a+b', 'udp://tracker.example:6969'],
      webSeeds: ['https://mirror.example/pub/'],
      peers: [
        { host: '10.0.0.5', port: 6881 },
        { host: 'fd77::1', port: 6881 },
        { host: 'peer.example', port: 6881 },
      ],
      select: [
        { first: 0, last: 0 },
        { first: 2, last: 2 },
        { first: 4, last: 7 },
      ],
    });
  });

  it('may say what is not known here; that is left out', () => {
    const others = [
      'xt=urn:sha1:2JDU5BWJLMM3RPH5XEV4CLE5IRTHZ6RW',
      'tr=wss://tracker.example',
      'tr=',
      'tr=http://',
      'ws=ftp://mirror.example/',
      'ws=file:///etc/passwd',
      'x.pe=10.0.0.5',
      'x.pe=10.0.0.5:0',
      'x.pe=10.0.0.5:70000',
      'x.pe=fd77::1:6881',
      'dn=%ff',
      `dn=${'x'.repeat(256)}`,
      'xl=many',
      'xl=9999999999999999',
      'kt=words',
      '',
      '=',
    ];
    expect(parseMagnet(link(...others))).toEqual(BARE);
  });

  it('has each tracker once', () => {
    const magnet = parseMagnet(link('tr=udp://t.example:1', 'tr=udp://t.example:1'));
    expect(magnet.trackers).toEqual(['udp://t.example:1']);
  });
});

describe('a magnet link that is none', () => {
  it.each([
    ['magnet:', /does not start with "magnet:\?"/],
    ['magnet:?', /names no BitTorrent content/],
    ['magnet:?dn=x&tr=udp://t.example:1', /names no BitTorrent content/],
    ['magnet:?xt=urn:sha1:2JDU5BWJLMM3RPH5XEV4CLE5IRTHZ6RW', /names no BitTorrent content/],
    [`magnet:?xt=urn:btih:${HASH.slice(1)}`, /neither 40 hexadecimal nor 32 base32/],
    ['magnet:?xt=urn:btih:2JDU5BWJLMM3RPH5XEV4CLE5IRTHZ6R1', /neither 40 hexadecimal nor 32 base32/],
    [`magnet:?xt=urn:btmh:1114${HASH}`, /v2 info-hash is not/],
    [link('xt=urn:btih:2JDU5BWJLMM3RPH5XEV4CLE5IRTHZ6RA'), /names several contents/],
    [link('so=1,x'), /choice of files/],
    [link('so=5-3'), /choice of files/],
    [link('so='), /choice of files/],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(fault(text)).toMatch(sentence);
  });

  it('that is too long, or has too much of something, is refused', () => {
    const many = (count: number, one: (at: number) => string) =>
      Array.from({ length: count }, (_, at) => one(at));
    expect(fault(link('x'.repeat(MAX_MAGNET_CHARACTERS)))).toMatch(/longer than/);
    expect(fault(link(...many(MAX_MAGNET_TRACKERS + 1, (at) => `tr=udp://t:${at}`)))).toMatch(/trackers/);
    expect(fault(link(...many(MAX_MAGNET_PEERS + 1, (at) => `x.pe=10.0.0.1:${at + 1}`)))).toMatch(/peers/);
    expect(fault(link(`so=${many(MAX_FILE_RANGES + 1, () => '1').join(',')}`))).toMatch(/choice of files/);
  });

  it('with anything in its parameters is refused with exit code 8 and one plain sentence, or read within limits', () => {
    const key = fc.constantFrom(
      'xt',
      'dn',
      'xl',
      'tr',
      'tr.1',
      'ws',
      'x.pe',
      'so',
      'xs',
      'as',
      'kt',
      'XT',
      '',
      '__proto__',
    );
    const value = fc.oneof(
      fc.constantFrom(
        `urn:btih:${HASH}`,
        `urn:btmh:1220${HASH_V2}`,
        'urn:btih:',
        'urn:btmh:1220',
        'urn:sha1:x',
        '..%2f..%2fetc%2fpasswd',
        '%00%1b%5b2J',
        '%ff',
        '%',
        '0-4294967295',
        '-1',
        '9'.repeat(400),
        'file:///etc/passwd',
        'http://[::1',
        'http://a@b:99999/',
        '[::1]:0',
        '255.255.255.255:65536',
        ':',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }).map(encodeURIComponent),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const parameters = fc.array(fc.tuple(key, value), { maxLength: 8 });
    fc.assert(
      fc.property(parameters, fc.boolean(), (pairs, named) => {
        const text = `magnet:?${named ? `xt=urn:btih:${HASH}&` : ''}${pairs.map((pair) => pair.join('=')).join('&')}`;
        expect(fault(text)).toMatch(/^(?:none|this is not a valid magnet link: [\x20-\x7e]+)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['&', '%', '%41', 'tr=', 'so=0,', ',', 'x.pe=[', 'xt=urn:btih:', '&xt=urn:btih:', '+', '='])(
    'of as many %j as fit is refused or read, and no more',
    (piece) => {
      const room = MAX_MAGNET_CHARACTERS - link('').length;
      expect(fault(link(piece.repeat(room / piece.length)))).toMatch(
        /^(?:none|this is not a valid magnet link: .+)$/,
      );
    },
  );

  it('of any text is refused with exit code 8, or read', () => {
    const piece = fc.constantFrom(
      'magnet:?',
      'xt=urn:btih:',
      HASH,
      '&',
      '=',
      '%',
      'tr',
      '.1',
      'so=',
      'x.pe=',
      '[',
      ':',
    );
    const texts = fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(fc.property(texts, (text) => void fault(`magnet:?xt=urn:btih:${HASH}&${text}`)));
    fc.assert(fc.property(texts, (text) => void fault(text)));
  });
});

describe('a magnet that is written', () => {
  const hex = (digits: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
  const urls = (...schemes: string[]) =>
    fc.uniqueArray(
      fc
        .tuple(fc.constantFrom(...schemes), fc.webPath())
        .map(([scheme, path]) => `${scheme}://h.example${path}?a=b+c&d`),
      { maxLength: 3 },
    );
  const magnets: fc.Arbitrary<Magnet> = fc.record({
    infoHash: hex(40).map((digits) => infoHashFromBytes(Buffer.from(digits, 'hex'))),
    infoHashV2: fc.option(hex(64), { nil: undefined }),
    name: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { nil: undefined }),
    length: fc.option(fc.maxSafeNat(), { nil: undefined }),
    trackers: urls('http', 'udp'),
    webSeeds: urls('http', 'https'),
    peers: fc.uniqueArray(
      fc.record({
        host: fc.oneof(fc.ipV4(), fc.constant('fd77::1'), fc.domain()),
        port: fc.integer({ min: 1, max: 65_535 }),
      }),
      { maxLength: 3, selector: ({ host, port }) => `${host} ${port}` },
    ),
    select: fc.option(
      fc.array(
        fc
          .nat(1000)
          .chain((first) =>
            fc.record({ first: fc.constant(first), last: fc.integer({ min: first, max: 2000 }) }),
          ),
        { minLength: 1, maxLength: 4 },
      ),
      { nil: undefined },
    ),
  });

  it('is read as the same magnet', () => {
    fc.assert(
      fc.property(magnets, (magnet) => {
        expect(parseMagnet(formatMagnet(magnet))).toEqual(magnet);
      }),
    );
  });

  it('of v2 alone does not claim a v1 hash', () => {
    const text = `magnet:?xt=urn:btmh:1220${HASH_V2}`;
    expect(formatMagnet(parseMagnet(text))).toBe(text);
  });

  it('is told from a name', () => {
    expect(isMagnet(link())).toBe(true);
    expect(isMagnet('magnet.txt')).toBe(false);
  });
});
