import { type PieceIndex, pieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';

/** Bytes of a content, from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Hands a run of verified bytes to a sink in order, as far as they have come. */
export class StreamInOrder {
  readonly #store: ContentStore;
  readonly #range: ByteRange;
  readonly #sink: (bytes: Uint8Array) => Promise<void>;
  #wake: (() => void) | undefined;

  constructor(store: ContentStore, range: ByteRange, sink: (bytes: Uint8Array) => Promise<void>) {
    this.#store = store;
    this.#range = range;
    this.#sink = sink;
  }

  /** A piece was verified. */
  onPiece(): void {
    this.#wake?.();
  }

  /** Resolves when all of it has gone into the sink, or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    await this.#stream(signal).finally(() => signal.removeEventListener('abort', wake));
  }

  async #stream(signal: AbortSignal): Promise<void> {
    const { metainfo } = this.#store;
    const buffer = Buffer.allocUnsafeSlow(metainfo.pieceLength);
    const end = this.#range.offset + this.#range.length;
    for (let at = this.#range.offset; at < end; ) {
      const index = pieceIndex(Math.floor(at / metainfo.pieceLength), metainfo.pieceCount);
      if (index === undefined) return;
      await this.#held(index, signal);
      if (signal.aborted) return;
      const offset = at - index * metainfo.pieceLength;
      const bytes = buffer.subarray(0, Math.min(end - at, pieceSize(metainfo, index) - offset));
      await this.#store.read(index, offset, bytes);
      await this.#sink(bytes);
      at += bytes.length;
    }
  }

  async #held(index: PieceIndex, signal: AbortSignal): Promise<void> {
    while (!this.#store.have.has(index) && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
