import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { PeerSession } from './peer-session.ts';

/**
 * Stops reading from all peers while more has arrived than could be stored, or than the rate limit allows:
 * TCP then slows the senders down.
 */
export class ReadGate {
  readonly #clock: Clock;
  readonly #limit: TokenBucket;
  readonly #sessions: ReadonlySet<PeerSession>;
  /** When reading began, or went on after a pause. */
  openedAt: number;
  #backlog = false;
  #stopped = false;
  #overLimit: Timer | undefined;

  constructor(clock: Clock, limit: TokenBucket, sessions: ReadonlySet<PeerSession>) {
    this.#clock = clock;
    this.#limit = limit;
    this.#sessions = sessions;
    this.openedAt = clock.now();
  }

  /** Of the rate limit; Infinity without one. */
  get bytesPerSecond(): number {
    return this.#limit.bytesPerSecond;
  }

  get closed(): boolean {
    return this.#backlog || this.#overLimit !== undefined;
  }

  /** Since when links are read without a pause; now, where they are not. */
  readingSince(now: number): number {
    return this.closed ? now : this.openedAt;
  }

  onJoined(session: PeerSession): void {
    if (this.closed) session.link.pause();
  }

  onBacklog(blocked: boolean): void {
    this.#change(() => {
      this.#backlog = blocked;
    });
  }

  onReceived(bytes: number): void {
    const now = this.#clock.now();
    this.#limit.take(bytes, now);
    const waitMs = this.#limit.waitMs(now);
    if (waitMs === 0 || this.#overLimit !== undefined || this.#stopped) return;
    this.#change(() => {
      this.#overLimit = this.#clock.setTimer(waitMs, () =>
        this.#change(() => {
          this.#overLimit = undefined;
        }),
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#overLimit?.cancel();
  }

  #change(change: () => void): void {
    const before = this.closed;
    change();
    if (before === this.closed) return;
    // Silence that we asked for is not a stall.
    if (!this.closed) this.openedAt = this.#clock.now();
    for (const session of this.#sessions) {
      if (this.closed) session.link.pause();
      else session.link.resume();
    }
  }
}
