import { FIRST_CHOKING_ROUND_MS } from '../limits.ts';
import { type ChokeCandidate, chooseOptimistic, chooseUnchoked } from '../pieces/choker.ts';
import { repeat, type Timer } from '../platform/clock.ts';
import { type Choker, type ChokingOptions, choke, unchoke } from './choking.ts';
import type { PeerSession } from './peer-session.ts';

/** What somebody who watches the rounds is told; only of changes. */
export interface ChokingNews {
  onPreferred?(preferred: readonly PeerSession[]): void;
  onOptimistic?(optimistic: PeerSession | undefined): void;
}

/**
 * The assignment's choking: only rounds decide. Who is preferred, or the optimistic one, is unchoked, and nobody else
 * is. The first round follows soon after the first peer has become interested.
 */
export class ChokingInRounds implements Choker {
  readonly #options: ChokingOptions;
  readonly #news: ChokingNews;
  #preferred: ReadonlySet<PeerSession> = new Set();
  #optimistic: PeerSession | undefined;
  /** What each had given when the present interval began. */
  readonly #givenBefore = new WeakMap<PeerSession, number>();
  #rounds: readonly Timer[] | undefined;

  constructor(options: ChokingOptions, news: ChokingNews) {
    this.#options = options;
    this.#news = news;
  }

  onInterested(): void {
    const { clock } = this.#options;
    this.#rounds ??= [clock.setTimer(FIRST_CHOKING_ROUND_MS, () => this.#begin())];
  }

  onClosed(session: PeerSession): void {
    if (this.#optimistic === session) this.#setOptimistic(undefined);
  }

  stop(): void {
    for (const timer of this.#rounds ?? []) timer.cancel();
  }

  #begin(): void {
    const { clock, intervalMs, optimisticIntervalMs } = this.#options;
    this.#rounds = [
      repeat(clock, intervalMs, () => this.#preferredRound()),
      repeat(clock, optimisticIntervalMs, () => this.#optimisticRound()),
    ];
    this.#preferredRound();
    this.#optimisticRound();
  }

  #preferredRound(): void {
    const { uploadSlots: slots, complete, random } = this.#options;
    const candidates = [...this.#options.sessions()].map((session) => this.#candidate(session));
    const preferred = chooseUnchoked(candidates, undefined, { slots, complete: complete() }, random);
    const changed = !isSame(preferred, this.#preferred);
    this.#preferred = preferred;
    if (changed) this.#news.onPreferred?.([...preferred]);
    this.#settle();
  }

  /** Where nobody waits, who has the place keeps it. */
  #optimisticRound(): void {
    const sessions = [...this.#options.sessions()];
    const candidates = sessions.map((key) => ({ key, interested: key.interested, rate: 0 }));
    const unchoked = new Set(sessions.filter((session) => !session.amChoking));
    const next = chooseOptimistic(candidates, unchoked, this.#options.random);
    if (next === undefined && this.#optimistic?.interested === true) return;
    this.#setOptimistic(next);
    this.#settle();
  }

  /** Its rate is what it has given in the interval that ends now. */
  #candidate(session: PeerSession): ChokeCandidate<PeerSession> {
    const { downloadedBytes, interested } = session;
    const rate = downloadedBytes - (this.#givenBefore.get(session) ?? 0);
    this.#givenBefore.set(session, downloadedBytes);
    return { key: session, interested, rate };
  }

  #setOptimistic(session: PeerSession | undefined): void {
    if (session === this.#optimistic) return;
    this.#optimistic = session;
    this.#news.onOptimistic?.(session);
  }

  /** Says to each what has changed for it: nobody hears the same twice. */
  #settle(): void {
    for (const session of this.#options.sessions()) {
      if (this.#preferred.has(session) || session === this.#optimistic)
        unchoke(session, this.#options.clock.now());
      else choke(session);
    }
  }
}

function isSame(one: ReadonlySet<PeerSession>, other: ReadonlySet<PeerSession>): boolean {
  return one.size === other.size && [...one].every((session) => other.has(session));
}
