import { describe, expect, it } from 'vitest';
import {
  MAX_CLIENT_NAME_BYTES,
  MAX_EXCHANGED_PEERS,
  MAX_TORRENT_BYTES,
  METADATA_BLOCK_BYTES,
} from '../../../src/limits.ts';
import { encodeBencode } from '../../../src/metainfo/bencode.ts';
import type { Endpoint } from '../../../src/platform/endpoint.ts';
import type { BtMessage } from '../../../src/wire/bt/message.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';
import { decodeFrames, encode, extendedFrame, type Read } from './bt-stream.ts';
import { compareBytesByValue } from './bytes-by-value.ts';

compareBytesByValue();

const only = (read: readonly Read[]): Read => {
  const [first] = read;
  if (first === undefined || read.length !== 1) throw new Error(`${read.length} messages`);
  return first;
};

const silent = {
  metadataId: undefined,
  peerExchangeId: undefined,
  metadataSize: undefined,
  port: undefined,
  client: undefined,
  maxRequests: undefined,
  uploadOnly: false,
};

describe('an extension handshake (BEP 10)', () => {
  const read = (dictionary: string): Read => only(decodeFrames(extendedFrame(0, dictionary)));
  const says = (said: object): object => ({
    type: 'extension handshake',
    extension: { ...silent, ...said },
  });

  it('may say nothing', () => {
    expect(read('de')).toEqual(says({}));
  });

  it.each([
    ['an id of 0 takes an extension back', 'd1:md6:ut_pexi0eee'],
    ['an id is one byte', 'd1:md6:ut_pexi256eee'],
    ['an id is no string', 'd1:md6:ut_pex1:1ee'],
    ['m is no list', 'd1:ml6:ut_pexee'],
    ['a size of nothing is none', 'd13:metadata_sizei0ee'],
    ['a negative size is none', 'd13:metadata_sizei-1ee'],
    ['a size beyond any torrent is none', `d13:metadata_sizei${MAX_TORRENT_BYTES + 1}ee`],
    ['a size as text is none', 'd13:metadata_size3:100e'],
    ['nobody listens on port 0', 'd1:pi0ee'],
    ['ports end at 65535', 'd1:pi65536ee'],
    ['a queue of nothing cannot be meant', 'd4:reqqi0ee'],
    ['a name is no number', 'd1:vi7ee'],
    ['a name without a character is none', 'd1:v0:e'],
    ['upload_only may be 0', 'd11:upload_onlyi0ee'],
    ['upload_only as text is not said', 'd11:upload_only1:1e'],
    ['keys of others are ignored', 'd12:complete_agoi-1e4:ipv44:abcd4:testld1:ai1eee6:yourip4:abcde'],
  ])('%s', (_rule, dictionary) => {
    expect(read(dictionary)).toEqual(says({}));
  });

  it('may be unsorted, and followed by bytes of no meaning', () => {
    expect(read('d4:reqqi7e1:pi80ee\r\n')).toEqual(says({ maxRequests: 7, port: 80 }));
  });

  it('cuts the name of a program before the character that does not fit', () => {
    const name = `${'x'.repeat(MAX_CLIENT_NAME_BYTES - 1)}äöü`;
    expect(read(`d1:v${Buffer.byteLength(name)}:${Buffer.from(name).toString('latin1')}e`)).toEqual(
      says({ client: 'x'.repeat(MAX_CLIENT_NAME_BYTES - 1) }),
    );
  });

  it('shows what is no UTF-8 as such', () => {
    expect(read('d1:v3:a\xffbe')).toEqual(says({ client: 'a\ufffdb' }));
  });
});

describe('metadata (BEP 9)', () => {
  const read = (payload: string): Read => only(decodeFrames(extendedFrame(1, payload)));

  it('is what stands behind the dictionary, even where it looks like one', () => {
    expect(read('d8:msg_typei1e5:piecei2e10:total_sizei99eed1:xe')).toEqual({
      type: 'metadata',
      piece: 2,
      totalSize: 99,
      bytes: Buffer.from('d1:xe'),
    });
  });

  it('comes in blocks of up to 16 KiB', () => {
    const message: BtMessage = {
      type: 'metadata',
      piece: 0,
      totalSize: 99_999,
      bytes: Buffer.alloc(METADATA_BLOCK_BYTES, 'block'),
    };
    expect(decodeFrames(encode(message))).toEqual([message]);
  });

  it('a message of a type that is not known is ignored', () => {
    expect(read('d8:msg_typei3e5:piecei2ee')).toEqual({ type: 'unknown extension', id: 1 });
    expect(read('d5:piecei2ee')).toEqual({ type: 'unknown extension', id: 1 });
  });

  it.each([
    ['a request without a piece', 'd8:msg_typei0ee'],
    ['a request for a negative piece', 'd8:msg_typei0e5:piecei-1ee'],
    ['a request beyond any torrent', 'd8:msg_typei0e5:piecei641ee'],
    ['a reject without a piece', 'd8:msg_typei2ee'],
    ['a block without the whole size', 'd8:msg_typei1e5:piecei0eexxx'],
    ['a whole size of nothing', 'd8:msg_typei1e5:piecei0e10:total_sizei0eexxx'],
    [
      'a whole size beyond any torrent',
      `d8:msg_typei1e5:piecei0e10:total_sizei${MAX_TORRENT_BYTES + 1}eexxx`,
    ],
    ['a block of more than 16 KiB', `d8:msg_typei1e5:piecei0e10:total_sizei99999ee${'x'.repeat(16_385)}`],
    ['a header of more than a kilobyte', `d8:msg_typei0e5:piecei0e1:x1000:${'x'.repeat(1_000)}e`],
    ['a header that never ends', 'd8:msg_typei0e5:piecei0e'],
    ['no dictionary', 'i1e'],
  ])('%s is refused', (_name, payload) => {
    expect(() => read(payload)).toThrow(ProtocolError);
  });
});

