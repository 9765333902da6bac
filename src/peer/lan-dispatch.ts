import { MAX_QUEUED_REQUESTS, METAINFO_SLICE_BYTES } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import { type LanInput, type LanMessage, ProtocolError } from '../wire/lan/message.ts';
import type { LinkHandler } from './peer-link.ts';
import type { UploadQueue } from './upload-queue.ts';

/** What an open link does with a message. */
export interface OpenLink {
  readonly handler: LinkHandler;
  readonly uploads: UploadQueue;
  send(message: LanMessage): void;
  /** The peer says why it closes the link. */
  refused(refusal: Extract<LanMessage, { type: 'refusal' }>): void;
}

/** Takes a message of an open link to whom it concerns. Throws ProtocolError where it breaks the protocol. */
export function dispatch(input: LanInput, link: OpenLink): void {
  const { handler, uploads, send } = link;
  switch (input.type) {
    case 'choke':
      return handler.onChoke();
    case 'unchoke':
      return handler.onUnchoke();
    case 'interested':
      return handler.onInterested();
    case 'not interested':
      return handler.onNotInterested();
    case 'have':
      return handler.onHave(input.index);
    case 'bitfield':
      return handler.onBitfield(input.bits);
    case 'request':
      return onRequest(input.index, link);
    case 'piece':
      // `takePiece` has seen that it was asked for, so the index exists.
      return handler.onPiece({ ...input, index: input.index as PieceIndex });
    case 'cancel':
      if (uploads.cancel(input.index as PieceIndex)) send({ type: 'reject', index: input.index });
      return;
    case 'reject':
      return handler.onReject(input.index);
    case 'metainfo offer':
      return handler.onMetainfoOffer(input.size);
    case 'metainfo request':
      return onMetainfoRequest(input.offset, input.length, link);
    case 'metainfo':
      return handler.onMetainfo(input.offset, input.bytes);
    case 'hash request':
      return onHashRequest(input, link);
    case 'hashes':
      return handler.onHashes(input, input.hashes);
    case 'hash reject':
      return handler.onHashReject(input);
    case 'refusal':
      return link.refused(input);
    case 'handshake':
    case 'hello':
      throw new ProtocolError(`a second ${input.type}`);
  }
}

function onRequest(index: number, { handler, uploads, send }: OpenLink): void {
  const allowed = handler.onRequest(index);
  if (allowed === undefined) send({ type: 'reject', index });
  else if (!uploads.add(allowed))
    throw new ProtocolError(`more than ${MAX_QUEUED_REQUESTS} requests outstanding`);
}

function onHashRequest(place: HashPlace, { handler, send }: OpenLink): void {
  const hashes = handler.hashesAt(place);
  if (hashes === undefined) send({ ...place, type: 'hash reject' });
  else send({ ...place, type: 'hashes', hashes });
}

function onMetainfoRequest(offset: number, length: number, { handler, send }: OpenLink): void {
  const bytes = handler.metainfoBytes();
  const inside = bytes !== undefined && offset + length <= bytes.length;
  if (!inside || length === 0 || length > METAINFO_SLICE_BYTES)
    throw new ProtocolError(`a request for ${length} bytes of metainfo at ${offset}`);
  send({ type: 'metainfo', offset, bytes: bytes.subarray(offset, offset + length) });
}
