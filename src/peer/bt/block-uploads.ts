import { MAX_QUEUED_BLOCKS } from '../../limits.ts';
import { type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { encodeBlockHeader } from '../../wire/bt/encode.ts';
import { SendRoom, type SendRoomOptions } from '../send-room.ts';
import type { SentPieces } from '../sent-pieces.ts';

/** A block that the peer may have. */
export interface AllowedBlock {
  readonly index: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

export interface BlockUploadsOptions extends SendRoomOptions {
  /** How often each piece was sent; shared by all links of a transfer. */
  readonly sent: SentPieces;
  /** The blocks could not be read. */
  onFault(error: unknown, blocks: readonly AllowedBlock[]): void;
}

/**
 * The way of the bytes out to a BitTorrent client: blocks that follow each other in a piece are read together into
 * one pooled buffer, and leave, each with its header, in one vectored write.
 */
export class BlockUploads {
  readonly #options: BlockUploadsOptions;
  readonly #room: SendRoom;
  #waiting: AllowedBlock[] = [];
  #running = false;

  constructor(options: BlockUploadsOptions) {
    this.#options = options;
    this.#room = new SendRoom(options);
  }

  get length(): number {
    return this.#waiting.length + (this.#running || !this.#room.empty ? 1 : 0);
  }

  /** The peer takes nothing. */
  get stuck(): boolean {
    return this.#room.stuck;
  }

  /** Returns false where the peer has left too many requests already. */
  add(store: ContentStore, block: AllowedBlock): boolean {
    if (this.#waiting.length >= MAX_QUEUED_BLOCKS) return false;
    this.#waiting.push(block);
    if (!this.#running) void this.#run(store);
    return true;
  }

  /** Returns true where the block was waiting and will not be sent. */
  cancel(index: number, begin: number, length: number): boolean {
    const at = this.#waiting.findIndex(
      (block) => block.index === index && block.begin === begin && block.length === length,
    );
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Forgets what waits and returns it. */
  clear(): AllowedBlock[] {
    const dropped = this.#waiting;
    this.#waiting = [];
    return dropped;
  }

  close(): void {
    this.#waiting = [];
    this.#room.close();
  }

  async #run(store: ContentStore): Promise<void> {
    this.#running = true;
    // Requests that arrived together are read together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#room.wait();
      const run = this.#takeRun();
      if (run.length > 0) await this.#send(store, run);
    }
    this.#running = false;
  }

  /** The blocks at the head of the queue that lie one behind the other, as far as they fit into one buffer. */
  #takeRun(): AllowedBlock[] {
    const most = this.#room.sliceBytes;
    let count = 0;
    let bytes = 0;
    for (const block of this.#waiting) {
      const before = this.#waiting[count - 1];
      const follows =
        before === undefined ||
        (before.index === block.index && before.begin + before.length === block.begin);
      if (!follows || (count > 0 && bytes + block.length > most)) break;
      bytes += block.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(store: ContentStore, run: readonly AllowedBlock[]): Promise<void> {
    const [first] = run;
    const { buffers, sent, onFault } = this.#options;
    const buffer = await buffers.take();
    const bytes = run.reduce((sum, { length }) => sum + length, 0);
    if (first === undefined || bytes > buffer.length || this.#room.closed) return buffers.release(buffer);
    const slice = buffer.subarray(0, bytes);
    const held = Math.min(bytes, Math.max(0, pieceSize(store.metainfo, first.index) - first.begin));
    try {
      if (held > 0) await store.read(first.index, first.begin, slice.subarray(0, held));
      // Behind the end of the content is padding: see `requestableSize`.
      slice.fill(0, held);
    } catch (error) {
      buffers.release(buffer);
      if (!this.#room.closed) onFault(error, run);
      return;
    }
    if (first.begin === 0) sent.count(first.index);
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const { index, begin, length } of run) {
      chunks.push(encodeBlockHeader(index, begin, length), slice.subarray(at, at + length));
      at += length;
    }
    this.#room.write(chunks, bytes, buffer);
  }
}
