import type { PeerId } from '../holdings/holding.ts';
import { MAX_PEERS_KNOWN, REDIAL_MAX_MS, REDIAL_MIN_MS } from '../limits.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';

/** An address where somebody may have the content. */
export interface Candidate {
  readonly endpoint: Endpoint;
  /** Who is expected there; undefined where only an address was given. */
  readonly peerId: PeerId | undefined;
}

interface Entry extends Candidate {
  peerId: PeerId | undefined;
  state: 'idle' | 'dialing' | 'linked' | 'banned';
  failures: number;
  notBefore: number;
}

/** Addresses to dial, and when: a pure table, time is handed in. */
export class PeerBook {
  readonly #entries = new Map<string, Entry>();
  readonly #banned = new Set<PeerId>();

  /** A new address, or a known one that somebody new may stand behind. Returns false where it is no news. */
  learn(endpoint: Endpoint, peerId: PeerId | undefined, now: number): boolean {
    const key = formatEndpoint(endpoint);
    const known = this.#entries.get(key);
    if (known === undefined) {
      if (this.#entries.size >= MAX_PEERS_KNOWN) this.#forgetOne();
      this.#entries.set(key, { endpoint, peerId, state: 'idle', failures: 0, notBefore: now });
      return true;
    }
    if (peerId === undefined || peerId === known.peerId) return false;
    known.peerId = peerId;
    known.failures = 0;
    known.notBefore = now;
    if (known.state === 'banned' && !this.#banned.has(peerId)) known.state = 'idle';
    return true;
  }

  /** The addresses whose time has come; one for each peer, none for a peer that is linked or being dialled. */
  due(now: number, linked: ReadonlySet<PeerId>): Candidate[] {
    const busy = new Set<PeerId>(linked);
    for (const entry of this.#entries.values()) {
      if (entry.state === 'dialing' && entry.peerId !== undefined) busy.add(entry.peerId);
    }
    const due: Candidate[] = [];
    const ready = [...this.#entries.values()].filter(
      (entry) => entry.state === 'idle' && entry.notBefore <= now,
    );
    for (const entry of ready.sort((a, b) => a.failures - b.failures)) {
      if (entry.peerId !== undefined && (busy.has(entry.peerId) || this.#banned.has(entry.peerId))) continue;
      if (entry.peerId !== undefined) busy.add(entry.peerId);
      due.push(entry);
    }
    return due;
  }

  dialing(endpoint: Endpoint): void {
    this.#set(endpoint, 'dialing');
  }

  /** The one who answered is `peerId`, whoever was expected. */
  linked(endpoint: Endpoint, peerId: PeerId): void {
    const entry = this.#set(endpoint, 'linked');
    if (entry === undefined) return;
    entry.peerId = peerId;
    entry.failures = 0;
  }

  /**
   * The one who answered at a dial that failed. It is dialled under its own name, at once the first time: who gives
   * another name each time is made to wait.
   */
  answered(endpoint: Endpoint, peerId: PeerId, now: number): void {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry === undefined || entry.peerId === peerId) return;
    entry.peerId = peerId;
    if (entry.failures <= 1) entry.notBefore = now;
  }

  /** The link worked and ended: it may be dialled again soon. */
  ended(endpoint: Endpoint, now: number): void {
    const entry = this.#set(endpoint, 'idle');
    if (entry !== undefined) entry.notBefore = now + REDIAL_MIN_MS;
  }

  /** Waits twice as long after each failure in a row. */
  failed(endpoint: Endpoint, now: number): void {
    const entry = this.#set(endpoint, 'idle');
    if (entry === undefined) return;
    entry.notBefore = now + Math.min(REDIAL_MAX_MS, REDIAL_MIN_MS * 2 ** entry.failures);
    entry.failures++;
  }

  /** Never again: it is ourselves, or it sent data that is not the content. */
  ban(endpoint: Endpoint, peerId: PeerId | undefined): void {
    this.#set(endpoint, 'banned');
    if (peerId !== undefined) this.#banned.add(peerId);
  }

  isBanned(peerId: PeerId): boolean {
    return this.#banned.has(peerId);
  }

  /** A peer that said goodbye is not dialled any more. */
  forget(peerId: PeerId): void {
    for (const [key, entry] of this.#entries) {
      if (entry.peerId === peerId && entry.state === 'idle') this.#entries.delete(key);
    }
  }

  get dialingCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.state === 'dialing') count++;
    return count;
  }

  #set(endpoint: Endpoint, state: Entry['state']): Entry | undefined {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry !== undefined) entry.state = state;
    return entry;
  }

  #forgetOne(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.state !== 'idle') continue;
      this.#entries.delete(key);
      return;
    }
  }
}
