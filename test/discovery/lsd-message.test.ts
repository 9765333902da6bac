import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeLsd,
  encodeLsd,
  type LsdAnnouncement,
  MAX_COOKIE_CHARACTERS,
} from '../../src/discovery/lsd/lsd-message.ts';
import { LSD_GROUP_IPV4, LSD_GROUP_IPV6, MAX_LSD_DATAGRAM_BYTES } from '../../src/limits.ts';
import { type InfoHash, infoHashFromBytes } from '../../src/metainfo/metainfo.ts';

const A = 'a1'.repeat(20) as InfoHash;
const B = 'b2'.repeat(20) as InfoHash;

const infoHash = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .filter((bytes) => bytes.some((byte) => byte !== 0))
  .map(infoHashFromBytes);
const announcement: fc.Arbitrary<LsdAnnouncement> = fc.record({
  port: fc.integer({ min: 1, max: 65_535 }),
  infoHashes: fc.uniqueArray(infoHash, { minLength: 1, maxLength: 100 }),
  cookie: fc.option(fc.stringMatching(/^[0-9a-z]{1,32}$/), { nil: undefined }),
});

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');
const read = (datagram: string): ReturnType<typeof decodeLsd> => decodeLsd(Buffer.from(datagram, 'latin1'));
const announced = (...lines: readonly string[]): ReturnType<typeof decodeLsd> =>
  read(['BT-SEARCH * HTTP/1.1', ...lines, '', '', ''].join('\r\n'));

describe('an announcement of BEP 14', () => {
  it('is written as the BEP has it', () => {
    const [datagram] = encodeLsd({ port: 6881, infoHashes: [A], cookie: '1f' }, LSD_GROUP_IPV4);
    expect(text(datagram)).toBe(
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${A}\r\ncookie: 1f\r\n\r\n\r\n`,
    );
  });

  it('names the IPv6 group in brackets, without the scope it has here', () => {
    const [datagram] = encodeLsd({ port: 1, infoHashes: [A], cookie: undefined }, `${LSD_GROUP_IPV6}%eth0`);
    expect(text(datagram)).toContain('\r\nHost: [ff15::efc0:988f]:6771\r\n');
    expect(text(datagram)).not.toContain('cookie');
  });

  it('reads back the same, however many contents it takes, in datagrams that are not too long', () => {
    fc.assert(
      fc.property(announcement, fc.constantFrom(LSD_GROUP_IPV4, LSD_GROUP_IPV6), (told, group) => {
        const datagrams = encodeLsd(told, group);
        const heard = datagrams.map((bytes) => {
          expect(bytes.length).toBeLessThanOrEqual(MAX_LSD_DATAGRAM_BYTES);
          const message = decodeLsd(bytes);
          if ('fault' in message) throw new Error(message.fault);
          expect(message).toMatchObject({ port: told.port, cookie: told.cookie });
          return message.infoHashes;
        });
        expect(heard.flat()).toEqual(told.infoHashes);
        expect(datagrams.length).toBe(
          told.infoHashes.length <= 5 ? told.infoHashes.length : Math.ceil(told.infoHashes.length / 24),
        );
      }),
    );
  });

  it('has no content, and is not sent, where there is nothing to announce', () => {
    expect(encodeLsd({ port: 1, infoHashes: [], cookie: undefined }, LSD_GROUP_IPV4)).toEqual([]);
  });
});

describe('reading announcements', () => {
  const heard = { port: 6881, infoHashes: [A], cookie: undefined };

  it('takes what other clients write', () => {
    // µTorrent, Transmission (no cookie), libtorrent, and one with bare line feeds and other cases.
    expect(announced('Host: 239.192.152.143:6771', 'Port: 6881', `Infohash: ${A}`)).toEqual(heard);
    expect(announced('Host: x', 'Port: 6881', `Infohash: ${A.toUpperCase()}`)).toEqual(heard);
    expect(read(`bt-search * http/1.0\nPORT:6881\ninfohash :  ${A}  \nX-Other: 1\n\n`)).toEqual(heard);
    expect(
      announced(`Infohash: ${A}`, 'cookie: 5', 'Port: 6881', `Infohash: ${B}`, `Infohash: ${A}`),
    ).toEqual({
      port: 6881,
      infoHashes: [A, B],
      cookie: '5',
    });
  });

  it('leaves out info-hashes that are none, and cookies too long to keep', () => {
    const others = ['', 'a1', 'g'.repeat(40), '0'.repeat(40), `${A}a1`].map((value) => `Infohash: ${value}`);
    const cookie = `cookie: ${'x'.repeat(MAX_COOKIE_CHARACTERS + 1)}`;
    expect(announced('Port: 6881', ...others, `Infohash: ${A}`, cookie, 'no header')).toEqual(heard);
  });

  it.each([
    ['no content', announced('Port: 6881', 'Infohash: a1')],
    ['no port', announced(`Infohash: ${A}`)],
    ['no port', announced('Port: 0', `Infohash: ${A}`)],
    ['no port', announced('Port: 65536', `Infohash: ${A}`)],
    ['no port', announced('Port: 6881x', `Infohash: ${A}`)],
    ['no port', announced('Port: -1', `Infohash: ${A}`)],
    ['no port', announced('Port: 6881', 'Port: 22', `Infohash: ${A}`)],
    ['not an announcement', read('M-SEARCH * HTTP/1.1\r\nPort: 6881\r\n\r\n')],
    ['not an announcement', read('')],
    ['too long', read(`BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\nInfohash: ${A}\r\n\r\n${' '.repeat(1_500)}`)],
  ])('refuses one with %s', (fault, read) => {
    expect(read).toEqual({ fault });
  });

  it('believes nothing of a datagram that was cut', () => {
    const [whole = new Uint8Array()] = encodeLsd(
      { port: 6881, infoHashes: [A], cookie: 'abcd' },
      LSD_GROUP_IPV4,
    );
    const end = text(whole).indexOf('\r\n\r\n');
    for (let length = 0; length < end + 3; length++)
      expect(decodeLsd(whole.subarray(0, length)), `cut at ${length}`).toHaveProperty('fault');
  });

  it('stands any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_600 }), fc.boolean(), (garbage, begun) => {
        const start = begun ? Buffer.from('BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ') : Buffer.alloc(0);
        const message = decodeLsd(Buffer.concat([start, garbage]));
        if ('fault' in message) return;
        expect(message.port).toBeGreaterThan(0);
        for (const hash of message.infoHashes) expect(hash).toMatch(/^[0-9a-f]{40}$/);
      }),
    );
  });
});
