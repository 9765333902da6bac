import { MAX_PENDING_HANDSHAKES } from '../../limits.ts';
import type { BufferPool } from '../../peer/buffer-pool.ts';
import type { LinkHandler, PeerLink } from '../../peer/peer-link.ts';
import { SentPieces } from '../../peer/sent-pieces.ts';
import { openStrictLink } from '../../peer/strict/open-strict-link.ts';
import type { StrictWelcome } from '../../peer/strict/strict-setup.ts';
import { TokenBucket } from '../../pieces/token-bucket.ts';
import type { Clock } from '../../platform/clock.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Connection, Network } from '../../platform/network.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';
import type { ListedPeer, ListedPeerId } from '../config/project.ts';
import { keepDialing } from './dialing.ts';
import { turnAway } from './door.ts';
import type { Roster } from './roster.ts';
import { judgeCaller } from './welcome.ts';

export interface NeighborLinksOptions {
  readonly self: ListedPeerId;
  readonly roster: Roster;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /** The session that a welcomed link belongs to, and what is told of the link's messages. */
  join(link: PeerLink, peer: ListedPeer): { readonly session: PeerSession; readonly handler: LinkHandler };
  /** The link can be used. */
  onOpened(session: PeerSession, peer: ListedPeer): void;
  /** Somebody who came, or was dialled, is not let in. */
  onRefused(link: Pick<PeerLink, 'remote'>, text: string): void;
  onNote(text: string): void;
}

/** The connections of a run: those that we dial, those that we are dialled on, one link for each listed peer. */
export class NeighborLinks {
  readonly #options: NeighborLinksOptions;
  readonly #stop = new AbortController();
  readonly #uploadLimit: TokenBucket;
  readonly #sent = new SentPieces();
  readonly #linked = new Map<ListedPeerId, PeerSession>();
  /** All that are not closed, and of them those that nobody has been welcomed on. */
  readonly #connections = new Set<Connection>();
  readonly #pending = new Set<Connection>();
  /** Of these, those that others have opened, the oldest first. */
  readonly #callers = new Set<Connection>();
  /** Of dials that fail again and again. */
  readonly #noted = new Set<string>();
  #dialing: readonly Promise<void>[] = [];
  #onAllClosed: (() => void) | undefined;

  constructor(options: NeighborLinksOptions) {
    this.#options = options;
    this.#uploadLimit = new TokenBucket(Number.POSITIVE_INFINITY, options.clock.now());
  }

  /** Keeps a link to each of these. */
  dial(peers: readonly ListedPeer[]): void {
    const { network, clock, roster } = this.#options;
    this.#dialing = peers.map((peer) =>
      keepDialing(peer, {
        network,
        clock,
        // One for each: Node warns of a leak where more than ten wait for the same.
        signal: AbortSignal.any([this.#stop.signal]),
        isLinked: ({ id }) => roster.isLinked(id),
        onUnreachable: ({ id, host }, text) => this.#noteOnce(`peer ${id} at ${host}: ${text}`),
        onConnection: (connection, dialed) => this.#open(connection, dialed),
      }),
    );
  }

  /** Somebody has connected. Whoever says nothing for longest makes room: a peer says who it is at once. */
  accept(connection: Connection): void {
    if (this.#stop.signal.aborted) return turnAway(connection);
    const [oldest] = this.#callers;
    if (oldest !== undefined && this.#callers.size >= MAX_PENDING_HANDSHAKES) {
      this.#callers.delete(oldest);
      oldest.destroy();
    }
    this.#callers.add(connection);
    void this.#open(connection, undefined);
  }

  /** Whether this is the link that counts for its peer. */
  isCurrent(session: PeerSession, { id }: ListedPeer): boolean {
    return this.#linked.get(id) === session;
  }

  /** The session's link is gone. */
  left(session: PeerSession, peer: ListedPeer): void {
    if (this.isCurrent(session, peer)) this.#linked.delete(peer.id);
  }

  /** Sends on each link what was said on it, then ends it; resolves when all connections are closed. */
  close(): Promise<void> {
    for (const session of this.#linked.values()) session.link.close('closing', 'the run is over');
    return this.#end(this.#pending);
  }

  /** Ends everything now. */
  destroy(): Promise<void> {
    return this.#end(this.#connections);
  }

  async #end(atOnce: ReadonlySet<Connection>): Promise<void> {
    this.#stop.abort();
    const allClosed = new Promise<void>((resolve) => {
      this.#onAllClosed = resolve;
    });
    for (const connection of [...atOnce]) connection.destroy();
    if (this.#connections.size > 0) await allClosed;
    await Promise.all(this.#dialing);
  }

  /** Resolves when the connection is closed, with whether the peer was welcomed. */
  #open(connection: Connection, dialed: ListedPeer | undefined): Promise<boolean> {
    const { self, clock, logger, buffers, onNote, onRefused } = this.#options;
    this.#connections.add(connection);
    this.#pending.add(connection);
    return new Promise((resolve) => {
      let welcomed = false;
      openStrictLink(
        {
          connection,
          localId: self,
          role: dialed === undefined ? { kind: 'listener' } : { kind: 'dialer', expectedId: dialed.id },
          clock,
          logger,
          buffers,
          introduce: (link, id) => {
            const welcome = this.#introduce(link, id);
            welcomed = welcome.kind === 'accepted';
            if (welcomed) this.#introduced(connection);
            return welcome;
          },
          onNote: (link, text) => onNote(`peer ${this.#nameOf(link)}: ${text}`),
          onFailed: (closed) => {
            if (closed.by === 'us') onRefused(connection, closed.text);
            logger.debug({ remote: formatEndpoint(connection.remote), ...closed }, 'no link');
          },
        },
        () => {
          this.#closed(connection);
          resolve(welcomed);
        },
      );
    });
  }

  #introduce(link: PeerLink, id: number): StrictWelcome {
    const { roster, clock, join, onOpened } = this.#options;
    const listed = roster.find(id);
    const existing = listed && this.#linked.get(listed.id);
    const quiet = existing && { quietMs: clock.now() - existing.lastReceivedAt };
    const verdict = judgeCaller({ id, dialed: link.dialed }, { listed, existing: quiet });
    if (verdict.kind === 'refused') return verdict;
    if (listed === undefined) throw new TypeError('somebody who is not listed was welcomed');
    const { session, handler } = join(link, listed);
    return {
      kind: 'accepted',
      handler,
      uploadLimit: this.#uploadLimit,
      sent: this.#sent,
      opened: () => {
        this.#linked.set(listed.id, session);
        existing?.link.drop('the same peer has connected again');
        onOpened(session, listed);
      },
    };
  }

  #noteOnce(text: string): void {
    if (this.#noted.has(text)) return;
    this.#noted.add(text);
    this.#options.onNote(text);
  }

  #nameOf(link: PeerLink): string {
    for (const [id, session] of this.#linked) if (session.link === link) return String(id);
    return formatEndpoint(link.remote);
  }

  #introduced(connection: Connection): void {
    this.#pending.delete(connection);
    this.#callers.delete(connection);
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection);
    this.#introduced(connection);
    if (this.#connections.size === 0) this.#onAllClosed?.();
  }
}
