import type { PeerId } from '../../holdings/holding.ts';
import { shortId } from '../../wire/lan/handshake.ts';
import type { ListedPeer, ListedPeerId, Project } from '../config/project.ts';

/** What is known of another listed peer. */
export interface Neighbor {
  readonly listed: ListedPeer;
  readonly linked: boolean;
  /** It has been linked at least once. */
  readonly seen: boolean;
  /** What it says it has; of the last link where there is none now. A peer that starts again has nothing again. */
  readonly pieces: number;
  readonly complete: boolean;
  /** It was told that we are complete. */
  readonly knowsOurEnd: boolean;
}

interface Entry {
  readonly listed: ListedPeer;
  linked: boolean;
  seen: boolean;
  pieces: number;
  /** On any of its links. */
  mostPieces: number;
  knowsOurEnd: boolean;
}

/** All other peers of PeerInfo.cfg: who is here, and how far each of them is. */
export class Roster {
  readonly pieceCount: number;
  readonly #entries: ReadonlyMap<ListedPeerId, Entry>;
  #selfComplete = false;

  constructor({ peers }: Project, self: ListedPeerId, pieceCount: number) {
    this.pieceCount = pieceCount;
    const others = peers.filter(({ id }) => id !== self);
    this.#entries = new Map(
      others.map((listed) => [
        listed.id,
        { listed, linked: false, seen: false, pieces: 0, mostPieces: 0, knowsOurEnd: false },
      ]),
    );
  }

  neighbors(): Neighbor[] {
    return [...this.#entries.values()].map(({ listed, linked, seen, pieces, knowsOurEnd }) => {
      const complete = seen && pieces >= this.pieceCount;
      return { listed, linked, seen, pieces, complete, knowsOurEnd };
    });
  }

  /** The listed peer with this ID; undefined where there is none, or it is our own. */
  find(id: number): ListedPeer | undefined {
    return this.#entries.get(id as ListedPeerId)?.listed;
  }

  /** By the id of a link. */
  findByPeerId(peerId: PeerId): ListedPeer | undefined {
    return this.find(shortId(peerId));
  }

  isLinked(id: ListedPeerId): boolean {
    return this.#entries.get(id)?.linked ?? false;
  }

  /** A link is open: what it has, it has yet to say; what we have, it has been told. */
  linked(id: ListedPeerId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.linked = true;
    entry.seen = true;
    entry.pieces = 0;
    entry.knowsOurEnd = this.#selfComplete;
  }

  lost(id: ListedPeerId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.linked = false;
  }

  /** Returns whether it never had so many before. */
  has(id: ListedPeerId, pieces: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.pieces = pieces;
    if (pieces <= entry.mostPieces) return false;
    entry.mostPieces = pieces;
    return true;
  }

  /** We have all pieces, and everybody who is linked has been told. */
  selfComplete(): void {
    this.#selfComplete = true;
    for (const entry of this.#entries.values()) entry.knowsOurEnd = entry.linked;
  }
}
