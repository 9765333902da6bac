import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBlockHeader, encodeBtMessage } from '../../../src/wire/bt/encode.ts';
import { BT_FIRST_BYTE, BT_HANDSHAKE_BYTES, encodeBtHandshake } from '../../../src/wire/bt/handshake.ts';
import type { BtMessage } from '../../../src/wire/bt/message.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';
import { btMessage, everyMessage, messageKinds } from './arbitrary-bt.ts';
import {
  behindHandshake,
  blockFrame,
  cutAt,
  decodeAll,
  decodeFrames,
  decoding,
  encode,
  handshake,
  likeUs,
  makeDecoder,
} from './bt-stream.ts';
import { compareBytesByValue } from './bytes-by-value.ts';

compareBytesByValue();

const block = Buffer.from('forty bytes that somebody has asked for.');

/** Every message once, with blocks between them. */
const conversation = behindHandshake(
  ...everyMessage.flatMap((message, at) => [encode(message), blockFrame(at, 16_384, block.subarray(at))]),
);

describe('the BitTorrent codec', () => {
  it.each(Object.entries(messageKinds))('reads back every %s', (_kind, messages) => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeFrames(encode(message))).toEqual([message]);
      }),
    );
  });

  it('reads the same conversation wherever it is cut in two', () => {
    const whole = decodeAll([conversation]);
    expect(whole).toHaveLength(1 + 2 * everyMessage.length);
    for (let cut = 0; cut <= conversation.length; cut++) {
      expect(decodeAll([conversation.subarray(0, cut), conversation.subarray(cut)])).toEqual(whole);
    }
  });

  it('reads the same conversation byte by byte', () => {
    expect(decodeAll([...conversation].map((byte) => Uint8Array.of(byte)))).toEqual(
      decodeAll([conversation]),
    );
  });

  it('reads generated conversations however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(btMessage, { maxLength: 8 }),
        fc.array(fc.nat(2_000), { maxLength: 12 }),
        (messages, cuts) => {
          const stream = behindHandshake(...messages.map(encode));
          expect(decodeAll(cutAt(stream, cuts))).toEqual([handshake, ...messages]);
        },
      ),
    );
  });

  it('lets a chunk be used again as soon as its messages are read', () => {
    const chunk = Buffer.alloc(7);
    const decoder = makeDecoder();
    const bits = Buffer.from([0xff, 0x80, 0x01]);
    const stream = behindHandshake(encode({ type: 'bitfield', bits }));
    const read = [];
    for (let at = 0; at < stream.length; at += chunk.length) {
      const part = stream.subarray(at, at + chunk.length);
      chunk.set(part);
      read.push(...decoder.push(chunk.subarray(0, part.length)));
      chunk.fill(0xee);
    }
    expect(read).toEqual([handshake, { type: 'bitfield', bits }]);
  });
});

describe('the bytes of the specifications', () => {
  it('a handshake is 19, the name of the protocol, eight reserved bytes, info-hash and peer id', () => {
    const bytes = Buffer.from(
      encodeBtHandshake({ ...handshake, supports: { extensions: true, fast: true, v2: true } }),
    );
    expect(bytes).toHaveLength(BT_HANDSHAKE_BYTES);
    expect(bytes[0]).toBe(BT_FIRST_BYTE);
    expect(bytes.toString('latin1', 1, 20)).toBe('BitTorrent protocol');
    expect(bytes.toString('hex', 20, 28)).toBe('0000000000100014');
    expect(bytes.toString('hex', 28, 48)).toBe('ab'.repeat(20));
    expect(bytes.toString('latin1', 48)).toBe('-LS0400-0123456789ab');
  });

  it.each([
    ['extensions', '0000000000100000'],
    ['fast', '0000000000000004'],
    ['v2', '0000000000000010'],
  ])('one bit says %s', (name, reserved) => {
    const supports = { extensions: false, fast: false, v2: false, [name]: true };
    const bytes = encodeBtHandshake({ ...handshake, supports });
    expect(Buffer.from(bytes).toString('hex', 20, 28)).toBe(reserved);
    expect(decodeAll([bytes])).toEqual([{ ...handshake, supports }]);
  });

  it.each<[string, BtMessage]>([
    ['00000000', { type: 'keep-alive' }],
    ['0000000100', { type: 'choke' }],
    ['0000000101', { type: 'unchoke' }],
    ['0000000102', { type: 'interested' }],
    ['0000000103', { type: 'not interested' }],
    ['000000050400000102', { type: 'have', index: 258 }],
    ['0000000305ff80', { type: 'bitfield', bits: Buffer.from([0xff, 0x80]) }],
    ['0000000d06000000010000400000004000', { type: 'request', index: 1, begin: 16_384, length: 16_384 }],
    ['0000000d08000000010000400000004000', { type: 'cancel', index: 1, begin: 16_384, length: 16_384 }],
    ['00000003091ae1', { type: 'port', port: 6_881 }],
    ['000000050d00000007', { type: 'suggest', index: 7 }],
    ['000000010e', { type: 'have all' }],
    ['000000010f', { type: 'have none' }],
    ['0000000d10000000010000400000004000', { type: 'reject', index: 1, begin: 16_384, length: 16_384 }],
    ['000000051100000007', { type: 'allowed fast', index: 7 }],
    [
      `0000003115${'cd'.repeat(32)}00000004000002000000020000000003`,
      {
        type: 'hash request',
        piecesRoot: Buffer.alloc(32, 0xcd),
        baseLayer: 4,
        index: 512,
        length: 512,
        proofLayers: 3,
      },
    ],
  ])('%s', (hex, message) => {
    expect(Buffer.from(encode(message)).toString('hex')).toBe(hex);
    expect(decodeFrames(Buffer.from(hex, 'hex'))).toEqual([message]);
  });

  it('a block stands behind 13 bytes: length, 7, index, begin', () => {
    expect(Buffer.from(encodeBlockHeader(5, 0x4000, 0x4000)).toString('hex')).toBe(
      '0000400907'.concat('00000005', '00004000'),
    );
  });

  it('extension messages go under the ids that the peer asked for', () => {
    const frame = encodeBtMessage({ type: 'metadata request', piece: 3 }, { ...likeUs, metadataId: 9 });
    expect(Buffer.from(frame).toString('latin1')).toBe('\0\0\0\x1b\x14\x09d8:msg_typei0e5:piecei3ee');
  });

  it('an extension message for a peer that does not speak it is a mistake of ours', () => {
    const nothing = { metadataId: undefined, peerExchangeId: undefined };
    expect(() => encodeBtMessage({ type: 'metadata reject', piece: 3 }, nothing)).toThrow(TypeError);
    expect(() => encodeBtMessage({ type: 'peer exchange', added: [], dropped: [] }, nothing)).toThrow(
      TypeError,
    );
  });

  it('a file is named by 32 bytes, or it is a mistake of ours', () => {
    const place = { baseLayer: 0, index: 0, length: 1, proofLayers: 0 };
    expect(() => encode({ type: 'hash request', piecesRoot: Buffer.alloc(20), ...place })).toThrow(
      RangeError,
    );
  });
});

