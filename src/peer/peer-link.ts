import type { PeerId } from '../holdings/holding.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { ExchangedPeer } from '../wire/bt/message.ts';
import type { RefusalReason } from '../wire/lan/message.ts';

/**
 * One connection to a peer about one content, whatever dialect it speaks. A transfer sees whole pieces;
 * a dialect that moves blocks puts them together below this interface.
 */
export interface PeerLink {
  readonly dialect: 'lan' | 'bittorrent' | 'web seed' | 'strict';
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Who opened the connection. */
  readonly dialed: boolean;
  readonly peerId: PeerId;
  /** Requests that the peer allows to be outstanding. */
  readonly maxRequests: number;
  /** Bytes of the info dictionary that the peer could give when the link opened; undefined where it had none. */
  readonly metainfoSize: number | undefined;
  /** It answers hash requests (BEP 52). */
  readonly givesHashes: boolean;
  /** Pieces that wait to be sent or are being sent. */
  readonly queuedUploads: number;
  /** It asked for pieces and has not taken a byte of them for too long. */
  readonly readsNothing: boolean;

  /** From now on requests are answered from here. */
  serve(store: ContentStore): void;
  bitfield(bits: Uint8Array): void;
  have(index: PieceIndex): void;
  /** Choking drops the requests that wait; the piece that is being sent is finished. */
  choke(): void;
  unchoke(): void;
  interested(): void;
  notInterested(): void;
  request(index: PieceIndex): void;
  cancel(index: PieceIndex): void;
  /** We have the info dictionary now; the hello could not say so yet. */
  offerMetainfo(bytes: number): void;
  requestMetainfo(offset: number, length: number): void;
  requestHashes(place: HashPlace): void;
  /** Tells of others, where the dialect has words for it (BEP 11). */
  exchangePeers(added: readonly ExchangedPeer[], dropped: readonly Endpoint[]): void;
  /** Stops and restarts reading, so that the peer is slowed down by TCP itself. */
  pause(): void;
  resume(): void;
  /** Says why where the peer understands it, and closes. `onClosed` follows. */
  close(reason: RefusalReason, text?: string): void;
  /** Ends at once and says nothing: the way to the peer is lost. `onClosed` follows. */
  drop(text: string): void;
}

/** A piece as it arrived; its hash is not checked yet. `content` is the buffer that `takePiece` gave. */
export interface ArrivedPiece {
  readonly index: PieceIndex;
  readonly content: Uint8Array;
  /** The CRC-32 that travelled with it, if one did: tells damage on the way from wrong data at the peer. */
  readonly sentCrc32: number | undefined;
}

/** What a transfer is told of a link. Numbers off the wire are plain numbers here; the transfer validates them. */
export interface LinkHandler {
  onBitfield(bits: Uint8Array): void;
  onHave(index: number): void;
  /** The peer has every piece, however many there are (BEP 6). */
  onHaveAll(): void;
  onChoke(): void;
  onUnchoke(): void;
  onInterested(): void;
  onNotInterested(): void;
  /** The request was refused: not held any more, or choked. */
  onReject(index: number): void;
  /** A buffer of exactly `length` bytes, or undefined to skip the piece. Throws ProtocolError if it was never asked for. */
  takePiece(index: number, length: number): Uint8Array | undefined;
  /** The buffer of a piece that will not be completed. */
  releasePiece(content: Uint8Array): void;
  onPiece(piece: ArrivedPiece): void;
  onMetainfoOffer(bytes: number): void;
  /** The TCP port that the peer listens on; the first introduction could not say it. */
  onListening(port: number): void;
  /** The peer knows of others (BEP 11); nobody has seen them yet. */
  onPeersExchanged(peers: readonly Endpoint[]): void;
  onMetainfo(offset: number, bytes: Uint8Array): void;
  /** The info dictionary, where it is known here, to be sliced for the peer. */
  metainfoBytes(): Uint8Array | undefined;
  /** Hashes of a piece layer with their proof; undefined where the request is refused. */
  hashesAt(place: HashPlace): Uint8Array | undefined;
  /** Hashes that were asked for, and their proof. */
  onHashes(place: HashPlace, hashes: Uint8Array): void;
  onHashReject(place: HashPlace): void;
  /** May this piece be sent to the peer? Throws ProtocolError where the index does not exist. */
  onRequest(index: number): PieceIndex | undefined;
  onReceived(bytes: number): void;
  onSent(bytes: number): void;
  /** What is served could not be read, or is not what was hashed. */
  onSourceFault(error: unknown): void;
  onClosed(reason: LinkClosed): void;
}

/** How a link ended: we closed it, they refused us, or the connection was lost. */
export type LinkClosed =
  | { readonly by: 'us'; readonly reason: RefusalReason; readonly text: string }
  | { readonly by: 'peer'; readonly reason: RefusalReason; readonly text: string }
  | { readonly by: 'network'; readonly text: string };
