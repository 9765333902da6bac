import { METAINFO_SLICE_BYTES } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import { type LanInput, type LanMessage, ProtocolError } from '../wire/lan/message.ts';
import type { LinkHandler } from './peer-link.ts';
import { dispatchWholePieces } from './whole-piece-dispatch.ts';
import type { OpenWholePieceLink } from './whole-piece-parts.ts';

/** What an open link does with a message. */
export interface OpenLink extends OpenWholePieceLink<LinkHandler> {
  send(message: LanMessage): void;
  /** The peer says why it closes the link. */
  refused(refusal: Extract<LanMessage, { type: 'refusal' }>): void;
}

/** Takes a message of an open link to whom it concerns. Throws ProtocolError where it breaks the protocol. */
export function dispatch(input: LanInput, link: OpenLink): void {
  const { handler, uploads, send } = link;
  switch (input.type) {
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not interested':
    case 'have':
    case 'bitfield':
    case 'request':
    case 'piece':
      return dispatchWholePieces(input, link, (index) => send({ type: 'reject', index }));
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
