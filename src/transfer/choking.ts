import { SLOT_UNUSED_AFTER_MS } from '../limits.ts';
import { chooseOptimistic, chooseUnchoked } from '../pieces/choker.ts';
import { type Clock, repeat, type Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { PeerSession } from './peer-session.ts';

export interface ChokingOptions {
  readonly uploadSlots: number;
  readonly intervalMs: number;
  readonly optimisticIntervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  sessions(): Iterable<PeerSession>;
  complete(): boolean;
}

/** Decides who may ask us for pieces, and tells them. */
export interface Choker {
  onInterested(session: PeerSession): void;
  onClosed(session: PeerSession): void;
  stop(): void;
}

/** Chokes and unchokes by the rules in pieces/choker.ts, at its intervals and when a slot is free. */
export class Choking implements Choker {
  readonly #options: ChokingOptions;
  readonly #timers: readonly Timer[];
  #optimistic: PeerSession | undefined;

  constructor(options: ChokingOptions) {
    this.#options = options;
    const { clock, intervalMs, optimisticIntervalMs } = options;
    this.#timers = [
      repeat(clock, intervalMs, () => this.round()),
      repeat(clock, optimisticIntervalMs, () => this.#chooseOptimistic()),
    ];
  }

  /** On a LAN there is mostly room: who becomes interested does not wait for the next round. */
  onInterested(session: PeerSession): void {
    if (session.amChoking && this.#usedSlots() < this.#options.uploadSlots) this.#unchoke(session);
  }

  /** Its slot goes to one who waits; all others keep theirs. */
  onClosed(session: PeerSession): void {
    if (this.#optimistic === session) this.#optimistic = undefined;
    if (session.amChoking || this.#usedSlots() >= this.#options.uploadSlots) return;
    const next = this.#chooseChoked();
    if (next !== undefined) this.#unchoke(next);
  }

  round(): void {
    const now = this.#options.clock.now();
    const complete = this.#options.complete();
    const candidates = [...this.#options.sessions()].map((session) => ({
      key: session,
      // A slot that is not used costs nothing, and must not keep others out.
      interested: session.interested && (session.amChoking || this.#usesSlot(session, now)),
      rate: (complete ? session.up : session.down).bytesPerSecond(now),
    }));
    const { uploadSlots: slots, random } = this.#options;
    const unchoked = chooseUnchoked(candidates, this.#optimistic, { slots, complete }, random);
    for (const { key: session, interested } of candidates) {
      if (unchoked.has(session)) this.#unchoke(session);
      // Who wants nothing keeps its place until somebody else needs it: choking it would gain nothing.
      else if (interested || unchoked.size >= slots) choke(session);
    }
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #chooseOptimistic(): void {
    this.#optimistic = this.#chooseChoked();
    if (this.#optimistic !== undefined) this.#unchoke(this.#optimistic);
  }

  /** One at random of those who are interested and choked. */
  #chooseChoked(): PeerSession | undefined {
    const sessions = [...this.#options.sessions()];
    const candidates = sessions.map((session) => ({ key: session, interested: session.interested, rate: 0 }));
    const unchoked = new Set(sessions.filter((session) => !session.amChoking));
    return chooseOptimistic(candidates, unchoked, this.#options.random);
  }

  #unchoke(session: PeerSession): void {
    unchoke(session, this.#options.clock.now());
  }

  #usedSlots(): number {
    const now = this.#options.clock.now();
    let count = 0;
    for (const session of this.#options.sessions()) if (this.#usesSlot(session, now)) count++;
    return count;
  }

  #usesSlot(session: PeerSession, now: number): boolean {
    if (session.amChoking) return false;
    return session.link.queuedUploads > 0 || now - session.lastAskedAt < SLOT_UNUSED_AFTER_MS;
  }
}

/** The state is changed before the message is sent, so that an answer meets the new state. */
export function unchoke(session: PeerSession, now: number): void {
  if (!session.amChoking) return;
  session.amChoking = false;
  session.lastAskedAt = now;
  session.link.unchoke();
}

/** What waits is dropped; the piece that is being sent is finished. */
export function choke(session: PeerSession): void {
  if (session.amChoking) return;
  session.amChoking = true;
  session.link.choke();
}
