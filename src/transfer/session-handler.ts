import { MAX_PIECES, PEER_EXCHANGE_INTERVAL_MS } from '../limits.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import type { LinkHandler } from '../peer/peer-link.ts';
import type { Clock } from '../platform/clock.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import type { Exchange } from './exchange.ts';
import { GivenHashes } from './given-hashes.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReadGate } from './read-gate.ts';
import type { TransferCounters } from './transfer-counters.ts';

export interface SessionSurroundings
  extends Pick<
    LinkHandler,
    | 'onMetainfo'
    | 'metainfoBytes'
    | 'onHashes'
    | 'onHashReject'
    | 'onPeersExchanged'
    | 'onSourceFault'
    | 'onClosed'
  > {
  readonly clock: Clock;
  readonly counters: TransferCounters;
  readonly gate: ReadGate;
  /** Undefined until the metainfo is known. */
  exchange(): Exchange | undefined;
  /** Undefined until it can be exchanged. */
  metainfo(): Metainfo | undefined;
  /** The peer has the metainfo now. */
  onMetainfoOffer(): void;
}

/**
 * What a link tells its session. Messages about pieces go to the exchange; before there is one, those that will
 * matter then are kept.
 */
export function sessionHandler(session: PeerSession, surroundings: SessionSurroundings): LinkHandler {
  const { clock, counters, gate, exchange } = surroundings;
  const givenHashes = new GivenHashes();
  let exchangedAt = Number.NEGATIVE_INFINITY;
  return {
    onBitfield(bits) {
      const active = exchange();
      if (active !== undefined) active.onBitfield(session, bits);
      else keepEarlyBitfield(session, bits);
    },
    onHave(index) {
      const active = exchange();
      if (active !== undefined) active.onHave(session, index);
      else keepEarlyHave(session, index);
    },
    onHaveAll() {
      const active = exchange();
      if (active !== undefined) active.onHaveAll(session);
      else keepEarlyBitfield(session, 'all');
    },
    onChoke() {
      session.choking = true;
      exchange()?.onChoke(session);
    },
    onUnchoke() {
      session.choking = false;
      exchange()?.onUnchoke(session);
    },
    onInterested() {
      session.interested = true;
      exchange()?.onInterested(session);
    },
    onNotInterested() {
      session.interested = false;
    },
    onReject: (index) => exchange()?.onReject(session, index),
    onRequest: (index) => exchange()?.onRequest(session, index),
    takePiece(index, length) {
      const active = exchange();
      if (active === undefined) throw new ProtocolError(`piece ${index} was not asked for`);
      const buffer = active.takePiece(session, index, length);
      session.receiving = buffer !== undefined;
      session.pieceBegins(length, clock.now());
      return buffer;
    },
    releasePiece(content) {
      // Of a piece that was begun and given up nothing more comes: what comes now is talk.
      session.receiving = false;
      exchange()?.releasePiece(content);
    },
    onPiece(piece) {
      session.receiving = false;
      session.pieceEnds(clock.now());
      counters.lastPieceAt = clock.now();
      exchange()?.onArrived(session, piece);
    },
    onMetainfoOffer(bytes) {
      session.metainfoSize = bytes;
      surroundings.onMetainfoOffer();
    },
    onListening(port) {
      session.listensAt ??= { host: session.link.remote.host, port };
    },
    onPeersExchanged(peers) {
      // BEP 11: no more than once a minute. Half of that is the sender's clock and the network.
      if (clock.now() - exchangedAt < PEER_EXCHANGE_INTERVAL_MS / 2) return;
      exchangedAt = clock.now();
      surroundings.onPeersExchanged(peers);
    },
    onMetainfo: surroundings.onMetainfo,
    metainfoBytes: surroundings.metainfoBytes,
    hashesAt(place) {
      const metainfo = surroundings.metainfo();
      return metainfo && givenHashes.at(metainfo, place);
    },
    onHashes: surroundings.onHashes,
    onHashReject: surroundings.onHashReject,
    onReceived(bytes) {
      const now = clock.now();
      session.received(bytes, now);
      session.replaces?.link.close('duplicate link');
      session.replaces = undefined;
      // What comes while no piece is owed is talk.
      if (session.outstanding.size > 0) counters.received(bytes, now);
      if (session.receiving) counters.lastPieceAt = now;
      gate.onReceived(bytes);
    },
    onSent(bytes) {
      const now = clock.now();
      session.lastExchangeAt = now;
      session.up.add(bytes, now);
      counters.sent(bytes, now);
    },
    onSourceFault: surroundings.onSourceFault,
    onClosed: surroundings.onClosed,
  };
}

function keepEarlyBitfield(session: PeerSession, bits: Uint8Array | 'all'): void {
  const isFirst = session.early === undefined;
  if (!isFirst && session.link.dialect === 'lan')
    throw new ProtocolError('a second bitfield, or one after a have');
  // A later one says all that an earlier one said, and more.
  session.early = { bits: session.early?.bits === 'all' ? 'all' : bits, haves: session.early?.haves ?? [] };
}

function keepEarlyHave(session: PeerSession, index: number): void {
  session.early ??= { bits: undefined, haves: [] };
  if (session.early.haves.push(index) > MAX_PIECES / 16)
    throw new ProtocolError('too many haves before the metainfo');
}
