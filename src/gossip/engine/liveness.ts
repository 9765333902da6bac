import {
  GOSSIP_ALARM_FANOUT_EXTRA,
  GOSSIP_HELP_INTERVAL_MS,
  GOSSIP_SESSION_SILENT_MS,
  MAX_GOSSIP_LOOKS_PER_ROUND,
  MAX_GOSSIP_SUSPECTS_PER_ROUND,
} from '../../limits.ts';
import type { GossipItem } from '../gossip-message.ts';
import type { Context } from './context.ts';
import { type Doubt, doubtSince } from './doubt.ts';
import { fanOut } from './fan-out.ts';
import type { Membership, MembershipListener } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { Peer, Session } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Repair } from './repair.ts';
import { Rotation } from './rotation.ts';

/**
 * Who answers, and who does not any more: SWIM (Das, Gupta, Motivala 2002) with the difference that nobody believes
 * that somebody else is dead. "I get no answer" is a reason to look for oneself, "I get one" one to wait.
 */
export class Liveness implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #repair: Repair;
  readonly #outbox: Outbox;
  readonly #membership: Membership;
  readonly #rotation: Rotation;
  /** The one looked at longest ago stands first. */
  readonly #suspects = new Set<Peer>();
  /** Told to others in a moment. */
  readonly #unreachable = new Set<Peer>();
  #sequence = 0;
  /** Peers looked for on others' word in this round. */
  #looks = 0;

  constructor(
    context: Context,
    parts: {
      readonly peers: Peers;
      readonly repair: Repair;
      readonly outbox: Outbox;
      readonly membership: Membership;
    },
  ) {
    this.#context = context;
    this.#peers = parts.peers;
    this.#repair = parts.repair;
    this.#outbox = parts.outbox;
    this.#membership = parts.membership;
    this.#rotation = new Rotation(context.random, parts.peers);
  }

  added(peer: Peer): void {
    this.#rotation.add(peer);
  }

  gone(peer: Peer): void {
    peer.doubt = undefined;
    this.#suspects.delete(peer);
    this.#unreachable.delete(peer);
  }

  /** Pings the next in turn, and those that are silent. */
  round(): void {
    this.#looks = 0;
    const next = this.#rotation.next();
    if (next !== undefined) this.#doubt(next, (doubt) => this.#askHelp(next, doubt));
    let looked = 0;
    for (const peer of [...this.#suspects]) {
      if (looked++ >= MAX_GOSSIP_SUSPECTS_PER_ROUND) return;
      this.#suspects.delete(peer);
      this.#suspects.add(peer);
      this.knock(peer);
      if (peer.doubt !== undefined) this.#askHelpersIfDue(peer, peer.doubt);
    }
  }

  /** Pings, and compares what both know. */
  ping(peer: Peer): void {
    this.#outbox.send(peer, { kind: 'ping', sequence: ++this.#sequence }, ...this.#repair.roots(peer));
  }

  /** The same, until it answers: its half of the handshake may be lost. */
  check(peer: Peer): void {
    if (peer.doubt === undefined) this.#doubt(peer, (doubt) => this.#askHelp(peer, doubt));
    else this.ping(peer);
  }

  /** A datagram has come that can only be from this peer. */
  alive(session: Session): void {
    const { peer } = session;
    const { now, health } = this.#context;
    peer.heardAt = now;
    session.heardAt = now;
    // It may not answer any more at the address that was used.
    const silentMs = GOSSIP_SESSION_SILENT_MS * health.patience(now);
    const isUsedSilent = (peer.sessions[0]?.heardAt ?? now) < now - silentMs;
    if (isUsedSilent || peer.doubt !== undefined) peer.prefer(session);
    if (peer.doubt === undefined) return;
    peer.doubt = undefined;
    this.#suspects.delete(peer);
    this.#unreachable.delete(peer);
  }

  /** A member gets no answer from this peer. */
  onUnreachable(peer: Peer | undefined): void {
    if (peer === undefined || this.#context.now < peer.heardAt + this.#context.ackTimeoutMs) return;
    if (peer.doubt !== undefined || this.#looks++ >= MAX_GOSSIP_LOOKS_PER_ROUND) return;
    this.#doubt(
      peer,
      (doubt) => {
        this.knock(peer);
        this.#later(peer, doubt, this.#context.ackTimeoutMs / 2, () => {
          this.#askHelpers(peer, doubt);
          this.#suspect(peer, doubt);
        });
      },
      this.#context.ackTimeoutMs / 2,
    );
  }

  onVouch({ sequence, target }: Extract<GossipItem, { kind: 'vouch' }>, helper: Peer): void {
    const doubt = this.#peers.get(target)?.doubt;
    if (doubt === undefined || doubt.helpSequence !== sequence || !doubt.helpers.has(helper.peerId)) return;
    doubt.vouchedAt = this.#context.now;
  }

  #doubt(peer: Peer, silent: (doubt: Doubt) => void, timeoutMs = this.#context.ackTimeoutMs): void {
    if (peer.doubt !== undefined) return;
    const doubt = doubtSince(this.#context.now);
    peer.doubt = doubt;
    this.ping(peer);
    this.#later(peer, doubt, timeoutMs, () => silent(doubt));
  }

  /** Unless there is a sign of life meanwhile. */
  #later(peer: Peer, doubt: Doubt, delayMs: number, run: () => void): void {
    this.#context.agenda.in(delayMs, () => {
      if (peer.doubt === doubt && this.#peers.isKnown(peer)) run();
    });
  }

  #askHelp(peer: Peer, doubt: Doubt): void {
    doubt.stage = 'helped';
    this.knock(peer);
    this.#askHelpers(peer, doubt);
    this.#later(peer, doubt, this.#context.ackTimeoutMs, () => this.#suspect(peer, doubt));
  }

  #suspect(peer: Peer, doubt: Doubt): void {
    doubt.stage = 'suspect';
    this.#suspects.add(peer);
    if (doubt.vouchedAt === undefined) this.#tellUnreachable(peer);
    this.#judgeLater(peer, doubt);
  }

  #judgeLater(peer: Peer, doubt: Doubt): void {
    const lastSign = doubt.vouchedAt ?? doubt.since;
    const waitMs = lastSign + this.#context.suspectMs - this.#context.now;
    this.#later(peer, doubt, waitMs, () => {
      const isVouchedAgain = (doubt.vouchedAt ?? doubt.since) > lastSign;
      if (isVouchedAgain) this.#judgeLater(peer, doubt);
      else this.#membership.silent(peer);
    });
  }

  #askHelpersIfDue(peer: Peer, doubt: Doubt): void {
    if (this.#context.now >= doubt.helpAskedAt + GOSSIP_HELP_INTERVAL_MS) this.#askHelpers(peer, doubt);
  }

  #askHelpers(peer: Peer, doubt: Doubt): void {
    const { random, limits, now } = this.#context;
    const helpers = this.#peers.pool.sample(random, limits.helpers, ({ doubt: own }) => own === undefined);
    doubt.helpers = new Set(helpers.map(({ peerId }) => peerId));
    doubt.helpSequence = ++this.#sequence;
    doubt.helpAskedAt = now;
    for (const helper of helpers)
      this.#outbox.send(helper, { kind: 'ask', sequence: doubt.helpSequence, target: peer.peerId });
  }

  knock(peer: Peer): void {
    const sequence = ++this.#sequence;
    for (const session of peer.sessions) this.#outbox.answer(session, { kind: 'ping', sequence });
  }

  #tellUnreachable(peer: Peer): void {
    this.#unreachable.add(peer);
    if (this.#unreachable.size > 1) return;
    this.#context.agenda.in(this.#context.limits.mergeMs, () => {
      const { random, limits } = this.#context;
      const items = [...this.#unreachable].map(
        ({ peerId }) => ({ kind: 'unreachable', target: peerId }) as const,
      );
      this.#unreachable.clear();
      const { pool } = this.#peers;
      const count = fanOut(pool.size, limits.fanoutExtra) + GOSSIP_ALARM_FANOUT_EXTRA;
      const told = pool.sample(random, count, ({ doubt }) => doubt === undefined);
      for (const other of told) this.#outbox.send(other, ...items);
    });
  }
}
