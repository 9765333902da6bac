import { describe, expect, it } from 'vitest';
import { checkPiece } from '../../src/hashing/piece-hasher.ts';
import {
  contentSize,
  expectedPiece,
  expectedTree,
  matchesPiece,
  pieceDigest,
} from '../../src/metainfo/expected-piece.ts';
import { allPieces, type Metainfo, type PieceIndex, pieceSize } from '../../src/metainfo/metainfo.ts';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from './libtorrent-samples.ts';
import { fileTorrent } from './sample-torrent.ts';

/** The content of the samples: a.txt, zeros up to the next piece, b.txt. */
const CONTENT = Buffer.concat([
  Buffer.alloc(20_000, 'a'),
  Buffer.alloc(12_768),
  Buffer.alloc(10, 'b'),
  Buffer.alloc(16_374),
]);

const hybrid = parseTorrent(HYBRID_TORRENT).metainfo;
const v2 = parseTorrent(VERSION_2_TORRENT).metainfo;

function pieceOf(metainfo: Metainfo, index: PieceIndex): Buffer {
  const start = index * metainfo.pieceLength;
  return Buffer.from(CONTENT.subarray(start, start + pieceSize(metainfo, index)));
}

function matches(metainfo: Metainfo, index: PieceIndex, bytes: Uint8Array): boolean {
  return matchesPiece(metainfo, index, checkPiece(bytes, pieceDigest(metainfo, index)));
}

describe.each([
  ['a hybrid', hybrid],
  ['v2 alone', v2],
])('a piece of %s', (_, metainfo) => {
  it('is right where all its bytes are', () => {
    for (const index of allPieces(metainfo.pieceCount))
      expect(matches(metainfo, index, pieceOf(metainfo, index))).toBe(true);
  });

  it('is wrong where any byte is another one, be it padding', () => {
    for (const index of allPieces(metainfo.pieceCount)) {
      for (const at of [0, contentSize(metainfo, index) - 1, pieceSize(metainfo, index) - 1]) {
        const piece = pieceOf(metainfo, index);
        piece[at] = (piece[at] ?? 0) + 1;
        expect(matches(metainfo, index, piece)).toBe(false);
      }
    }
  });

  it('is not another piece', () => {
    const [first, second] = [...allPieces(metainfo.pieceCount)];
    if (first === undefined || second === undefined) throw new Error('two pieces are needed');
    expect(matches(metainfo, second, pieceOf(metainfo, first))).toBe(false);
  });

  it('has its content without the padding behind it', () => {
    const sizes = [...allPieces(metainfo.pieceCount)].map((index) => contentSize(metainfo, index));
    expect(sizes).toEqual([16_384, 3_616, 10]);
  });

  it('can be judged by its tree, whose leaves are 16 KiB', () => {
    const trees = [...allPieces(metainfo.pieceCount)].map((index) => expectedTree(metainfo, index));
    expect(trees).toMatchObject([
      { kind: 'tree', width: 1 },
      { kind: 'tree', width: 1 },
      { kind: 'tree', width: 1 },
    ]);
  });
});

describe('a piece', () => {
  it('is hashed as v1 has it wherever v1 describes it', () => {
    const [index] = [...allPieces(1)];
    if (index === undefined) throw new Error('one piece is needed');
    const v1 = parseTorrent(fileTorrent()).metainfo;
    expect(pieceDigest(v1, index)).toEqual({ kind: 'sha1' });
    expect(pieceDigest(hybrid, index)).toEqual({ kind: 'sha1' });
    expect(expectedTree(v1, index)).toEqual({ kind: 'unknown' });
    expect(contentSize(v1, index)).toBe(16_384);
  });

  it('of v2 cannot be judged before its layer is known, but a file of one piece can', () => {
    const alone = parseInfo(v2.infoBytes);
    const kinds = [...allPieces(alone.pieceCount)].map((index) => expectedPiece(alone, index).kind);
    expect(kinds).toEqual(['unknown', 'unknown', 'tree']);
    const [first] = [...allPieces(alone.pieceCount)];
    if (first !== undefined) expect(matches(alone, first, pieceOf(alone, first))).toBe(false);
  });

  it('does not match hashes of the wrong kind', () => {
    for (const index of allPieces(3)) {
      expect(matchesPiece(v2, index, checkPiece(pieceOf(v2, index)))).toBe(false);
      const blocks = checkPiece(pieceOf(hybrid, index), { kind: 'blocks', length: 10 });
      expect(matchesPiece(hybrid, index, blocks)).toBe(false);
    }
  });
});
