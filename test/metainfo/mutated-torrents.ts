import fc from 'fast-check';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from './libtorrent-samples.ts';
import { entry, folder, hybrid, link, padding, v1 } from './torrent-kinds/write.ts';

const WHOLE: readonly Uint8Array[] = [
  v1(
    { private: 1 },
    { announce: 'http://a/', 'announce-list': [['http://a/'], ['udp://b:1']], 'url-list': ['http://c/'] },
  ),
  folder([
    entry(['a', 'b.txt'], 20_000, { attr: 'x' }),
    padding(12_768),
    entry(['a', 'c'], 7_232),
    link(['l'], ['a', 'c']),
  ]),
  hybrid(),
  HYBRID_TORRENT,
  VERSION_2_TORRENT,
];

/** Pieces of bencode that mean something, put where they do not belong. */
const SPLINTERS = [
  'i0e',
  'i-1e',
  'i2e',
  'i1e',
  'le',
  'de',
  '0:',
  '1:p',
  '1:l',
  '4:attr',
  '4:path',
  'e',
  'd',
  'l',
  '2:..',
  '1:/',
  '6:lengthi5e',
  '12:meta versioni2e',
  '12:meta versioni1e',
  '5:filesle',
  '12:piece lengthi32768e',
  '0:de',
  '4:name1:x',
  '9:file treede',
  '10:name.utf-81:y',
  '10:path.utf-8l1:ze',
  '12:symlink pathl1:ae',
  '6:pieces0:',
];

const anyWhole = fc.constantFrom(...WHOLE);
const anyPlace = fc.nat(1_200);

const anyByteChanged = fc
  .tuple(anyWhole, fc.array(fc.tuple(anyPlace, fc.nat(255)), { minLength: 1, maxLength: 3 }))
  .map(([whole, changes]) => {
    const changed = Buffer.from(whole);
    for (const [place, byte] of changes) changed[place % changed.length] = byte;
    return changed;
  });

/** At the beginning of a value, so that the rest may still be read. */
const anySplinter = fc
  .tuple(anyWhole, anyPlace, fc.constantFrom(...SPLINTERS), fc.nat(1))
  .map(([whole, place, splinter, replaced]) => {
    const starts = valueStarts(whole);
    const start = starts[place % starts.length] ?? 0;
    const end = replaced === 1 ? (starts[(place % starts.length) + 1] ?? start) : start;
    return Buffer.concat([whole.subarray(0, start), Buffer.from(splinter), whole.subarray(end)]);
  });

const anyCut = fc.tuple(anyWhole, anyPlace, fc.nat(40)).map(([whole, place, length]) => {
  const start = place % whole.length;
  return Buffer.concat([whole.subarray(0, start), whole.subarray(start + length)]);
});

/** The same torrents for the same seed. */
export function mutatedTorrents(count: number, seed: number): readonly Uint8Array[] {
  return fc.sample(
    fc.oneof(
      { weight: 1, arbitrary: anyByteChanged },
      { weight: 4, arbitrary: anySplinter },
      { weight: 1, arbitrary: anyCut },
    ),
    {
      numRuns: count,
      seed,
    },
  );
}

/** Where each value and each end of one begins. */
function valueStarts(bytes: Uint8Array): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    starts.push(at);
    at = behindToken(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at);
  }
  return starts;
}

function behindToken(bytes: Buffer, at: number): number {
  const first = String.fromCharCode(bytes[at] ?? 0);
  if (first === 'i') return bytes.indexOf('e', at) + 1;
  if (!/\d/.test(first)) return at + 1;
  const colon = bytes.indexOf(':', at);
  return colon + 1 + Number(bytes.toString('latin1', at, colon));
}
