import type { PeerId } from '../holdings/holding.ts';
import {
  DIAL_HEAD_START_MS,
  HANDSHAKE_HEAD_START_MS,
  MAX_PEERS_KNOWN,
  REDIAL_MAX_MS,
  REDIAL_MIN_MS,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Dialect } from '../peer/link-setup.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Route } from './route.ts';

/** An address where somebody may have the content. */
export interface Candidate {
  readonly endpoint: Endpoint;
  /** Who is expected there; undefined where only an address was given. */
  readonly peerId: PeerId | undefined;
  /** What is spoken there, as far as one can tell. */
  readonly dialect: Dialect;
  /** Of the names of a hybrid the one that it was heard to use; undefined where that is not known. */
  readonly infoHash?: InfoHash | undefined;
}

/** An address whose time has come. */
export interface DueCandidate extends Candidate {
  /** Dials in a row that came to nothing. */
  readonly failures: number;
}

interface Entry extends Candidate {
  peerId: PeerId | undefined;
  dialect: Dialect;
  state: 'idle' | 'dialing' | 'linked' | 'banned';
  failures: number;
  notBefore: number;
  /** Until then the peer's other addresses wait for what comes of the dial. */
  headStartUntil: number;
}

/** Addresses to dial, and when: a pure table, time is handed in. */
export class PeerBook {
  readonly #entries = new Map<string, Entry>();
  readonly #byPeer = new Map<PeerId, Set<Entry>>();
  readonly #banned = new Set<PeerId>();
  readonly #routeOf: (endpoint: Endpoint) => Pick<Route, 'preference' | 'lastResort'>;

  /** Of several addresses of a peer the one with the lowest preference is dialled first. */
  constructor(
    routeOf: (endpoint: Endpoint) => Pick<Route, 'preference' | 'lastResort'> = () => ({
      preference: 0,
      lastResort: false,
    }),
  ) {
    this.#routeOf = routeOf;
  }

