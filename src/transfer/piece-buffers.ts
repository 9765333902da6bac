import { MAX_BACKLOG_BYTES } from '../limits.ts';
import { type Metainfo, type PieceIndex, pieceSize } from '../metainfo/metainfo.ts';

/**
 * Buffers that pieces are assembled in; each is used again, so that a large fetch allocates only a few. Shared
 * memory, so that another thread can hash them without a copy.
 */
export class PieceBuffers {
  readonly #metainfo: Metainfo;
  readonly #free: SharedArrayBuffer[] = [];

  constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
  }

  take(index: PieceIndex): Uint8Array {
    const memory = this.#free.pop() ?? new SharedArrayBuffer(this.#metainfo.pieceLength);
    return Buffer.from(memory, 0, pieceSize(this.#metainfo, index));
  }

  release(buffer: Uint8Array): void {
    const keptBytes = this.#free.length * this.#metainfo.pieceLength;
    if (keptBytes < MAX_BACKLOG_BYTES && buffer.buffer instanceof SharedArrayBuffer)
      this.#free.push(buffer.buffer);
  }
}
