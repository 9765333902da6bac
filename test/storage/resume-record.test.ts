import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InfoHash, type PieceIndex, pieceIndex } from '../../src/metainfo/metainfo.ts';
import {
  ENTRY_BYTES,
  encodeEntry,
  encodeHeader,
  HEADER_BYTES,
  parseRecord,
  type RecordHeader,
} from '../../src/storage/part/resume-record.ts';

const header: RecordHeader = {
  infoHash: '0123456789abcdef0123456789abcdef01234567' as InfoHash,
  pieceCount: 40,
  bootId: 'a66306cb-f076-45f0-a598-3a905751db85',
  place: { device: 2049n, inode: 1_234_567n },
};

function index(number: number): PieceIndex {
  const minted = pieceIndex(number, header.pieceCount);
  if (minted === undefined) throw new RangeError(`no piece ${number}`);
  return minted;
}

const pieces = new Map(Array.from({ length: 10 }, (_, number) => [index(number * 3), number * 1_000_003]));

function record(): Buffer {
  const head = encodeHeader(header);
  const entries = [...pieces].map(([piece, crc32]) =>
    encodeEntry({ kind: 'piece', index: piece, crc32 }, head),
  );
  return Buffer.concat([head, ...entries]);
}

/** Every piece it names is one that was written, with the CRC-32 that was written. */
function tellsOnlyTheTruth(bytes: Buffer): boolean {
  const found = parseRecord(bytes);
  if (found.kind === 'damaged') return true;
  return [...found.pieces].every(([piece, crc32]) => pieces.get(piece) === crc32);
}

describe('a resume record', () => {
  it('is read as it was written', () => {
    expect(parseRecord(record())).toEqual({
      kind: 'readable',
      header,
      pieces,
      closed: false,
      distrusted: false,
    });
  });

  it('of a system without a boot id says so', () => {
    const head = encodeHeader({ ...header, bootId: undefined });
    expect(parseRecord(head)).toMatchObject({ header: { bootId: undefined } });
  });

  it('cut at any byte keeps the entries that are whole', () => {
    const bytes = record();
    for (let length = 0; length <= bytes.length; length++) {
      const found = parseRecord(bytes.subarray(0, length));
      const whole = Math.floor((length - HEADER_BYTES) / ENTRY_BYTES);
      if (length < HEADER_BYTES) expect(found).toEqual({ kind: 'damaged' });
      else expect(found).toMatchObject({ pieces: new Map([...pieces].slice(0, whole)) });
    }
  });

  it('with a wrong bit anywhere tells nothing that was not written', () => {
    const bytes = record();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tellsOnlyTheTruth(damaged)).toBe(true);
    }
  });

  it('with anything behind it, or instead of it, tells nothing that was not written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        expect(tellsOnlyTheTruth(Buffer.concat([record(), garbage]))).toBe(true);
        expect(tellsOnlyTheTruth(Buffer.from(garbage))).toBe(true);
      }),
    );
    expect(tellsOnlyTheTruth(Buffer.concat([record(), Buffer.alloc(4096)]))).toBe(true);
  });

  it('does not take entries of another record for its own', () => {
    const other = encodeHeader({ ...header, place: { device: 2049n, inode: 7n } });
    const entry = encodeEntry({ kind: 'piece', index: index(39), crc32: 5 }, other);
    expect(parseRecord(Buffer.concat([record(), entry]))).toMatchObject({ pieces });
  });

  it('is closed only where the mark is the last entry', () => {
    const head = encodeHeader(header);
    const closed = encodeEntry({ kind: 'closed' }, head);
    const piece = encodeEntry({ kind: 'piece', index: index(1), crc32: 1 }, head);
    expect(parseRecord(Buffer.concat([head, piece, closed]))).toMatchObject({ closed: true });
    expect(parseRecord(Buffer.concat([head, closed, piece]))).toMatchObject({ closed: false });
  });

  it('stays distrusted, whatever follows', () => {
    const head = encodeHeader(header);
    const distrust = encodeEntry({ kind: 'distrust' }, head);
    const closed = encodeEntry({ kind: 'closed' }, head);
    expect(parseRecord(Buffer.concat([head, distrust, closed]))).toMatchObject({ distrusted: true });
  });
});