describe('a block', () => {
  const place = { index: 5, begin: 32_768, length: block.length };

  it('goes straight into the buffer that the receiver hands in', () => {
    const piece = Buffer.alloc(100);
    const asked: number[][] = [];
    const decoder = makeDecoder({
      takeBlock: (...header) => {
        asked.push(header);
        return piece.subarray(60);
      },
    });
    const [, arrived] = decoder.push(behindHandshake(blockFrame(5, 32_768, block)));
    expect(arrived).toEqual({ type: 'block', ...place });
    expect(asked).toEqual([[5, 32_768, 40]]);
    expect(piece.subarray(60).equals(block)).toBe(true);
    expect(piece.subarray(0, 60).every((byte) => byte === 0)).toBe(true);
  });

  it('can be received in its place, and is not copied then', () => {
    const long = Buffer.alloc(100_000, 'long');
    const frame = behindHandshake(blockFrame(5, 0, long));
    const start = frame.length - long.length;
    const buffer = Buffer.alloc(long.length);
    const decoder = makeDecoder({ takeBlock: () => buffer });
    expect(decoder.wanted).toBeUndefined();
    expect([...decoder.push(frame.subarray(0, start + 1_000))]).toEqual([handshake]);
    const wanted = decoder.wanted ?? Buffer.alloc(0);
    expect(wanted.byteOffset).toBe(buffer.byteOffset + 1_000);
    expect(wanted).toHaveLength(long.length - 1_000);
    wanted.set(frame.subarray(start + 1_000));
    buffer.set = () => {
      throw new Error('copied');
    };
    expect([...decoder.push(wanted)]).toEqual([{ type: 'block', index: 5, begin: 0, length: 100_000 }]);
    expect(buffer.equals(long)).toBe(true);
  });

  it('of which little is missing is received together with what follows', () => {
    const decoder = makeDecoder();
    const frame = behindHandshake(blockFrame(5, 0, Buffer.alloc(16_384)));
    expect([...decoder.push(frame.subarray(0, -1_000))]).toEqual([handshake]);
    expect(decoder.wanted).toBeUndefined();
  });

  it('that nobody needs is skipped, and what follows is read', () => {
    const stream = behindHandshake(blockFrame(5, 0, block), encode({ type: 'choke' }));
    for (let cut = 0; cut <= stream.length; cut++) {
      const decoder = makeDecoder({ takeBlock: () => undefined });
      const chunks = [stream.subarray(0, cut), stream.subarray(cut)];
      const inputs = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
      expect(inputs).toEqual([handshake, { type: 'choke' }]);
    }
  });

  it('does not begin behind a keep-alive, whatever the first byte of the next length is', () => {
    const inputs = decoding([behindHandshake(Buffer.from('0000000007000001000000000000000000', 'hex'))]);
    expect([inputs.next().value, inputs.next().value]).toEqual([handshake, { type: 'keep-alive' }]);
    expect(() => inputs.next()).toThrow(ProtocolError);
  });
});
