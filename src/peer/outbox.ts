import { MAX_UNREAD_FRAMES_BYTES } from '../limits.ts';
import type { Connection } from '../platform/network.ts';

/** What a frame costs here until the kernel has it: its buffer, the write's entry and its callback. */
const FRAME_COST_BYTES = 256;

/**
 * Frames on their way to the socket. What others make us answer is remembered within a bound, also where they
 * ask and ask and never read.
 */
export class Outbox {
  readonly #connection: Connection;
  #heldBack: Uint8Array[] = [];
  #heldBackCost = 0;
  #unreadBytes = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Sends `frame`, and after it `shared`, memory that is there anyway. With `hold` it waits for `release`.
   * Returns false where the peer leaves more unread than it may.
   */
  send(frame: Uint8Array, shared: readonly Uint8Array[], hold: boolean): boolean {
    const cost = FRAME_COST_BYTES + frame.length;
    this.#unreadBytes += cost;
    if (this.#unreadBytes > MAX_UNREAD_FRAMES_BYTES) return false;
    if (hold) {
      this.#heldBack.push(frame, ...shared);
      this.#heldBackCost += cost;
    } else {
      this.#connection.write([frame, ...shared], () => this.#taken(cost));
    }
    return true;
  }

  /** What was held back goes out now. */
  release(): void {
    if (this.#heldBack.length === 0) return;
    const chunks = this.#heldBack;
    const cost = this.#heldBackCost;
    this.#heldBack = [];
    this.#heldBackCost = 0;
    this.#connection.write(chunks, () => this.#taken(cost));
  }

  #taken(cost: number): void {
    this.#unreadBytes -= cost;
  }
}
