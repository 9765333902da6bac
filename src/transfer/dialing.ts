import { isLanshare, type PeerId } from '../holdings/holding.ts';
import type { Standings } from '../holdings/standing.ts';
import {
  DIAL_HEAD_START_MS,
  DIAL_TIMEOUT_MS,
  GROWING_LINKS,
  MAX_DIALED_LINKS,
  MAX_DIALS_AT_ONCE,
  MAX_EXTRA_LINKS,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import type { Dialect, Introduction, LocalPeer, Welcome } from '../peer/link-setup.ts';
import { openLink } from '../peer/open-link.ts';
import type { LinkClosed, PeerLink } from '../peer/peer-link.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection, Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import { bringsUnlinked, type DialChoice, inDialOrder } from './dial-order.ts';
import type { Prospect } from './lacking.ts';
import type { OwnEndpoints } from './own-endpoints.ts';
import { type Candidate, type DueCandidate, PeerBook } from './peer-book.ts';
import type { PeerSession } from './peer-session.ts';
import type { RouteOf } from './route.ts';
import { secondLinks } from './second-links.ts';
import { spareLink } from './spare-link.ts';

/** What was dialled. */
export interface Dialed extends Candidate {
  /** Beside a link to the same peer, over another network. */
  readonly second: boolean;
}

export interface DialingOptions {
  readonly infoHash: InfoHash;
  readonly local: LocalPeer;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  readonly routeOf: RouteOf;
  readonly ownEndpoints: OwnEndpoints;
  /** The only one that is dialled in, whatever is spoken there. Undefined for the best that both speak. */
  readonly dialect?: 'bittorrent' | undefined;
  readonly standings: Standings;
  readonly sessions: ReadonlySet<PeerSession>;
  /** Whether there is still something to dial for. */
  wantsPeers(): boolean;
  /** What each peer could give, as things are now. */
  prospects(): (peerId: PeerId | undefined) => Prospect;
  /** Whether the link works, as far as one can tell. */
  isAlive(session: PeerSession): boolean;
  metainfoSize(): number | undefined;
  /** The content's name in the swarm of v2; undefined of v1 alone, and where it is not known. */
  v2Name(): InfoHash | undefined;
  /** The one who was dialled has said who it is. */
  welcome(link: PeerLink, introduction: Introduction, dialed: Dialed): Welcome;
  /** Nobody answers at any address of this peer. */
  onUnreachable(peerId: PeerId): void;
  /** A dial, or a link before it was open, came to nothing. */
  onTrouble(endpoint: Endpoint, reason: string): void;
  onRefused(endpoint: Endpoint, peerId: PeerId | undefined, reason: string): void;
}

interface Dial extends Dialed {
  readonly ended: AbortController;
  connection: Connection | undefined;
}

/** Opens links to the peers of one content, as the peer book says: who, when, and not too many at once. */
export class Dialing {
  readonly book: PeerBook;
  readonly #options: DialingOptions;
  /** Dialled, and not welcome yet. */
  readonly #dials = new Set<Dial>();
  #next: Timer | undefined;
  #closed = false;

  constructor(options: DialingOptions) {
    this.#options = options;
    this.book = new PeerBook(options.routeOf);
  }

  learn(endpoint: Endpoint, peerId: PeerId | undefined, dialect: Dialect, infoHash?: InfoHash): void {
    if (this.#options.ownEndpoints.has(endpoint)) return;
    if (!this.book.learn(endpoint, peerId, this.#options.clock.now(), dialect, infoHash)) return;
    if (this.#options.routeOf(endpoint).lastResort) this.#tryNextSoon();
    this.dialDue();
  }

  dialDue(): void {
    if (this.#closed) return;
    let dials = MAX_DIALS_AT_ONCE - this.book.dialingCount;
    if (dials <= 0) return;
    let places = MAX_DIALED_LINKS - this.#dialedCount();
    for (const choice of this.#choices()) {
      if (dials <= 0) return;
      if (places <= 0 && !this.#makePlace(choice, places)) return;
      places--;
      dials--;
      void this.#dial({ ...choice.candidate, second: false });
    }
    if (!this.#options.wantsPeers()) return;
    for (const second of this.#secondLinks()) {
      if (dials-- <= 0 || places-- <= 0) return;
      void this.#dial({ ...second, second: true });
    }
  }

  /** There is a link to this peer now: its other addresses need not be tried any more. */
  settled(peerId: PeerId): void {
    for (const dial of this.#dials) if (dial.peerId === peerId && !dial.second) this.#abandon(dial);
  }

  /** When the address may be dialled again; the peer's others at once, if this was its last link. */
  linkEnded({ link, notAgainBefore }: PeerSession, endpoint: Endpoint, worked: boolean): void {
    const now = this.#options.clock.now();
    if (notAgainBefore !== undefined) return this.#leaveNetwork(link.peerId, endpoint, notAgainBefore);
    if (worked) this.book.ended(endpoint, now);
    else this.book.failed(endpoint, now);
    for (const other of this.#options.sessions) if (other.link.peerId === link.peerId) return;
    this.book.tryOthers(link.peerId, endpoint, now);
  }

  /** The network here has changed: what failed may work now. */
  tryAll(): void {
    this.book.tryAll(this.#options.clock.now());
    this.dialDue();
  }

  close(): void {
    this.#closed = true;
    this.#next?.cancel();
    for (const dial of this.#dials) this.#abandon(dial);
  }

  // ---- whom ----------------------------------------------------------------------------------------------

  #choices(): DialChoice[] {
    const { clock, random, sessions, standings, prospects, isAlive, wantsPeers } = this.#options;
    const linked = new Set<PeerId>();
    // A BitTorrent client that dialled us is heard of again, without an id, by LSD and trackers.
    const linkedAt = new Set<string>();
    for (const session of sessions) {
      if (!isAlive(session)) continue;
      linked.add(session.link.peerId);
      if (session.listensAt !== undefined) linkedAt.add(formatEndpoint(session.listensAt));
    }
    const due = this.book
      .due(clock.now(), linked)
      .filter((one) => wantsPeers() || mayWantUs(one))
      .filter((one) => one.peerId !== undefined || !linkedAt.has(formatEndpoint(one.endpoint)));
    if (due.length === 0) return [];
    const prospectOf = prospects();
    const choices = due.map(
      (candidate): DialChoice => ({
        candidate,
        failures: candidate.failures,
        prospect: prospectOf(candidate.peerId),
        standing: candidate.peerId === undefined ? 'unproven' : standings.of(candidate.peerId).value,
      }),
    );
    return inDialOrder(choices, sessions.size < GROWING_LINKS, random);
  }

  #secondLinks(): Candidate[] {
    const { clock, sessions, routeOf } = this.#options;
    const now = clock.now();
    const idleAddresses = (peerId: PeerId): readonly Endpoint[] => this.book.idleAddresses(peerId, now);
    const dialing = new Set([...this.#dials].map(({ peerId }) => peerId));
    return secondLinks({ sessions, routeOf, idleAddresses }, now).filter(
      ({ peerId }) => !dialing.has(peerId),
    );
  }

  #dialedCount(): number {
    let dialed = 0;
    for (const { link } of this.#options.sessions) if (link.dialed) dialed++;
    return dialed;
  }

  /** All places are taken: one is given up for who is of use, or one more is made for what nobody linked holds. */
  #makePlace(choice: DialChoice, places: number): boolean {
    if (choice.prospect.kind !== 'holder' || choice.standing === 'doubted') return false;
    const spare = spareLink(this.#options.sessions, this.#options.clock.now());
    spare?.link.close('nothing to exchange', 'another peer has what is lacking here');
    return spare !== undefined || (bringsUnlinked(choice) && places > -MAX_EXTRA_LINKS);
  }

  /** The network is too slow, not the address: the peer's others on it are as bad. */
  #leaveNetwork(peerId: PeerId, endpoint: Endpoint, until: number): void {
    const { routeOf, clock } = this.#options;
    this.book.postpone(endpoint, until);
    const { lan } = routeOf(endpoint);
    for (const other of this.book.idleAddresses(peerId, clock.now()))
      if (routeOf(other).lan === lan) this.book.postpone(other, until);
  }

  // ---- how -----------------------------------------------------------------------------------------------

  async #dial(dialed: Dialed): Promise<void> {
    const { network, clock, logger } = this.#options;
    const { endpoint } = dialed;
    const dialect = this.#options.dialect ?? dialed.dialect;
    const dial: Dial = { ...dialed, dialect, ended: new AbortController(), connection: undefined };
    this.#dials.add(dial);
    this.book.dialing(endpoint, clock.now());
    this.#tryNextSoon();
    const timer = clock.setTimer(DIAL_TIMEOUT_MS, () =>
      dial.ended.abort(new Error(`no answer within ${DIAL_TIMEOUT_MS / 1000} s`)),
    );
    try {
      logger.debug({ remote: formatEndpoint(endpoint) }, 'dialling');
      this.#link(await network.dial(endpoint, dial.ended.signal), dial);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#dials.delete(dial)) this.#failed(dial, reason);
    } finally {
      timer.cancel();
    }
  }

  /** The dial gets its head start; after it, another address of the same peer is due. */
  #tryNextSoon(): void {
    this.#next?.cancel();
    this.#next = this.#options.clock.setTimer(DIAL_HEAD_START_MS, () => this.dialDue());
  }

  #link(connection: Connection, dial: Dial): void {
    const { infoHash, local, clock, logger, buffers, metainfoSize, v2Name, welcome } = this.#options;
    if (!this.#dials.has(dial)) return connection.destroy();
    let answeredBy: PeerId | undefined;
    dial.connection = connection;
    this.book.connected(dial.endpoint, clock.now());
    const impatience = this.#mayBeAnother(dial)
      ? clock.setTimer(OTHER_DIALECT_AFTER_MS, () => connection.destroy())
      : undefined;
    openLink(
      {
        connection,
        local,
        clock,
        logger,
        buffers,
        role: {
          kind: 'dialer',
          infoHash: dial.infoHash ?? infoHash,
          v2Name: v2Name(),
          metainfoSize: metainfoSize(),
          second: dial.second,
        },
        welcome: (link, introduction) => {
          impatience?.cancel();
          this.#dials.delete(dial);
          answeredBy = introduction.peerId;
          return this.#welcomeBack(link, introduction, dial) ?? welcome(link, introduction, dial);
        },
        onFailed: (closed) => {
          if (this.#dials.delete(dial) || answeredBy !== undefined)
            this.#linkFailed(dial, closed, answeredBy);
        },
      },
      dial.dialect,
      () => impatience?.cancel(),
    );
  }

  /** A node of ours that was found the BitTorrent way is dialled again in its own dialect. */
  #welcomeBack(link: PeerLink, { peerId }: Introduction, dial: Dial): Welcome | undefined {
    const { endpoint, dialect, infoHash } = dial;
    if (dialect === 'lan' || dialect === this.#options.dialect || !isLanshare(peerId)) return undefined;
    const { clock } = this.#options;
    clock.setTimer(0, () => {
      this.book.speaks(endpoint, 'lan', clock.now());
      this.book.answered(endpoint, peerId, clock.now());
      // Also where nothing is wanted of it: it was dialled because it may want something.
      if (!this.#closed) void this.#dial({ endpoint, peerId, dialect: 'lan', infoHash, second: false });
    });
    return { kind: 'refused', reason: 'closing', text: `${link.remote.host} speaks the native dialect` };
  }

  /** Nobody has said that a lanshare node is there; others do not understand it, and may wait for more. */
  #mayBeAnother({ peerId, dialect }: Dial): boolean {
    return dialect === 'lan' && peerId === undefined;
  }

  /** For no fault of the one who was dialled. */
  #abandon(dial: Dial): void {
    this.#dials.delete(dial);
    this.book.postpone(dial.endpoint, this.#options.clock.now());
    dial.ended.abort();
    dial.connection?.destroy();
  }

  #failed({ endpoint, peerId }: Dial, reason: string): void {
    const { clock, logger, onTrouble, onUnreachable } = this.#options;
    logger.debug({ remote: formatEndpoint(endpoint), reason }, 'dial failed');
    this.book.failed(endpoint, clock.now());
    if (peerId !== undefined && this.book.fewestFailures(peerId) === UNREACHABLE_AFTER_FAILURES)
      onUnreachable(peerId);
    onTrouble(endpoint, reason);
  }

  #linkFailed(dial: Dial, closed: LinkClosed, answeredBy: PeerId | undefined): void {
    const { endpoint, peerId } = dial;
    const { clock, onTrouble, onRefused } = this.#options;
    const now = clock.now();
    const reason = closed.by === 'network' ? undefined : closed.reason;
    const isUnderstood = closed.by === 'peer' || reason === 'self connection';
    if (answeredBy === undefined && !isUnderstood && this.#mayBeAnother(dial)) {
      this.book.speaks(endpoint, 'bittorrent', now);
      return this.dialDue();
    }
    if (reason === 'self connection') {
      this.#options.ownEndpoints.met(endpoint);
      return this.book.ban(endpoint, undefined);
    }
    this.book.failed(endpoint, now);
    // The old peer is gone and a new one listens there, or we know it by another address.
    if (answeredBy !== undefined) this.book.answered(endpoint, answeredBy, now);
    if (reason === 'wrong peer id') this.dialDue();
    if (reason === 'duplicate link') return;
    onTrouble(endpoint, closed.text);
    onRefused(endpoint, answeredBy ?? peerId, closed.text);
  }
}

/** A BitTorrent client that has just been heard of, and may not have heard of us: it is dialled once. */
function mayWantUs({ dialect, peerId, failures }: DueCandidate): boolean {
  return dialect === 'bittorrent' && peerId === undefined && failures === 0;
}

/** A lanshare node answers within milliseconds, a busy one within this. */
const OTHER_DIALECT_AFTER_MS = 1_500;

/** At each of its addresses. */
const UNREACHABLE_AFTER_FAILURES = 3;
