import { describe, expect, it } from 'vitest';
import {
  MAX_BLOCK_BYTES,
  MAX_EXTENSION_HANDSHAKE_BYTES,
  MAX_EXTENSION_MESSAGE_BYTES,
  MAX_HASHES_PER_MESSAGE,
  MAX_METADATA_HEADER_BYTES,
  MAX_PEER_EXCHANGE_BYTES,
  MAX_PIECES,
  METADATA_BLOCK_BYTES,
} from '../../../src/limits.ts';
import { encodeBtHandshake } from '../../../src/wire/bt/handshake.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';
import {
  behindHandshake,
  decodeAll,
  decodeFrames,
  encode,
  extendedFrame,
  handshake,
  makeDecoder,
  rawFrame,
} from './bt-stream.ts';
import { compareBytesByValue } from './bytes-by-value.ts';

compareBytesByValue();

const NONE = new Uint8Array(0);

describe('the length of a frame', () => {
  /** Type, least and most bytes of its payload. */
  const bounds: readonly [string, number, number, number][] = [
    ['choke', 0, 0, 0],
    ['unchoke', 1, 0, 0],
    ['interested', 2, 0, 0],
    ['not interested', 3, 0, 0],
    ['have', 4, 4, 4],
    ['bitfield', 5, 0, MAX_PIECES / 8],
    ['request', 6, 12, 12],
    ['piece', 7, 9, 8 + MAX_BLOCK_BYTES],
    ['cancel', 8, 12, 12],
    ['port', 9, 2, 2],
    ['suggest', 13, 4, 4],
    ['have all', 14, 0, 0],
    ['have none', 15, 0, 0],
    ['reject', 16, 12, 12],
    ['allowed fast', 17, 4, 4],
    ['extended', 20, 1, 1 + MAX_EXTENSION_MESSAGE_BYTES],
    ['hash request', 21, 48, 48],
    ['hashes', 22, 48, 48 + MAX_HASHES_PER_MESSAGE * 32],
    ['hash reject', 23, 48, 48],
    ['of an unknown type', 99, 0, MAX_EXTENSION_MESSAGE_BYTES],
  ];

  it.each(bounds)('%s: as much as allowed is waited for or read', (_name, type, least, most) => {
    for (const length of [least, most])
      expect(() => decodeFrames(rawFrame(type, NONE, length))).not.toThrow();
  });

  it.each(bounds)(
    '%s: one byte too much is refused before any of it has come',
    (_name, type, _least, most) => {
      expect(() => decodeFrames(rawFrame(type, NONE, most + 1))).toThrow(ProtocolError);
      expect(() => decodeFrames(rawFrame(type, Buffer.alloc(8), most + 1))).toThrow(ProtocolError);
      expect(() => decodeFrames(rawFrame(type, NONE, 0xffff_fffe))).toThrow(ProtocolError);
    },
  );

  it.each(bounds.filter(([, , least]) => least > 0))(
    '%s: one byte too few is refused',
    (_name, type, least) => {
      expect(() => decodeFrames(rawFrame(type, NONE, least - 1))).toThrow(ProtocolError);
      expect(() => decodeFrames(rawFrame(type, Buffer.alloc(8), least - 1))).toThrow(ProtocolError);
    },
  );

  it.each([
    ['the extension handshake', 0, MAX_EXTENSION_HANDSHAKE_BYTES],
    ['metadata', 1, MAX_METADATA_HEADER_BYTES + METADATA_BLOCK_BYTES],
    ['peer exchange', 2, MAX_PEER_EXCHANGE_BYTES],
    ['an unknown extension', 3, MAX_EXTENSION_MESSAGE_BYTES],
  ])('of %s is bounded by its id', (_name, id, most) => {
    expect(() => decodeFrames(extendedFrame(id, NONE, most))).not.toThrow();
    expect(() => decodeFrames(extendedFrame(id, NONE, most + 1))).toThrow(ProtocolError);
  });

  it.each([0, 1, 2])('extension %d has at least a dictionary', (id) => {
    for (const length of [0, 1]) {
      expect(() => decodeFrames(extendedFrame(id, NONE, length))).toThrow(ProtocolError);
    }
  });

  it('hashes are whole', () => {
    expect(() => decodeFrames(rawFrame(22, Buffer.alloc(48 + 33)))).toThrow(ProtocolError);
  });
});

