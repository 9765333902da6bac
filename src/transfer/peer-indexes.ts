import type { PeerId, PieceSummary } from '../holdings/holding.ts';
import { rangesBeyond } from '../holdings/piece-ranges.ts';
import type { Standings } from '../holdings/standing.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import { Availability } from '../pieces/availability.ts';
import type { Bitfield } from '../pieces/bitfield.ts';
import type { PeerSession } from './peer-session.ts';

/** By which of its words a peer is counted. */
type Counted =
  | { readonly by: 'nothing' }
  | { readonly by: 'link'; readonly session: PeerSession; readonly proven: boolean }
  | { readonly by: 'announcement'; readonly pieces: PieceSummary };

interface KnownPeer {
  readonly sessions: Set<PeerSession>;
  announced: PieceSummary | undefined;
  counted: Counted;
}

const NOTHING: Counted = { by: 'nothing' };

/**
 * What all known peers say that they hold, and the availability that follows: a linked peer counts by what it says
 * on its link, any other by what it announced, nobody twice, and a doubted peer not at all.
 */
export class PeerIndexes {
  readonly availability: Availability;
  readonly #standings: Standings;
  readonly #peers = new Map<PeerId, KnownPeer>();

  constructor(pieceCount: number, standings: Standings) {
    this.availability = new Availability(pieceCount);
    this.#standings = standings;
  }

  join(session: PeerSession): void {
    this.#known(session.link.peerId).sessions.add(session);
    this.#recount(session.link.peerId);
  }

  leave(session: PeerSession): void {
    const { peerId } = session.link;
    const peer = this.#peers.get(peerId);
    if (peer?.sessions.delete(session) !== true) return;
    this.#recount(peerId);
  }

  /** Its whole index has come: all that counted of it before was nothing. */
  told(session: PeerSession, theirs: Bitfield): void {
    const counted = this.#countedBy(session);
    session.theirs = theirs;
    if (counted !== undefined) this.availability.addPeer(theirs, counted.proven);
  }

  /** Returns false where that is no news. */
  gained(session: PeerSession, index: PieceIndex): boolean {
    if (!session.theirs.add(index)) return false;
    const counted = this.#countedBy(session);
    if (counted !== undefined) this.availability.addPiece(index, counted.proven);
    return true;
  }

  lost(session: PeerSession, index: PieceIndex): boolean {
    if (!session.theirs.delete(index)) return false;
    const counted = this.#countedBy(session);
    if (counted !== undefined) this.availability.removePiece(index, counted.proven);
    return true;
  }

  /** Whether the peer is proven, and counted by this link. */
  provenBy(session: PeerSession): boolean {
    return this.#countedBy(session)?.proven === true;
  }

  /** Its newest announcement; undefined when it has none any more, or none that fits the content. */
  announced(peerId: PeerId, pieces: PieceSummary | undefined): void {
    if (pieces === undefined && !this.#peers.has(peerId)) return;
    this.#known(peerId).announced = pieces;
    this.#recount(peerId);
  }

  /** Its standing may have changed. */
  reconsider(peerId: PeerId): void {
    if (this.#peers.has(peerId)) this.#recount(peerId);
  }

  #countedBy(session: PeerSession): Extract<Counted, { by: 'link' }> | undefined {
    const counted = this.#peers.get(session.link.peerId)?.counted;
    return counted?.by === 'link' && counted.session === session ? counted : undefined;
  }

  #known(peerId: PeerId): KnownPeer {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    const fresh: KnownPeer = { sessions: new Set(), announced: undefined, counted: NOTHING };
    this.#peers.set(peerId, fresh);
    return fresh;
  }

  #recount(peerId: PeerId): void {
    const peer = this.#known(peerId);
    const before = peer.counted;
    peer.counted = this.#toCount(peerId, peer);
    this.#exchange(before, peer.counted);
    if (peer.sessions.size === 0 && peer.announced === undefined) this.#peers.delete(peerId);
  }

  #toCount(peerId: PeerId, { sessions, announced }: KnownPeer): Counted {
    const standing = this.#standings.of(peerId).value;
    if (standing === 'doubted') return NOTHING;
    const [session] = sessions;
    if (session !== undefined) return { by: 'link', session, proven: standing === 'proven' };
    return announced === undefined ? NOTHING : { by: 'announcement', pieces: announced };
  }

  #exchange(before: Counted, after: Counted): void {
    if (before.by === 'link' && after.by === 'link' && before.session === after.session)
      if (before.proven === after.proven) return;
    if (before.by === 'announcement' && after.by === 'announcement') {
      this.#exchangeAnnouncements(before.pieces, after.pieces);
      return;
    }
    this.#remove(before);
    this.#add(after);
  }

  /** An index grows by a piece or two: only what has changed is counted again. */
  #exchangeAnnouncements(before: PieceSummary, after: PieceSummary): void {
    if (before === after) return;
    if (before.kind === 'some' && after.kind === 'some') {
      for (const gained of rangesBeyond(after.ranges, before.ranges)) this.availability.addElsewhere(gained);
      for (const lost of rangesBeyond(before.ranges, after.ranges)) this.availability.removeElsewhere(lost);
      return;
    }
    this.#remove({ by: 'announcement', pieces: before });
    this.#add({ by: 'announcement', pieces: after });
  }

  #add(counted: Counted): void {
    if (counted.by === 'link') this.availability.addPeer(counted.session.theirs, counted.proven);
    if (counted.by !== 'announcement') return;
    if (counted.pieces.kind === 'all') this.availability.addCompleteElsewhere();
    else for (const range of counted.pieces.ranges) this.availability.addElsewhere(range);
  }

  #remove(counted: Counted): void {
    if (counted.by === 'link') this.availability.removePeer(counted.session.theirs, counted.proven);
    if (counted.by !== 'announcement') return;
    if (counted.pieces.kind === 'all') this.availability.removeCompleteElsewhere();
    else for (const range of counted.pieces.ranges) this.availability.removeElsewhere(range);
  }
}
