import { FIRST_CHOKING_ROUND_MS } from '../limits.ts';
import { type ChokeCandidate, chooseOptimistic, chooseUnchoked } from '../pieces/choker.ts';
import { repeat, type Timer } from '../platform/clock.ts';
import { type Choker, type ChokingOptions, choke, unchoke } from './choking.ts';
import type { PeerSession } from './peer-session.ts';

/** Who watches the rounds: is told of changes, and knows whom the first round had better wait for. */
export interface ChokingWatcher {
  onPreferred?(preferred: readonly PeerSession[]): void;
  onOptimistic?(optimistic: PeerSession | undefined): void;
  /** Whether somebody who is not interested yet may soon be; what is left out means that nobody can tell. */
  moreMayCome?(): boolean;
}

/**
 * The assignment's choking: only rounds decide. Who is preferred, or the optimistic one, is unchoked, and nobody else
 * is. The first round follows soon after the first peer has become interested, and at once when all are who can be.
 */
export class ChokingInRounds implements Choker {
  readonly #options: ChokingOptions;
  readonly #watcher: ChokingWatcher;
  #preferred: ReadonlySet<PeerSession> = new Set();
  #optimistic: PeerSession | undefined;
  /** What each had given when the present interval began. */
  readonly #givenBefore = new WeakMap<PeerSession, number>();
  #phase: 'nobody is interested' | 'others may come' | 'in rounds' | 'stopped' = 'nobody is interested';
  #timers: readonly Timer[] = [];

  constructor(options: ChokingOptions, watcher: ChokingWatcher) {
    this.#options = options;
    this.#watcher = watcher;
  }

  onInterested(): void {
    if (this.#phase === 'in rounds' || this.#phase === 'stopped') return;
    if (this.#watcher.moreMayCome?.() === false) return this.#begin();
    if (this.#phase === 'others may come') return;
    this.#phase = 'others may come';
    this.#timers = [this.#options.clock.setTimer(FIRST_CHOKING_ROUND_MS, () => this.#begin())];
  }

  onClosed(session: PeerSession): void {
    if (this.#optimistic === session) this.#setOptimistic(undefined);
  }

  stop(): void {
    this.#phase = 'stopped';
    for (const timer of this.#timers) timer.cancel();
  }

  #begin(): void {
    const { clock, intervalMs, optimisticIntervalMs } = this.#options;
    for (const timer of this.#timers) timer.cancel();
    this.#phase = 'in rounds';
    this.#timers = [
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
    if (changed) this.#watcher.onPreferred?.([...preferred]);
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
    this.#watcher.onOptimistic?.(session);
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