describe('a peer exchange (BEP 11)', () => {
  const read = (dictionary: Readonly<Record<string, Uint8Array | number>>): Read =>
    only(decodeFrames(extendedFrame(2, encodeBencode(dictionary))));
  const compact = (count: number, port = 6_881): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, at) => Buffer.of(10, 0, at >> 8, at & 0xff, port >> 8, port & 0xff)),
    );

  it('has peers of both families, with a flag for seeds', () => {
    const ipv6 = Buffer.concat([
      Buffer.from('fd77'.concat('00'.repeat(13), '01'), 'hex'),
      Buffer.of(0x1a, 0xe1),
    ]);
    expect(
      read({
        added: compact(2),
        'added.f': Buffer.of(0x13, 0x10),
        added6: ipv6,
        'added6.f': Buffer.of(0x02),
        dropped: compact(1),
        dropped6: ipv6,
      }),
    ).toEqual({
      type: 'peer exchange',
      added: [
        { endpoint: { host: '10.0.0.0', port: 6_881 }, seed: true },
        { endpoint: { host: '10.0.0.1', port: 6_881 }, seed: false },
        { endpoint: { host: 'fd77::1', port: 6_881 }, seed: true },
      ],
      dropped: [
        { host: '10.0.0.0', port: 6_881 },
        { host: 'fd77::1', port: 6_881 },
      ],
    });
  });

  it('leaves out port 0, and gives the others their own flags', () => {
    const added = Buffer.concat([compact(1, 0), compact(2)]);
    expect(read({ added, 'added.f': Buffer.of(0x02, 0x00, 0x02), dropped: compact(2, 0) })).toEqual({
      type: 'peer exchange',
      added: [
        { endpoint: { host: '10.0.0.0', port: 6_881 }, seed: false },
        { endpoint: { host: '10.0.0.1', port: 6_881 }, seed: true },
      ],
      dropped: [],
    });
  });

  it('knows an IPv4 address in the form of IPv6 for what it is', () => {
    const mapped = Buffer.from('00000000000000000000ffff0a4d00021ae1', 'hex');
    expect(read({ added6: mapped })).toMatchObject({
      added: [{ endpoint: { host: '10.77.0.2', port: 6_881 } }],
    });
  });

  it('of too many peers is cut', () => {
    const many = compact(MAX_EXCHANGED_PEERS + 1);
    const message = read({ added: many, dropped: many });
    expect(message).toMatchObject({ type: 'peer exchange' });
    if (message.type !== 'peer exchange') return;
    expect(message.added).toHaveLength(MAX_EXCHANGED_PEERS);
    expect(message.dropped).toHaveLength(MAX_EXCHANGED_PEERS);
  });

  it('ignores half an address, and keys of another type', () => {
    expect(read({ added: compact(1).subarray(0, 5), 'added.f': 2, added6: 7 })).toEqual({
      type: 'peer exchange',
      added: [],
      dropped: [],
    });
  });

  it('does not tell what means something to us only', () => {
    const told = { host: '10.77.0.2', port: 80 };
    const all = [
      { host: 'fe80::1%eth0', port: 80 },
      { host: 'some-host', port: 80 },
      { host: '10.77.0.3', port: 0 },
      told,
    ];
    const exchange = (peers: readonly Endpoint[]): Uint8Array =>
      encode({
        type: 'peer exchange',
        added: peers.map((endpoint) => ({ endpoint, seed: false })),
        dropped: peers,
      });
    expect(exchange(all)).toEqual(exchange([told]));
  });
});

describe('a bencode bomb', () => {
  const bombs: readonly [string, string][] = [
    ['nothing', ''],
    ['lists a little too deep', 'd1:a'.concat('l'.repeat(9), 'e'.repeat(10))],
    ['lists in lists', 'd1:a'.concat('l'.repeat(2_000), 'e'.repeat(2_001))],
    ['dictionaries in dictionaries', 'd1:a'.repeat(1_000).concat('de', 'e'.repeat(1_000))],
    ['thousands of empty strings', `d1:al${'0:'.repeat(7_000)}ee`],
    ['a string of four gigabytes', 'd1:a4294967296:e'],
    ['a number without end', `d1:ai${'9'.repeat(5_000)}ee`],
    ['a key twice', 'd1:ai1e1:ai2ee'],
    ['a dictionary without end', 'd'],
    ['digits only', '1'.repeat(5_000)],
  ];

  it.each([0, 1, 2].flatMap((id) => bombs.map(([name, bomb]) => [name, id, bomb] as const)))(
    'of %s under id %d is refused',
    (_name, id, bomb) => {
      expect(() => decodeFrames(extendedFrame(id, bomb))).toThrow(ProtocolError);
    },
  );
});
