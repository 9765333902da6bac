import type { PeerId } from '../holdings/holding.ts';
import { DIAL_TIMEOUT_MS, MAX_DIALED_LINKS, MAX_DIALS_AT_ONCE } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import { openLanLink } from '../peer/lan-link.ts';
import type { LocalPeer, Welcome } from '../peer/link-setup.ts';
import type { LinkClosed, PeerLink } from '../peer/peer-link.ts';
import type { Clock } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection, Network } from '../platform/network.ts';
import type { Hello } from '../wire/lan/message.ts';
import { type Candidate, PeerBook } from './peer-book.ts';
import type { PeerSession } from './peer-session.ts';

export interface DialingOptions {
  readonly infoHash: InfoHash;
  readonly local: LocalPeer;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  readonly sessions: ReadonlySet<PeerSession>;
  /** Whether there is still something to dial for. */
  wantsPeers(): boolean;
  metainfoSize(): number | undefined;
  /** The one who was dialled has said who it is. */
  welcome(link: PeerLink, hello: Hello, dialed: Candidate): Welcome;
  /** A dial, or a link before it was open, came to nothing. */
  onTrouble(endpoint: Endpoint, reason: string): void;
  onRefused(endpoint: Endpoint, peerId: PeerId | undefined, reason: string): void;
}

/** Opens links to the peers of one content, as the peer book says: who, when, and not too many at once. */
export class Dialing {
  readonly book = new PeerBook();
  readonly #options: DialingOptions;
  readonly #closing = new AbortController();
  /** Dialled, and not welcome yet. */
  readonly #opening = new Set<Connection>();

  constructor(options: DialingOptions) {
    this.#options = options;
  }

  learn(endpoint: Endpoint, peerId: PeerId | undefined): void {
    if (this.book.learn(endpoint, peerId, this.#options.clock.now())) this.dialDue();
  }

  dialDue(): void {
    const { clock, sessions, wantsPeers } = this.#options;
    if (this.#closing.signal.aborted || !wantsPeers()) return;
    const linked = new Set<PeerId>();
    let dialed = 0;
    for (const { link } of sessions) {
      linked.add(link.peerId);
      if (link.dialed) dialed++;
    }
    let room = Math.min(MAX_DIALS_AT_ONCE - this.book.dialingCount, MAX_DIALED_LINKS - dialed);
    for (const candidate of this.book.due(clock.now(), linked)) {
      if (room-- <= 0) return;
      void this.#dial({ ...candidate });
    }
  }

  close(): void {
    this.#closing.abort();
    for (const connection of this.#opening) connection.destroy();
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { network, clock, logger, onTrouble } = this.#options;
    const { endpoint } = candidate;
    this.book.dialing(endpoint);
    const timeout = new AbortController();
    const timer = clock.setTimer(DIAL_TIMEOUT_MS, () =>
      timeout.abort(new Error(`no answer within ${DIAL_TIMEOUT_MS / 1000} s`)),
    );
    try {
      logger.debug({ remote: formatEndpoint(endpoint) }, 'dialling');
      const signal = AbortSignal.any([timeout.signal, this.#closing.signal]);
      this.#link(await network.dial(endpoint, signal), candidate);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug({ remote: formatEndpoint(endpoint), reason }, 'dial failed');
      this.book.failed(endpoint, clock.now());
      onTrouble(endpoint, reason);
    } finally {
      timer.cancel();
    }
  }

  #link(connection: Connection, candidate: Candidate): void {
    const { infoHash, local, clock, logger, buffers, metainfoSize, welcome } = this.#options;
    if (this.#closing.signal.aborted) return connection.destroy();
    let answeredBy: PeerId | undefined;
    this.#opening.add(connection);
    openLanLink({
      connection,
      local,
      clock,
      logger,
      buffers,
      role: { kind: 'dialer', infoHash, metainfoSize: metainfoSize() },
      welcome: (link, hello) => {
        this.#opening.delete(connection);
        answeredBy = hello.peerId;
        return welcome(link, hello, candidate);
      },
      onFailed: (closed) => {
        this.#opening.delete(connection);
        this.#linkFailed(candidate, closed, answeredBy);
      },
    });
  }

  #linkFailed(candidate: Candidate, closed: LinkClosed, answeredBy: PeerId | undefined): void {
    const { clock, onTrouble, onRefused } = this.#options;
    const { endpoint } = candidate;
    const now = clock.now();
    const reason = closed.by === 'network' ? undefined : closed.reason;
    if (reason === 'self connection') this.book.ban(endpoint, undefined);
    else this.book.failed(endpoint, now);
    // The old peer is gone and a new one listens there, or we know it by another address.
    if (answeredBy !== undefined) this.book.answered(endpoint, answeredBy, now);
    if (reason === 'wrong peer id') this.dialDue();
    if (reason === 'self connection' || reason === 'duplicate link') return;
    onTrouble(endpoint, closed.text);
    onRefused(endpoint, answeredBy ?? candidate.peerId, closed.text);
  }
}
