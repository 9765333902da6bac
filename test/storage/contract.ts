import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { allPieces, type PieceIndex, pieceSize } from '../../src/metainfo/metainfo.ts';
import type { ContentStore } from '../../src/storage/content-store.ts';
import { type SampleContent, sampleContent } from '../support/sample-content.ts';

/** How to make the stores under test. Whatever `close` of a store leaves is removed by `cleanUp`. */
export interface StoreMaker {
  /** Holds the whole content. */
  full(content: SampleContent): Promise<ContentStore>;
  /** Holds nothing yet; absent for stores that take no pieces. */
  empty?(content: SampleContent): Promise<ContentStore>;
  cleanUp(): Promise<void>;
}

export const shapes = {
  'a file': sampleContent({ length: 5000 }),
  'a file of exactly three pieces': sampleContent({ length: 3072 }),
  'a file smaller than a piece': sampleContent({ length: 10 }),
  'an empty file': sampleContent({ length: 0 }),
  'a folder': sampleContent({
    name: 'films',
    files: [
      { path: 'a.txt', length: 300 },
      { path: 'b/c/long', length: 4000 },
      { path: 'b/empty', length: 0 },
      { path: 'b/run', length: 700, executable: true },
      { path: 'z', length: 1 },
    ],
  }),
  'a folder with padding': sampleContent({
    name: 'aligned',
    files: [
      { path: 'one', length: 1500 },
      { path: '.pad/548', length: 548, padding: true },
      { path: 'two', length: 2048 },
      { path: 'three', length: 100 },
    ],
  }),
  'a folder of empty files': sampleContent({
    name: 'nothing',
    files: [
      { path: 'a', length: 0 },
      { path: 'b/c', length: 0 },
    ],
  }),
} as const;

export function contentStoreContract(name: string, maker: StoreMaker): void {
  const opened: ContentStore[] = [];
  async function keep(store: Promise<ContentStore>): Promise<ContentStore> {
    opened.push(await store);
    return store;
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await maker.cleanUp();
  });

  describe.each(Object.entries(shapes))(`${name}, holding %s`, (_, content) => {
    readingContract(content, () => keep(maker.full(content)));
  });
  const { empty } = maker;
  if (empty === undefined) return;
  describe.each(Object.entries(shapes))(`${name}, receiving %s`, (_, content) => {
    writingContract(content, () => keep(empty(content)));
  });
}

function readingContract(content: SampleContent, open: () => Promise<ContentStore>): void {
  const pieces = [...allPieces(content.metainfo.pieceCount)];

  it('has every piece, with its CRC-32', async () => {
    const store = await open();
    expect(store.metainfo).toBe(content.metainfo);
    expect(store.have.complete).toBe(true);
    expect(pieces.map((index) => store.crc32(index))).toEqual([...content.crc32s]);
  });

  it('reads any range of any piece, many at once', async () => {
    const store = await open();
    await fc.assert(
      fc.asyncProperty(rangesIn(content), async (ranges) => {
        await Promise.all(ranges.map((range) => expectRange(store, content, range)));
      }),
      { numRuns: 25 },
    );
  });

  it('leaves what is beside the target alone', async () => {
    const store = await open();
    for (const index of pieces) {
      const around = Buffer.alloc(pieceSize(content.metainfo, index) + 2, 0xaa);
      await store.read(index, 0, around.subarray(1, -1));
      expect([around[0], around.at(-1)]).toEqual([0xaa, 0xaa]);
    }
  });

  it('refuses a range that is not all in the piece', async () => {
    const store = await open();
    for (const index of pieces) {
      const beyond = Buffer.alloc(pieceSize(content.metainfo, index) + 1);
      await expect(store.read(index, 0, beyond)).rejects.toThrow(RangeError);
      await expect(store.read(index, -1, Buffer.alloc(1))).rejects.toThrow(RangeError);
    }
  });

  it('serves nothing after it is closed', async () => {
    const store = await open();
    await store.close();
    for (const index of pieces)
      await expect(store.read(index, 0, Buffer.alloc(1))).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
}

function writingContract(content: SampleContent, open: () => Promise<ContentStore>): void {
  const pieces = [...allPieces(content.metainfo.pieceCount)];

  it('holds a piece as soon as its write resolves, in whatever order they come', async () => {
    const store = await open();
    const buffer = Buffer.alloc(content.metainfo.pieceLength);
    for (const [count, index] of pieces.toReversed().entries()) {
      expect([store.have.has(index), store.crc32(index), store.have.count]).toEqual([
        false,
        undefined,
        count,
      ]);
      const piece = buffer.subarray(0, content.piece(index).length);
      piece.set(content.piece(index));
      await store.write(index, piece, content.crc32s[index] ?? 0);
      buffer.fill(0);
      expect([store.have.has(index), store.crc32(index)]).toEqual([true, content.crc32s[index]]);
      await expectPiece(store, content, index);
    }
    expect(store.have.complete).toBe(true);
  });

  it('takes many pieces at once, and the same one twice', async () => {
    const store = await open();
    await Promise.all([...pieces, ...pieces].map((index) => writePiece(store, content, index)));
    for (const index of pieces) await expectPiece(store, content, index);
  });

  it('refuses a piece of the wrong length', async () => {
    const store = await open();
    for (const index of pieces) {
      const long = Buffer.alloc(pieceSize(content.metainfo, index) + 1);
      await expect(store.write(index, long, 0)).rejects.toThrow(RangeError);
      expect(store.have.has(index)).toBe(false);
    }
  });

  it('finishes only when it is whole, and goes on serving', async () => {
    const store = await open();
    if (pieces.length > 0) await expect(store.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
    for (const index of pieces) await writePiece(store, content, index);
    expect(await store.finish()).toContain(content.metainfo.name);
    for (const index of pieces) await expectPiece(store, content, index);
  });

  it('takes nothing after it is closed', async () => {
    const store = await open();
    await store.close();
    for (const index of pieces)
      await expect(writePiece(store, content, index)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
}

export function writePiece(store: ContentStore, content: SampleContent, index: PieceIndex): Promise<void> {
  return store.write(index, content.piece(index), content.crc32s[index] ?? 0);
}

export async function expectPiece(
  store: ContentStore,
  content: SampleContent,
  index: PieceIndex,
): Promise<void> {
  await expectRange(store, content, { index, offset: 0, length: content.piece(index).length });
}

interface Range {
  readonly index: PieceIndex;
  readonly offset: number;
  readonly length: number;
}

async function expectRange(store: ContentStore, content: SampleContent, range: Range): Promise<void> {
  const { index, offset, length } = range;
  const target = Buffer.alloc(length, 0x55);
  await store.read(index, offset, target);
  expect(target.equals(content.piece(index).subarray(offset, offset + length))).toBe(true);
}

function rangesIn({ metainfo }: SampleContent): fc.Arbitrary<Range[]> {
  const pieces = [...allPieces(metainfo.pieceCount)];
  if (pieces.length === 0) return fc.constant([]);
  const range = fc.constantFrom(...pieces).chain((index) => {
    const size = pieceSize(metainfo, index);
    return fc
      .tuple(fc.nat(size), fc.nat(size))
      .map(([one, other]) => ({ index, offset: Math.min(one, other), length: Math.abs(one - other) }));
  });
  return fc.array(range, { maxLength: 12 });
}
