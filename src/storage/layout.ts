import { type Metainfo, type PieceIndex, pieceSize } from '../metainfo/metainfo.ts';

/** A run of bytes that lies in one file of a content. */
export interface Segment {
  /** Index in `metainfo.files`. */
  readonly file: number;
  /** Bytes from the start of that file. */
  readonly fileOffset: number;
  /** Bytes from the start of the range that was asked for. */
  readonly start: number;
  readonly length: number;
}

/** Where the bytes of a content lie in its files (BEP 3: pieces run over file boundaries). */
export class Layout {
  readonly #metainfo: Metainfo;
  readonly #offsets: Float64Array;

  constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
    this.#offsets = Float64Array.from(metainfo.files, (file) => file.offset);
  }

  /** The segments of `length` bytes from `offset` of a piece on, in order. Throws a RangeError outside of it. */
  inPiece(index: PieceIndex, offset: number, length: number): readonly Segment[] {
    const position = index * this.#metainfo.pieceLength + offset;
    if (offset < 0 || offset + length > pieceSize(this.#metainfo, index))
      throw new RangeError(`bytes ${offset} to ${offset + length} are not all in piece ${index}`);
    return this.#segments(position, length);
  }

  /** The segments of a whole piece that lie on disk: padding does not (BEP 47). */
  onDisk(index: PieceIndex): readonly Segment[] {
    return this.inPiece(index, 0, pieceSize(this.#metainfo, index)).filter(
      ({ file }) => this.#metainfo.files[file]?.padding !== true,
    );
  }

  /** The first and the last piece that a file has bytes in; undefined for an empty file. */
  piecesOf(file: number): { readonly first: number; readonly last: number } | undefined {
    const entry = this.#metainfo.files[file];
    if (entry === undefined || entry.length === 0) return undefined;
    const { pieceLength } = this.#metainfo;
    return {
      first: Math.floor(entry.offset / pieceLength),
      last: Math.floor((entry.offset + entry.length - 1) / pieceLength),
    };
  }

  #segments(position: number, length: number): Segment[] {
    const segments: Segment[] = [];
    let start = 0;
    for (let file = this.#fileAt(position); start < length; file++) {
      const entry = this.#metainfo.files[file];
      if (entry === undefined) throw new RangeError('the files of the content are shorter than its pieces');
      const fileOffset = position + start - entry.offset;
      const here = Math.min(length - start, entry.length - fileOffset);
      if (here > 0) segments.push({ file, fileOffset, start, length: here });
      start += here;
    }
    return segments;
  }

  /** The last file that starts at or before `position`: where empty files share an offset, the one with bytes. */
  #fileAt(position: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#offsets[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
