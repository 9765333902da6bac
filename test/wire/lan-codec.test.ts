import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/holdings/holding.ts';
import { MAX_HASHES_PER_MESSAGE, MAX_HELLO_BYTES, MAX_PIECE_LENGTH_BYTES } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { LanDecoder } from '../../src/wire/lan/decode.ts';
import { encodeMessage, encodePieceHeader, encodePieceTrailer } from '../../src/wire/lan/encode.ts';
import { encodeHandshake } from '../../src/wire/lan/handshake.ts';
import {
  type LanInput,
  type LanMessage,
  ProtocolError,
  REFUSAL_REASONS,
} from '../../src/wire/lan/message.ts';

const hello: LanMessage = {
  type: 'hello',
  hello: {
    version: 1,
    infoHash: 'ab'.repeat(20) as InfoHash,
    peerId: '2d'.repeat(20) as PeerId,
    port: 47_470,
    maxRequests: 256,
    metainfoSize: 1_234,
    features: ['crc32'],
  },
};

const place = {
  piecesRoot: Buffer.alloc(32, 0xab),
  baseLayer: 4,
  index: 512,
  length: 4_294_967_295,
  proofLayers: 20,
};

const everyMessage: readonly LanMessage[] = [
  { type: 'choke' },
  { type: 'unchoke' },
  { type: 'interested' },
  { type: 'not interested' },
  { type: 'have', index: 7 },
  { type: 'bitfield', bits: Buffer.from([0xff, 0x80]) },
  { type: 'bitfield', bits: Buffer.alloc(0) },
  { type: 'request', index: 4_294_967_295 },
  hello,
  { type: 'metainfo offer', size: 99 },
  { type: 'metainfo request', offset: 262_144, length: 100 },
  { type: 'metainfo', offset: 262_144, bytes: Buffer.from('slice') },
  { type: 'hash request', ...place },
  { type: 'hashes', ...place, hashes: Buffer.alloc(64, 0x5a) },
  { type: 'hashes', ...place, hashes: Buffer.alloc(0) },
  { type: 'hash reject', ...place },
  { type: 'cancel', index: 3 },
  { type: 'reject', index: 4 },
  { type: 'refusal', reason: 'unknown content', text: 'nicht hier: ä' },
];

function decoder(checksummed = false): LanDecoder {
  const made = new LanDecoder({ takePiece: (_index, length) => Buffer.alloc(length) });
  made.checksummed = checksummed;
  return made;
}