  /** A new address, or a known one that somebody new may stand behind. Returns false where it is no news. */
  learn(
    endpoint: Endpoint,
    peerId: PeerId | undefined,
    now: number,
    dialect: Dialect = 'lan',
    infoHash?: InfoHash,
  ): boolean {
    const key = formatEndpoint(endpoint);
    const known = this.#entries.get(key);
    if (known === undefined) {
      if (this.#entries.size >= MAX_PEERS_KNOWN) this.#forgetOne();
      const entry: Entry = {
        endpoint,
        peerId,
        dialect,
        infoHash,
        state: 'idle',
        failures: 0,
        notBefore: now + this.#headStartMs(endpoint, peerId),
        headStartUntil: 0,
      };
      this.#entries.set(key, entry);
      this.#index(entry, peerId);
      return true;
    }
    if (peerId === undefined || peerId === known.peerId) return false;
    this.#index(known, peerId);
    known.failures = 0;
    known.notBefore = now;
    if (known.state === 'banned' && !this.#banned.has(peerId)) known.state = 'idle';
    return true;
  }

  /**
   * The addresses whose time has come: the best of each peer; none for a peer that is `linked`, or being dialled.
   * When the dial of one address has had its head start (RFC 8305 section 5), the next is tried beside it.
   */
  due(now: number, linked: ReadonlySet<PeerId>): DueCandidate[] {
    const best = new Map<PeerId, Entry>();
    const due: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle' || entry.notBefore > now) continue;
      const { peerId } = entry;
      if (peerId === undefined) due.push(entry);
      else if (!linked.has(peerId) && !this.#banned.has(peerId) && this.#isBetter(entry, best.get(peerId)))
        best.set(peerId, entry);
    }
    for (const [peerId, entry] of best) if (!this.#isBeingDialed(peerId, now)) due.push(entry);
    return due;
  }

  /** Addresses of the peer at which it is not linked, being dialled or waited for. */
  idleAddresses(peerId: PeerId, now: number): readonly Endpoint[] {
    return [...(this.#byPeer.get(peerId) ?? [])]
      .filter((entry) => entry.state === 'idle' && entry.notBefore <= now)
      .map(({ endpoint }) => endpoint);
  }

  dialing(endpoint: Endpoint, now: number): void {
    const entry = this.#set(endpoint, 'dialing');
    if (entry !== undefined) entry.headStartUntil = now + DIAL_HEAD_START_MS;
  }

  /** The dial has become a connection: somebody is there, and the handshake is under way. */
  connected(endpoint: Endpoint, now: number): void {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry?.state === 'dialing') entry.headStartUntil = now + HANDSHAKE_HEAD_START_MS;
  }

  /** The one who answered is `peerId`, whoever was expected. */
  linked(endpoint: Endpoint, peerId: PeerId): void {
    const entry = this.#set(endpoint, 'linked');
    if (entry === undefined) return;
    this.#index(entry, peerId);
    entry.failures = 0;
  }

  /**
   * The one who answered at a dial that failed. It is dialled under its own name, at once the first time: who gives
   * another name each time is made to wait.
   */
  answered(endpoint: Endpoint, peerId: PeerId, now: number): void {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry === undefined || entry.peerId === peerId) return;
    this.#index(entry, peerId);
    if (entry.failures <= 1) entry.notBefore = now;
  }

  /** The link worked and ended: it may be dialled again soon. */
  ended(endpoint: Endpoint, now: number): void {
    this.postpone(endpoint, now + REDIAL_MIN_MS);
  }

  /** Not before then, for no fault of the peer's. */
  postpone(endpoint: Endpoint, until: number): void {
    const entry = this.#set(endpoint, 'idle');
    if (entry !== undefined) entry.notBefore = until;
  }

  /** Waits twice as long after each failure in a row. */
  failed(endpoint: Endpoint, now: number): void {
    const entry = this.#set(endpoint, 'idle');
    if (entry === undefined) return;
    entry.notBefore = now + Math.min(REDIAL_MAX_MS, REDIAL_MIN_MS * 2 ** entry.failures);
    entry.failures++;
  }

  /** Another dialect than expected is spoken there: it is dialled again at once. */
  speaks(endpoint: Endpoint, dialect: Dialect, now: number): void {
    const entry = this.#set(endpoint, 'idle');
    if (entry === undefined) return;
    entry.dialect = dialect;
    entry.notBefore = now;
  }

  /** A link to this peer is lost: its other addresses are tried at once. */
  tryOthers(peerId: PeerId, lost: Endpoint, now: number): void {
    const key = formatEndpoint(lost);
    for (const entry of this.#byPeer.get(peerId) ?? [])
      if (formatEndpoint(entry.endpoint) !== key) entry.notBefore = Math.min(entry.notBefore, now);
  }

  /** The network here is another one: what failed before may work now. */
  tryAll(now: number): void {
    for (const entry of this.#entries.values()) entry.notBefore = Math.min(entry.notBefore, now);
  }

  /** Dials in a row that failed, at the address of the peer where it were fewest. */
  fewestFailures(peerId: PeerId): number {
    let fewest = Number.POSITIVE_INFINITY;
    for (const { failures } of this.#byPeer.get(peerId) ?? []) fewest = Math.min(fewest, failures);
    return fewest;
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
    for (const entry of [...(this.#byPeer.get(peerId) ?? [])]) if (entry.state === 'idle') this.#drop(entry);
  }

  get dialingCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.state === 'dialing') count++;
    return count;
  }

  /** What a peer that was found is waited for at better addresses. Where only an address was given, that is meant. */
  #headStartMs(endpoint: Endpoint, peerId: PeerId | undefined): number {
    return peerId !== undefined && this.#routeOf(endpoint).lastResort ? DIAL_HEAD_START_MS : 0;
  }

  #isBetter(entry: Entry, than: Entry | undefined): boolean {
    if (than === undefined) return true;
    const difference = this.#routeOf(entry.endpoint).preference - this.#routeOf(than.endpoint).preference;
    return difference < 0 || (difference === 0 && entry.failures < than.failures);
  }

  #isBeingDialed(peerId: PeerId, now: number): boolean {
    for (const { state, headStartUntil } of this.#byPeer.get(peerId) ?? [])
      if (state === 'dialing' && now < headStartUntil) return true;
    return false;
  }

  #index(entry: Entry, peerId: PeerId | undefined): void {
    if (entry.peerId !== undefined) this.#unindex(entry, entry.peerId);
    entry.peerId = peerId;
    if (peerId === undefined) return;
    const ofPeer = this.#byPeer.get(peerId) ?? new Set();
    this.#byPeer.set(peerId, ofPeer.add(entry));
  }

  #unindex(entry: Entry, peerId: PeerId): void {
    const ofPeer = this.#byPeer.get(peerId);
    ofPeer?.delete(entry);
    if (ofPeer?.size === 0) this.#byPeer.delete(peerId);
  }

  #set(endpoint: Endpoint, state: Entry['state']): Entry | undefined {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry !== undefined) entry.state = state;
    return entry;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(formatEndpoint(entry.endpoint));
    if (entry.peerId !== undefined) this.#unindex(entry, entry.peerId);
  }

  #forgetOne(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle') continue;
      this.#drop(entry);
      return;
    }
  }
}
