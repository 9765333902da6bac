import { allPieces, type PieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';

/** Hands the verified pieces to a sink in their order, as far as they have come. */
export class StreamInOrder {
  readonly #store: ContentStore;
  readonly #sink: (bytes: Uint8Array) => Promise<void>;
  #wake: (() => void) | undefined;

  constructor(store: ContentStore, sink: (bytes: Uint8Array) => Promise<void>) {
    this.#store = store;
    this.#sink = sink;
  }

  /** A piece was verified. */
  onPiece(): void {
    this.#wake?.();
  }

  /** Resolves when the whole content has gone into the sink, or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    await this.#stream(signal).finally(() => signal.removeEventListener('abort', wake));
  }

  async #stream(signal: AbortSignal): Promise<void> {
    const { metainfo } = this.#store;
    const buffer = Buffer.allocUnsafeSlow(metainfo.pieceLength);
    for (const index of allPieces(metainfo.pieceCount)) {
      await this.#held(index, signal);
      if (signal.aborted) return;
      const piece = buffer.subarray(0, pieceSize(metainfo, index));
      await this.#store.read(index, 0, piece);
      await this.#sink(piece);
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
