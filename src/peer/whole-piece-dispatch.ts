import { MAX_QUEUED_REQUESTS } from '../limits.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import { type AssignmentInput, ProtocolError } from '../wire/lan/message.ts';
import type { OpenWholePieceLink, WholePieceHandler } from './whole-piece-parts.ts';

/**
 * Takes a message of the assignment to whom it concerns. `reject` hears of a request that is not granted. Throws
 * ProtocolError where the message breaks the protocol.
 */
export function dispatchWholePieces(
  input: AssignmentInput,
  { handler, uploads }: OpenWholePieceLink<WholePieceHandler>,
  reject: (index: number) => void,
): void {
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
    case 'request': {
      const allowed = handler.onRequest(input.index);
      if (allowed === undefined) return reject(input.index);
      if (uploads.add(allowed)) return;
      throw new ProtocolError(`more than ${MAX_QUEUED_REQUESTS} requests outstanding`);
    }
    case 'piece':
      // `takePiece` has seen that it was asked for, so the index exists.
      return handler.onPiece({ ...input, index: input.index as PieceIndex });
  }
}
