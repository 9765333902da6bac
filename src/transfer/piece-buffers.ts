import { type Metainfo, type PieceIndex, pieceSize } from '../metainfo/metainfo.ts';

/** Buffers that pieces are assembled in; each is used again, so that a large fetch allocates only a few. */
export class PieceBuffers {
  readonly #metainfo: Metainfo;
  readonly #free: ArrayBufferLike[] = [];

  constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
  }

  take(index: PieceIndex): Uint8Array {
    const memory = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#metainfo.pieceLength).buffer;
    return Buffer.from(memory, 0, pieceSize(this.#metainfo, index));
  }

  release(buffer: Uint8Array): void {
    if (this.#free.length < KEPT) this.#free.push(buffer.buffer);
  }
}

const KEPT = 32;
