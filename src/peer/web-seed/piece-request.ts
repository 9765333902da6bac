import { type Metainfo, type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import type { Layout } from '../../storage/layout.ts';
import type { ByteRange } from './fetch-range.ts';
import { fileUrl } from './file-url.ts';

/** A range of a file, and where its bytes belong in the piece. */
export interface PieceRange extends ByteRange {
  readonly start: number;
}

/** One piece on its way from a web seed: what is still to be asked for, and what has come. */
export class PieceRequest {
  readonly index: PieceIndex;
  /** Bytes. */
  readonly size: number;
  readonly #metainfo: Metainfo;
  readonly #layout: Layout;
  /** Some of it is zeros that no server has (BEP 47). */
  readonly padded: boolean;
  /** Bytes from the start of the piece that are asked for, or are padding. */
  #asked = 0;
  /** Bytes, padding included. */
  #arrived: number;
  /** Undefined until its first bytes are here. */
  content: Uint8Array | undefined;

  constructor(index: PieceIndex, metainfo: Metainfo, layout: Layout) {
    this.index = index;
    this.size = pieceSize(metainfo, index);
    this.#metainfo = metainfo;
    this.#layout = layout;
    this.#arrived = this.size - sum(layout.onDisk(index).map(({ length }) => length));
    this.padded = this.#arrived > 0;
  }

  get begun(): boolean {
    return this.#asked > 0;
  }

  get complete(): boolean {
    return this.#arrived === this.size;
  }

  /** The next bytes to ask for: of one file, `maxLength` at most; undefined when all are asked for. */
  next(webSeed: string, maxLength: number): PieceRange | undefined {
    while (this.#asked < this.size) {
      const length = Math.min(maxLength, this.size - this.#asked);
      const [segment] = this.#layout.inPiece(this.index, this.#asked, length);
      const file = segment === undefined ? undefined : this.#metainfo.files[segment.file];
      if (segment === undefined || file === undefined)
        throw new RangeError(`piece ${this.index} has no files`);
      const start = this.#asked;
      this.#asked += segment.length;
      if (!file.padding)
        return {
          url: fileUrl(webSeed, this.#metainfo, file),
          offset: segment.fileOffset,
          length: segment.length,
          fileLength: file.length,
          start,
        };
    }
    return undefined;
  }

  put(start: number, bytes: Uint8Array): void {
    this.content?.set(bytes, start);
    this.#arrived += bytes.length;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
