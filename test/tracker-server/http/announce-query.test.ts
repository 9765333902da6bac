import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PEERS_PER_ANSWER } from '../../../src/limits.ts';
import { emptyHttpAnnouncement, readAnnounceQuery } from '../../../src/tracker-server/http/announce-query.ts';
import { infoHashOf, infoHashWords, setWords } from '../../../src/tracker-server/registry/info-hash-words.ts';
import {
  decodeAnnounceQuery,
  encodeAnnounceQuery,
  type HttpAnnounceRequest,
} from '../../../src/wire/tracker/http-query.ts';
import { TrackerFault } from '../../../src/wire/tracker/tracker-fault.ts';
import { anyAnnounce } from '../../wire/tracker/arbitrary-announce.ts';
import { infoHashOfContent, peerIdOf } from '../announcing.ts';
import { query } from './some-tracker.ts';

function read(text: string) {
  const announcement = emptyHttpAnnouncement();
  const sentence = readAnnounceQuery(text, announcement);
  return sentence ?? announcement;
}

/** What a tracker needs of it. */
function asAnnouncement(request: HttpAnnounceRequest) {
  const announcement = emptyHttpAnnouncement();
  announcement.infoHash.set(infoHashWords(request.infoHash));
  setWords(announcement.peerId, request.peerId);
  announcement.port = request.port;
  announcement.event = request.event;
  announcement.isSeeder = request.left === 0 || request.event === 'completed';
  announcement.wanted = request.peersWanted ?? DEFAULT_PEERS_PER_ANSWER;
  announcement.isCompact = request.compact;
  return announcement;
}

/** What the codec in objects makes of it, or its sentence. */
function decoded(text: string) {
  try {
    return asAnnouncement(decodeAnnounceQuery(text));
  } catch (error) {
    if (error instanceof TrackerFault) return error.message;
    throw error;
  }
}

const GOOD = query();

describe('an announcement in a query', () => {
  it('is read as the codec in objects reads it', () => {
    fc.assert(
      fc.property(anyAnnounce, fc.boolean(), (announce, compact) => {
        const text = encodeAnnounceQuery({ ...announce, compact, trackerId: undefined });
        expect(read(text)).toEqual(decoded(text));
      }),
    );
  });

  it('is refused where that codec refuses its hash, its id or its port', () => {
    const value = fc.oneof(
      fc.string({ maxLength: 25 }),
      fc.array(fc.constantFrom('%', '%1', '%12', 'a', '%g0', '%0g', '\xff', '+'), { maxLength: 22 }),
      fc.integer().map(String),
    );
    const name = fc.constantFrom('info_hash', 'peer_id', 'port');
    fc.assert(
      fc.property(name, value, (field, broken) => {
        const text = `${field}=${[broken].flat().join('').replaceAll('&', '')}&${GOOD}`;
        expect(typeof read(text)).toBe(typeof decoded(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused in a sentence', () => {
    const without = (name: string) => GOOD.replace(new RegExp(`(^|&)${name}=[^&]*`), '');
    const withField = (name: string, value: string) => `${name}=${value}&${without(name)}`;
    expect(read('')).toBe('info_hash is missing');
    expect(read(without('info_hash'))).toBe('info_hash is missing');
    expect(read(without('peer_id'))).toBe('peer_id is missing');
    expect(read(without('port'))).toBe('port is missing');
    expect(read(withField('info_hash', '%12%34'))).toBe('info_hash is not 20 bytes');
    expect(read(withField('info_hash', '%zz'.repeat(20)))).toBe('info_hash is not 20 bytes');
    expect(read(withField('info_hash', `${'a'.repeat(19)}%1`))).toBe('info_hash is not 20 bytes');
    expect(read(withField('info_hash', '0123456789abcdef0123456789abcdef01234567'))).toBe(
      'info_hash is not 20 bytes',
    );
    for (const port of ['65536', '-1', '1e3', '99999999999999999999999', '0x10'])
      expect(read(withField('port', port))).toBe('port is no number from 0 to 65535');
    for (const amount of ['-1', 'NaN', '1.5', '9'.repeat(21)]) {
      for (const name of ['left', 'uploaded', 'downloaded'])
        expect(read(withField(name, amount))).toBe(`${name} is no number of bytes`);
    }
    expect(read(withField('numwant', 'all'))).toBe('numwant is no number');
  });

  it('may have each field in any order, with others, and counts the first of two', () => {
    const infoHash = (text: string) => {
      const announcement = read(text);
      return typeof announcement === 'string' ? announcement : infoHashOf(announcement.infoHash);
    };
    const fields = GOOD.split('&');
    const other = 'info_hash=ZZZZZZZZZZZZZZZZZZZZ';
    const expected = infoHashOfContent(1);
    expect(infoHash([...fields].reverse().join('&'))).toBe(expected);
    expect(infoHash(`ip=10.0.0.9&=&&x=1=2&${GOOD}&info_hash&${other}`)).toBe(expected);
  });

  it('is no seeder unless it says that nothing is left', () => {
    const isSeeder = (left: string) => {
      const announcement = read(`${GOOD.replace(/&left=\d+/, '')}${left}`);
      return typeof announcement === 'string' ? announcement : announcement.isSeeder;
    };
    expect(isSeeder('&left=0')).toBe(true);
    expect(isSeeder('&left=1')).toBe(false);
    expect(isSeeder('')).toBe(false);
    expect(isSeeder('&left=')).toBe(false);
    expect(isSeeder('&left=18446744073709551615')).toBe(false);
    expect(isSeeder('&left=5&event=completed')).toBe(true);
  });

  it('leaves the number of peers to the tracker where it names none, or -1', () => {
    for (const wanted of ['', '&numwant=', '&numwant=-1'])
      expect(read(`${GOOD}${wanted}`)).toMatchObject({ wanted: DEFAULT_PEERS_PER_ANSWER });
    expect(read(`${GOOD}&numwant=0`)).toMatchObject({ wanted: 0 });
  });

  it('takes peers as dictionaries where it says compact=0', () => {
    const form = (fields: string) => read(`${GOOD.replace('&compact=1', '')}${fields}`);
    expect(form('')).toMatchObject({ isCompact: true, withoutPeerIds: false });
    expect(form('&compact=0')).toMatchObject({ isCompact: false, withoutPeerIds: false });
    expect(form('&compact=0&no_peer_id=1')).toMatchObject({ isCompact: false, withoutPeerIds: true });
  });

  it('says who it is, byte by byte', () => {
    const peerId = new Uint32Array(5);
    setWords(peerId, peerIdOf('me'));
    expect(read(query({ id: 'me' }))).toMatchObject({ peerId });
  });
});
