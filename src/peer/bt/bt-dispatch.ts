import { MAX_BLOCK_BYTES, MAX_QUEUED_BLOCKS, METADATA_BLOCK_BYTES } from '../../limits.ts';
import type { HashPlace } from '../../metainfo/hash-place.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { BlockPlace, BtBlock, BtMessage, ExtensionHandshake } from '../../wire/bt/message.ts';
import { ProtocolError } from '../../wire/lan/message.ts';
import type { LinkHandler } from '../peer-link.ts';
import type { BlockDownloads } from './block-downloads.ts';
import type { BlockUploads } from './block-uploads.ts';
import type { LeafHashes } from './leaf-hashes.ts';
import type { MetadataSlices } from './metadata-slices.ts';
import { requestableSize } from './requestable-size.ts';

/** An open link, as what arrives over it is dispatched. */
export interface OpenBtLink {
  readonly handler: LinkHandler;
  readonly downloads: BlockDownloads;
  readonly uploads: BlockUploads;
  readonly metadata: MetadataSlices;
  readonly leaves: LeafHashes;
  /** Both sides speak BEP 6. */
  readonly fast: boolean;
  /** What is served; undefined while only the metainfo is exchanged. */
  store: ContentStore | undefined;
  send(message: BtMessage): void;
  extended(extension: ExtensionHandshake): void;
}

/** Takes a message of an open link to whom it concerns. Throws ProtocolError where it breaks the protocol. */
export function dispatch(input: BtMessage | BtBlock, link: OpenBtLink): void {
  const { handler, downloads, uploads, metadata } = link;
  switch (input.type) {
    case 'keep-alive':
    case 'port':
    case 'suggest':
    case 'allowed fast':
    case 'unknown extension':
    case 'have none':
      return;
    case 'choke':
      downloads.choked();
      return handler.onChoke();
    case 'unchoke':
      return handler.onUnchoke();
    case 'interested':
      return handler.onInterested();
    case 'not interested':
      return handler.onNotInterested();
    case 'have':
      return handler.onHave(input.index);
    case 'have all':
      return handler.onHaveAll();
    case 'bitfield':
      return handler.onBitfield(input.bits);
    case 'request':
      return onRequest(input, link);
    case 'cancel':
      if (uploads.cancel(input.index, input.begin, input.length)) reject(input, link);
      return;
    case 'reject':
      return downloads.rejected(input);
    case 'block':
      return downloads.onBlock(input.begin);
    case 'hash request':
      return onHashRequest(input, link);
    case 'hashes':
      return handler.onHashes(input, input.hashes);
    case 'hash reject':
      return handler.onHashReject(input);
    case 'extension handshake':
      return link.extended(input.extension);
    case 'metadata request':
      return onMetadataRequest(input.piece, link);
    case 'metadata':
      for (const { offset, bytes } of metadata.onBlock(input.piece, input.bytes))
        handler.onMetainfo(offset, bytes);
      return;
    case 'metadata reject':
      // It offered the metadata, and does not give it.
      throw new ProtocolError('the peer does not give the metadata that it offered');
    case 'peer exchange':
      return handler.onPeersExchanged(input.added.map(({ endpoint }) => endpoint));
  }
}

function onRequest(place: BlockPlace, link: OpenBtLink): void {
  const { handler, uploads, store } = link;
  const allowed = store === undefined ? undefined : handler.onRequest(place.index);
  if (store === undefined || allowed === undefined) return reject(place, link);
  const { begin, length } = place;
  const inside = begin + length <= requestableSize(store.metainfo, allowed);
  if (length < 1 || length > MAX_BLOCK_BYTES || !inside)
    throw new ProtocolError(`a request for ${length} bytes at ${begin} of piece ${place.index}`);
  if (!uploads.add(store, { index: allowed as PieceIndex, begin, length }))
    throw new ProtocolError(`more than ${MAX_QUEUED_BLOCKS} requests outstanding`);
}

/** Without BEP 6 there is no way to say no. */
function reject({ index, begin, length }: BlockPlace, { fast, send }: OpenBtLink): void {
  if (fast) send({ type: 'reject', index, begin, length });
}

/** Hashes of pieces are known; those of blocks are made of a piece that is held. */
function onHashRequest(place: HashPlace, { handler, leaves, store, send }: OpenBtLink): void {
  const hashes = handler.hashesAt(place);
  if (hashes !== undefined) send({ ...place, type: 'hashes', hashes });
  else if (store === undefined) send({ ...place, type: 'hash reject' });
  else leaves.request(store, place);
}

function onMetadataRequest(piece: number, { handler, send }: OpenBtLink): void {
  const bytes = handler.metainfoBytes();
  const offset = piece * METADATA_BLOCK_BYTES;
  if (bytes === undefined || offset >= bytes.length) return send({ type: 'metadata reject', piece });
  const slice = bytes.subarray(offset, offset + METADATA_BLOCK_BYTES);
  send({ type: 'metadata', piece, totalSize: bytes.length, bytes: slice });
}
