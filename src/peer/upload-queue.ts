import { crc32 } from 'node:zlib';
import { LanshareError } from '../errors.ts';
import { MAX_QUEUED_REQUESTS } from '../limits.ts';
import { type PieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { encodePieceHeader, encodePieceTrailer } from '../wire/lan/encode.ts';
import { SendRoom, type SendRoomOptions } from './send-room.ts';
import type { SentPieces } from './sent-pieces.ts';

export interface UploadQueueOptions extends SendRoomOptions {
  /** How often each piece was sent; shared by all links of a transfer. */
  readonly sent: SentPieces;
  /** A piece frame is whole: other frames may follow. */
  onFrameEnd(): void;
  /** The piece could not be read, or is not what was hashed. Nothing wrong was sent as if it were right. */
  onFault(error: unknown, index: PieceIndex): void;
}

/**
 * The way of the bytes out: request, read into a pooled buffer when the socket can take it, header, bytes
 * and checksum in one vectored write, buffer back in the write's callback.
 */
export class UploadQueue {
  /** Piece frames end with a CRC-32. */
  checksummed = false;
  /** A piece's frame is begun and not ended: no other frame may be sent now. */
  midFrame = false;
  readonly #options: UploadQueueOptions;
  readonly #waiting = new Set<PieceIndex>();
  readonly #room: SendRoom;
  #store: ContentStore | undefined;
  #sending: PieceIndex | undefined;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
    this.#room = new SendRoom(options);
  }

  get length(): number {
    return this.#waiting.size + (this.#sending === undefined && this.#room.empty ? 0 : 1);
  }

  /** The peer takes nothing. */
  get stuck(): boolean {
    return this.#room.stuck;
  }

  serve(store: ContentStore): void {
    this.#store = store;
  }

  /**
   * Returns false where the peer has left too many requests already. Who was choked and unchoked may ask again
   * for the piece that is being sent: that is its answer.
   */
  add(index: PieceIndex): boolean {
    if (index === this.#sending || this.#waiting.has(index)) return true;
    if (this.#waiting.size >= MAX_QUEUED_REQUESTS) return false;
    this.#waiting.add(index);
    if (this.#sending === undefined) void this.#run();
    return true;
  }

  /** Returns true where the piece was waiting and will not be sent. */
  cancel(index: PieceIndex): boolean {
    return this.#waiting.delete(index);
  }

  /** Forgets what waits and returns it. */
  clear(): PieceIndex[] {
    const dropped = [...this.#waiting];
    this.#waiting.clear();
    return dropped;
  }

  close(): void {
    this.#waiting.clear();
    this.#room.close();
  }

  async #run(): Promise<void> {
    for (let index = this.#next(); index !== undefined; index = this.#next()) {
      this.#waiting.delete(index);
      this.#sending = index;
      this.#options.sent.count(index);
      try {
        if (this.#store !== undefined) await this.#send(this.#store, index);
      } catch (error) {
        if (!this.#room.closed) this.#options.onFault(error, index);
      }
    }
    this.#sending = undefined;
  }

  /**
   * The piece that was sent least often, in the order of asking: what is out already can come from others,
   * and a fetcher that gets it there takes its request back.
   */
  #next(): PieceIndex | undefined {
    let next: PieceIndex | undefined;
    for (const index of this.#waiting) {
      if (next === undefined || this.#options.sent.of(index) < this.#options.sent.of(next)) next = index;
    }
    return next;
  }

  async #send(store: ContentStore, index: PieceIndex): Promise<void> {
    const size = pieceSize(store.metainfo, index);
    // An unhashed content has no checksums, and a strict link sends none.
    const checked = this.checksummed || store.crc32(index) !== undefined;
    let checksum = 0;
    for (let offset = 0; offset < size && !this.#room.closed; ) {
      await this.#room.wait();
      const buffer = await this.#options.buffers.take();
      const slice = buffer.subarray(0, Math.min(size - offset, this.#room.sliceBytes));
      try {
        await store.read(index, offset, slice);
        if (checked) checksum = crc32(slice, checksum);
        if (checked && offset + slice.length === size) checkServed(store, index, checksum);
      } catch (error) {
        this.#options.buffers.release(buffer);
        // The frame is open: only the end of the connection can take it back.
        if (offset > 0) this.#options.connection.destroy();
        throw error;
      }
      this.#write(index, offset, size, slice, buffer, checksum);
      offset += slice.length;
    }
  }

  #write(
    index: PieceIndex,
    offset: number,
    size: number,
    slice: Buffer,
    buffer: Buffer,
    checksum: number,
  ): void {
    const last = offset + slice.length === size;
    const chunks: Uint8Array[] = [slice];
    if (offset === 0) chunks.unshift(encodePieceHeader(index, size, this.checksummed));
    if (this.checksummed && last) chunks.push(encodePieceTrailer(checksum));
    this.#room.write(chunks, slice.length, buffer);
    this.midFrame = !last;
    if (last) this.#options.onFrameEnd();
  }
}

/** What was read must be what was verified: a file may have changed under an unchanged size and time. */
function checkServed(store: ContentStore, index: PieceIndex, checksum: number): void {
  const verified = store.crc32(index);
  if (verified === undefined || verified === checksum) return;
  throw new LanshareError(
    'SHARE_CHANGED',
    `${store.metainfo.name} is no longer what was hashed: piece ${index} differs`,
    'share it again to offer what it is now',
  );
}
