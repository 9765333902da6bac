import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPieces, pieceSize } from '../../src/metainfo/metainfo.ts';
import { Layout } from '../../src/storage/layout.ts';
import { sampleContent } from '../support/sample-content.ts';

const folder = fc
  .array(fc.record({ length: fc.nat(40), padding: fc.boolean() }), { minLength: 1, maxLength: 12 })
  // A content of nothing but padding describes no file, and is refused before it has a layout.
  .filter((files) => files.some(({ padding }) => !padding))
  .map((files) =>
    sampleContent({
      pieceLength: 16,
      files: files.map(({ length, padding }, position) => ({ path: `f${position}`, length, padding })),
    }),
  );

describe('the layout of a content', () => {
  it('puts every byte of a piece into exactly one file, in order', () => {
    fc.assert(
      fc.property(folder, (content) => {
        const { metainfo } = content;
        const layout = new Layout(metainfo);
        for (const index of allPieces(metainfo.pieceCount)) {
          const segments = layout.inPiece(index, 0, pieceSize(metainfo, index));
          const bytes = segments.map(({ file, fileOffset, length }) =>
            content.file(file).subarray(fileOffset, fileOffset + length),
          );
          expect(Buffer.concat(bytes).equals(content.piece(index))).toBe(true);
          let start = 0;
          for (const segment of segments) {
            expect(segment.start).toBe(start);
            expect(segment.length).toBeGreaterThan(0);
            start += segment.length;
          }
        }
      }),
    );
  });

  it('knows the pieces of every file', () => {
    fc.assert(
      fc.property(folder, ({ metainfo }) => {
        const layout = new Layout(metainfo);
        for (const [file, { length }] of metainfo.files.entries()) {
          const pieces = [...allPieces(metainfo.pieceCount)].filter((index) =>
            layout.inPiece(index, 0, pieceSize(metainfo, index)).some((segment) => segment.file === file),
          );
          const expected = length === 0 ? undefined : { first: pieces[0], last: pieces.at(-1) };
          expect(layout.piecesOf(file)).toEqual(expected);
        }
      }),
    );
  });

  it('leaves padding out of what lies on disk', () => {
    fc.assert(
      fc.property(folder, ({ metainfo }) => {
        const layout = new Layout(metainfo);
        for (const index of allPieces(metainfo.pieceCount)) {
          const all = layout.inPiece(index, 0, pieceSize(metainfo, index));
          expect(layout.onDisk(index)).toEqual(all.filter(({ file }) => !metainfo.files[file]?.padding));
        }
      }),
    );
  });
});