function decodeAll(chunks: readonly Uint8Array[], checksummed = false): LanInput[] {
  const reader = decoder(checksummed);
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

function pieceFrame(index: number, content: Uint8Array, checksum?: number): Buffer {
  const header = encodePieceHeader(index, content.length, checksum !== undefined);
  return Buffer.concat([header, content, ...(checksum === undefined ? [] : [encodePieceTrailer(checksum)])]);
}

const afterHandshake = (bytes: Uint8Array): Buffer => Buffer.concat([encodeHandshake(1), bytes]);

describe('the lan codec', () => {
  it('starts with the 32 bytes of the assignment: header, ten zeros, big-endian ID', () => {
    const bytes = Buffer.from(encodeHandshake(1001));
    expect(bytes.toString('latin1', 0, 18)).toBe('P2PFILESHARINGPROJ');
    expect([...bytes.subarray(18)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xe9]);
  });

  it('frames a have as length 5, type 4, index', () => {
    expect([...encodeMessage({ type: 'have', index: 258 })]).toEqual([0, 0, 0, 5, 4, 0, 0, 1, 2]);
  });

  it('reads back every message', () => {
    const stream = afterHandshake(Buffer.concat(everyMessage.map(encodeMessage)));
    expect(decodeAll([stream])).toEqual([{ type: 'handshake', id: 1 }, ...everyMessage]);
  });

  it('reads the same messages wherever the stream is cut in two', () => {
    const content = Buffer.from('the content of a piece');
    const frames = [...everyMessage.map(encodeMessage), pieceFrame(9, content, crc32(content))];
    const stream = afterHandshake(Buffer.concat(frames));
    const whole = decodeAll([stream], true);
    expect(whole).toHaveLength(everyMessage.length + 2);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decodeAll([stream.subarray(0, cut), stream.subarray(cut)], true)).toEqual(whole);
    }
  });

  it('reads the same messages byte by byte', () => {
    const stream = afterHandshake(Buffer.concat(everyMessage.map(encodeMessage)));
    expect(decodeAll([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(decodeAll([stream]));
  });

  it('reads generated streams however they are cut', () => {
    const message = fc.constantFrom(...everyMessage);
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (messages, cuts) => {
          const stream = afterHandshake(Buffer.concat(messages.map(encodeMessage)));
          const borders = [
            0,
            ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b),
            stream.length,
          ];
          const chunks = borders.slice(1).map((end, at) => stream.subarray(borders[at], end));
          expect(decodeAll(chunks)).toEqual([{ type: 'handshake', id: 1 }, ...messages]);
        },
      ),
    );
  });

  it('ends in messages or a ProtocolError, whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, shaken) => {
        try {
          decodeAll([shaken ? afterHandshake(noise) : noise]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a piece', () => {
  const content = Buffer.from('0123456789');

  it('goes straight into the buffer that the receiver hands in', () => {
    const buffer = Buffer.alloc(10);
    const reader = new LanDecoder({ takePiece: () => buffer });
    const [, piece] = [...reader.push(afterHandshake(pieceFrame(5, content)))];
    expect(piece).toMatchObject({ type: 'piece', index: 5, sentCrc32: undefined });
    expect(piece?.type === 'piece' && piece.content).toBe(buffer);
    expect(buffer.equals(content)).toBe(true);
  });

  it('comes with the checksum that its sender gave it, where one was agreed on', () => {
    const [, piece] = decodeAll([afterHandshake(pieceFrame(5, content, 0xdead_beef))], true);
    expect(piece).toMatchObject({ type: 'piece', sentCrc32: 0xdead_beef });
  });

  it('can be received in its place, and is not copied then', () => {
    const long = Buffer.alloc(100_000, 'long');
    const frame = afterHandshake(pieceFrame(5, long));
    const start = frame.length - long.length;
    const buffer = Buffer.alloc(long.length);
    const reader = new LanDecoder({ takePiece: () => buffer });
    expect(reader.wanted).toBeUndefined();
    expect([...reader.push(frame.subarray(0, start + 1000))]).toHaveLength(1);
    const place = reader.wanted;
    expect(place?.byteOffset).toBe(buffer.byteOffset + 1000);
    expect(place?.length).toBe(long.length - 1000);
    place?.set(frame.subarray(start + 1000));
    expect(place === undefined ? [] : [...reader.push(place)]).toMatchObject([
      { type: 'piece', content: long },
    ]);
  });

  it('that nobody needs is skipped, and what follows is read', () => {
    const reader = new LanDecoder({ takePiece: () => undefined });
    const stream = afterHandshake(Buffer.concat([pieceFrame(5, content), encodeMessage({ type: 'choke' })]));
    expect([...reader.push(stream)].map((input) => input.type)).toEqual(['handshake', 'choke']);
  });

  it('is announced with its true length before a byte is taken', () => {
    const seen: [number, number][] = [];
    const reader = new LanDecoder({
      takePiece(index, length) {
        seen.push([index, length]);
        throw new ProtocolError('not asked for');
      },
    });
    const bytes = afterHandshake(pieceFrame(77, content));
    expect(() => [...reader.push(bytes)]).toThrow(ProtocolError);
    expect(seen).toEqual([[77, 10]]);
  });
});

describe('what breaks the protocol is refused before memory is spent', () => {
  const header = (length: number, type: number): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes.writeUInt32BE(length);
    bytes.writeUInt8(type, 4);
    return bytes;
  };

  it.each([
    ['a frame of length zero', header(0, 0)],
    ['a choke with a payload', header(2, 0)],
    ['a have without an index', header(1, 4)],
    ['a have with five bytes', header(6, 4)],
    ['a bitfield of more pieces than there can be', header(262_146, 5)],
    ['a piece without content', header(5, 7)],
    ['a piece larger than any', header(1 + 4 + MAX_PIECE_LENGTH_BYTES + 1, 7)],
    ['a frame of four gigabytes', header(0xffff_ffff, 7)],
    ['a hello of more than its limit', header(1 + MAX_HELLO_BYTES + 1, 16)],
    ['a hash request of another size', header(1 + 47, 23)],
    ['a hash reject of another size', header(1 + 49, 25)],
    ['more hashes than a message may have', header(1 + 48 + 32 * (MAX_HASHES_PER_MESSAGE + 1), 24)],
    ['half a hash', Buffer.concat([header(1 + 48 + 16, 24), Buffer.alloc(64)])],
    ['a type that does not exist', header(1, 99)],
    ['a hello that is not bencoded', Buffer.concat([header(6, 16), Buffer.from('xxxxx')])],
    ['a hello without its keys', Buffer.concat([header(3, 16), Buffer.from('de')])],
  ])('%s', (_name, bytes) => {
    expect(() => decodeAll([afterHandshake(bytes)])).toThrow(ProtocolError);
  });

  it('a handshake is refused at its first wrong byte', () => {
    for (let at = 0; at < 28; at++) {
      const bytes = Buffer.from(encodeHandshake(1));
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      const reader = decoder();
      expect([...reader.push(bytes.subarray(0, at))]).toEqual([]);
      expect(() => [...reader.push(bytes.subarray(at, at + 1))]).toThrow(ProtocolError);
    }
  });

  it('a refusal with a reason that is newer than we are still tells its text', () => {
    const bytes = Buffer.concat([
      header(6, 21),
      Buffer.from([REFUSAL_REASONS.length, ...Buffer.from('busy')]),
    ]);
    expect(decodeAll([afterHandshake(bytes)])[1]).toEqual({
      type: 'refusal',
      reason: 'closing',
      text: 'busy',
    });
  });
});