describe('a block', () => {
  it('is announced with its true length before a byte is taken, and can be refused', () => {
    const seen: number[][] = [];
    const takeBlock = (...place: number[]): never => {
      seen.push(place);
      throw new ProtocolError('not asked for');
    };
    const frame = Buffer.concat([
      rawFrame(7, Buffer.from('ffffffffffffffff', 'hex'), 8 + MAX_BLOCK_BYTES),
      Buffer.alloc(7),
    ]);
    const whole = behindHandshake(frame);
    expect(() => [...makeDecoder({ takeBlock }).push(whole)]).toThrow('not asked for');
    const decoder = makeDecoder({ takeBlock });
    expect(() => {
      for (const byte of whole) decoder.push(Uint8Array.of(byte)).next();
    }).toThrow('not asked for');
    const place = [0xffff_ffff, 0xffff_ffff, MAX_BLOCK_BYTES];
    expect(seen).toEqual([place, place]);
  });

  it('has at least one byte', () => {
    expect(() => decodeFrames(rawFrame(7, Buffer.alloc(8)))).toThrow(ProtocolError);
  });
});

describe('what is not known', () => {
  it('is skipped, and what follows is read', () => {
    const interested = encode({ type: 'interested' });
    const long = Buffer.alloc(MAX_EXTENSION_MESSAGE_BYTES, 7);
    const read = decodeFrames(rawFrame(99, long), interested, rawFrame(10, NONE), interested);
    expect(read).toEqual([{ type: 'interested' }, { type: 'interested' }]);
  });

  it('of extensions is told by its id only', () => {
    expect(decodeFrames(extendedFrame(77, Buffer.alloc(5_000)), extendedFrame(255, NONE))).toEqual([
      { type: 'unknown extension', id: 77 },
      { type: 'unknown extension', id: 255 },
    ]);
  });
});

describe('the fast extension (BEP 6)', () => {
  it.each([
    ['suggest', 13, 4],
    ['have all', 14, 0],
    ['have none', 15, 0],
    ['reject', 16, 12],
    ['allowed fast', 17, 4],
  ])('%s ends the link where not both sides set its bit', (_name, type, length) => {
    const stream = behindHandshake(rawFrame(type, Buffer.alloc(length)));
    expect(decodeAll([stream], { fast: true })).toHaveLength(2);
    expect(() => decodeAll([stream], { fast: false })).toThrow(ProtocolError);
  });

  it('can be switched on between the handshake and what came with it', () => {
    const decoder = makeDecoder();
    decoder.fast = false;
    const read = [];
    for (const input of decoder.push(behindHandshake(encode({ type: 'have all' })))) {
      if (input.type === 'handshake') decoder.fast = input.supports.fast;
      read.push(input.type);
    }
    expect(read).toEqual(['handshake', 'have all']);
  });
});

describe('a handshake', () => {
  it('is refused at its first wrong byte', () => {
    for (let at = 0; at < 20; at++) {
      const bytes = encodeBtHandshake(handshake);
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      const decoder = makeDecoder();
      expect([...decoder.push(bytes.subarray(0, at))]).toEqual([]);
      expect(() => [...decoder.push(bytes.subarray(at, at + 1))]).toThrow(ProtocolError);
    }
  });

  it('may have any other reserved bits', () => {
    const bytes = encodeBtHandshake(handshake);
    bytes.fill(0xff, 20, 28);
    expect(decodeAll([bytes])).toEqual([
      { ...handshake, supports: { extensions: true, fast: true, v2: true } },
    ]);
  });

  it('needs a peer id of 20 bytes', () => {
    expect(() => encodeBtHandshake({ ...handshake, peerId: Buffer.alloc(19) })).toThrow(RangeError);
  });
});
