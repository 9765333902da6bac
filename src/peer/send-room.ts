import { IDLE_TIMEOUT_MS, SERVE_AHEAD_BYTES, STALL_TIMEOUT_MS } from '../limits.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import type { Connection } from '../platform/network.ts';
import type { BufferPool } from './buffer-pool.ts';

export interface SendRoomOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Shared by all links of a node: bounds the memory of serving. */
  readonly buffers: BufferPool;
  /** Shared by all links of a transfer. */
  readonly limit: TokenBucket;
  onSent(bytes: number): void;
}

/** When content may be read and written to one connection: as its peer, the rate limit and the buffers allow. */
export class SendRoom {
  readonly #options: SendRoomOptions;
  readonly #closing = new AbortController();
  /** Bytes of the buffers that the socket has not given back, however little of each is used. */
  #unsentBytes = 0;
  /** When the socket last gave one back, or began to hold the first. */
  #movedAt = 0;
  #onRoom: (() => void) | undefined;

  constructor(options: SendRoomOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Nothing that was written still waits for the socket. */
  get empty(): boolean {
    return this.#unsentBytes === 0;
  }

  /** The peer takes nothing. While buffers are scarce it may keep them from the others for a shorter time. */
  get stuck(): boolean {
    const { buffers, clock } = this.#options;
    const patienceMs = buffers.scarce ? STALL_TIMEOUT_MS : IDLE_TIMEOUT_MS;
    return this.#unsentBytes > 0 && clock.now() - this.#movedAt > patienceMs;
  }

  /** Under a rate limit slices are small, so that the line does not stand still for seconds. */
  get sliceBytes(): number {
    return Math.min(this.#options.buffers.bufferBytes, this.#options.limit.burstBytes);
  }

  /** Resolves when the rate limit and the socket let the next slice go, or when the room is closed. */
  async wait(): Promise<void> {
    const { limit, clock } = this.#options;
    for (
      let waitMs = limit.waitMs(clock.now());
      waitMs > 0 && !this.closed;
      waitMs = limit.waitMs(clock.now())
    ) {
      await sleep(clock, waitMs, this.#closing.signal);
    }
    while (!this.#mayReadAhead && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  /** Writes `chunks`, of which `bytes` are content that lies in `buffer`; the buffer goes back when they are sent. */
  write(chunks: readonly Uint8Array[], bytes: number, buffer: Buffer): void {
    const { connection, clock, limit, buffers, onSent } = this.#options;
    if (this.#unsentBytes === 0) this.#movedAt = clock.now();
    this.#unsentBytes += buffer.length;
    limit.take(bytes, clock.now());
    connection.write(chunks, () => {
      buffers.release(buffer);
      this.#unsentBytes -= buffer.length;
      this.#movedAt = clock.now();
      onSent(bytes);
      this.#wake();
    });
  }

  close(): void {
    this.#closing.abort();
    this.#wake();
  }

  /** Who reads slowly holds few of the buffers that all links share, and only one while they are scarce. */
  get #mayReadAhead(): boolean {
    if (this.#unsentBytes === 0) return true;
    return this.#unsentBytes < SERVE_AHEAD_BYTES && !this.#options.buffers.scarce;
  }

  #wake(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }
}
