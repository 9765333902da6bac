import type { Clock, Timer } from '../platform/clock.ts';
import type { Description } from './description.ts';
import type { PeerExchange } from './peer-exchange.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReadGate } from './read-gate.ts';
import { endSlowLinks } from './second-links.ts';
import { stalledAfter } from './stalls.ts';
import type { SwarmState } from './swarm-state.ts';

const TICK_MS = 250;

export interface TickingOptions {
  readonly clock: Clock;
  readonly state: SwarmState;
  readonly sessions: ReadonlySet<PeerSession>;
  readonly gate: ReadGate;
  readonly description: Description;
  readonly peerExchange: PeerExchange;
  /** After everything else that is due. */
  onTick(): void;
}

/** What time alone brings about in a swarm: links that give nothing end, and what is due is done. */
export class Ticking {
  readonly #options: TickingOptions;
  /** Undefined while nothing depends on time: a host may share thousands of contents that nobody asks for. */
  #next: Timer | undefined;

  constructor(options: TickingOptions) {
    this.#options = options;
  }

  /** To be called when somebody has come, too. Ends by itself when nothing depends on time any more. */
  start(): void {
    const { clock, sessions, state } = this.#options;
    const isNeeded = sessions.size > 0 || !state.complete;
    if (!isNeeded || state.name === 'closed') return;
    this.#next ??= clock.setTimer(TICK_MS, () => {
      this.#next = undefined;
      this.#tick();
      this.start();
    });
  }

  stop(): void {
    this.#next?.cancel();
  }

  #tick(): void {
    const { clock, sessions, state, peerExchange, onTick } = this.#options;
    const now = clock.now();
    for (const session of [...sessions]) {
      this.#endIfStalled(session, now);
      if (session.link.readsNothing)
        session.link.close('stalled', 'the peer does not read what it asked for');
    }
    if (state.exchange !== undefined) {
      state.exchange.tick(now);
      if (!state.complete) endSlowLinks(sessions, now);
      if (state.isPublic) peerExchange.tick(sessions, now);
    }
    onTick();
  }

  #endIfStalled(session: PeerSession, now: number): void {
    const stalledMs = this.#stalledAfter(session, now);
    if (stalledMs === undefined) return;
    this.#options.state.exchange?.failed(session, 'stalled');
    session.link.close('stalled', `nothing came for ${stalledMs / 1000} s`);
  }

  #stalledAfter(session: PeerSession, now: number): number | undefined {
    const { state, description, gate } = this.#options;
    const { exchange } = state;
    if (exchange === undefined) return description.stalledAfter(session, gate, now);
    const isReplaceable = (one: PeerSession): boolean => exchange.isReplaceable(one);
    return stalledAfter(session, { gate, isReplaceable }, now);
  }
}
