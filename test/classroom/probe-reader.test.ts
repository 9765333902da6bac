import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Said } from '../../src/classroom/probe/conversation.ts';
import { ProgramReader } from '../../src/classroom/probe/program-reader.ts';
import { encodeMessage, encodePieceHeader } from '../../src/wire/lan/encode.ts';
import { encodeHandshake } from '../../src/wire/lan/handshake.ts';

const HANDSHAKE = Buffer.from(encodeHandshake(1001));
const STREAM = Buffer.concat([
  HANDSHAKE,
  encodeMessage({ type: 'bitfield', bits: Uint8Array.of(0xa0) }),
  encodeMessage({ type: 'interested' }),
  // A message of type 9, an `unchoke` with a payload, a `have` that is too short.
  Buffer.from([0, 0, 0, 3, 9, 1, 2]),
  Buffer.from([0, 0, 0, 2, 1, 1]),
  Buffer.from([0, 0, 0, 3, 4, 0, 0]),
  encodeMessage({ type: 'request', index: 7 }),
  encodePieceHeader(3, 4, false),
  Buffer.from('four'),
  encodeMessage({ type: 'choke' }),
]);
const SAID: readonly Said[] = [
  { type: 'handshake', bytes: HANDSHAKE },
  { type: 'bitfield', bits: Buffer.of(0xa0) },
  { type: 'interested' },
  { type: 'unknown', frameType: 9, payloadBytes: 2 },
  { type: 'misshapen', name: 'unchoke', payloadBytes: 1 },
  { type: 'misshapen', name: 'have', payloadBytes: 2 },
  { type: 'request', index: 7 },
  { type: 'piece', index: 3, length: 4, content: 'right' },
  { type: 'choke' },
];

describe('what a program sends', () => {
  it('is read the same however it is cut, from memory that is used again', () => {
    const cuts = fc.array(fc.nat(STREAM.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        expect(readInParts(STREAM, places)).toEqual(SAID);
      }),
    );
  });

  it('is read the same byte by byte', () => {
    expect(readInParts(STREAM, [...STREAM.keys()])).toEqual(SAID);
  });

  it('costs no exception and no endless memory, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const said = readInParts(Buffer.concat([HANDSHAKE, bytes]), [20, 32]);
        expect(said.length).toBeLessThanOrEqual(2 + bytes.length / 5);
      }),
    );
  });

  it('is not read on where a length makes no sense, and the likely reason is told', () => {
    expect(whenItSays([1, 0, 0, 0, 2])).toMatchObject({ text: /little-endian/ });
    expect(whenItSays([...Buffer.from('0001'), 2])).toMatchObject({ text: /written as text/ });
    expect(whenItSays([0, 0, 0, 0, 2])).toMatchObject({ text: /length 0/ });
    expect(whenItSays([9, 9, 9, 9, 9])).toMatchObject({ text: /message before/ });
  });

  it('that ends within a message is told', () => {
    expect(whenItSays([0, 0, 0, 5, 4, 0])).toEqual({
      type: 'unreadable',
      text: 'the connection ends within a message, at its payload',
    });
  });

  it('is told even where it is less than a handshake', () => {
    expect(readInParts(HANDSHAKE.subarray(0, 28), [])).toEqual([
      { type: 'handshake', bytes: HANDSHAKE.subarray(0, 28) },
    ]);
  });
});

function whenItSays(bytes: readonly number[]): Said | undefined {
  return readInParts(Buffer.concat([HANDSHAKE, Buffer.from(bytes)]), [])[1];
}

/** All parts pass through the same memory, as a socket's do. */
function readInParts(stream: Buffer, cuts: readonly number[]): readonly Said[] {
  const said: Said[] = [];
  const reader = new ProgramReader({
    onSaid: (one) => said.push(one),
    checkContent: (_, content) => (Buffer.from(content).toString() === 'four' ? 'right' : 'wrong'),
  });
  const memory = Buffer.alloc(stream.length);
  const places = [0, ...[...cuts].sort((one, other) => one - other), stream.length];
  for (const [at, start] of places.slice(0, -1).entries()) {
    const length = stream.copy(memory, 0, start, places[at + 1]);
    reader.push(memory.subarray(0, length));
  }
  reader.end();
  return said;
}
