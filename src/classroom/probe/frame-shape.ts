import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES, PROBE_MAX_STRANGE_FRAME_BYTES } from '../../limits.ts';
import { FRAME_TYPES } from '../../wire/lan/message.ts';
import { MESSAGE_NAMES, type MessageName } from './conversation.ts';

/** A frame with more is taken for garbled; one with less is read, whatever it is. */
export function mostPayloadBytes(frameType: number): number {
  switch (frameType) {
    case FRAME_TYPES.piece:
      return 4 + MAX_PIECE_LENGTH_BYTES;
    case FRAME_TYPES.bitfield:
      return MAX_PIECES / 8;
    default:
      return PROBE_MAX_STRANGE_FRAME_BYTES;
  }
}

export function payloadFits(name: MessageName, payloadBytes: number): boolean {
  switch (name) {
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not interested':
      return payloadBytes === 0;
    case 'have':
    case 'request':
      return payloadBytes === 4;
    case 'bitfield':
      return true;
    case 'piece':
      return payloadBytes >= 4;
  }
}

/**
 * A sentence's part about a length that no message has, with what it may have been meant to be. Behind other messages it
 * may be no length at all.
 */
export function whyUnbelievable(length: Buffer, frameType: number, isFirst: boolean): string {
  const said = `a length of ${length.readUInt32BE()} for a message of type ${frameType}`;
  if (/^[0-9 ]{4}$/.test(length.toString('latin1'))) return `${said}: the length is written as text`;
  const name = MESSAGE_NAMES[frameType];
  const reversed = length.readUInt32LE() - 1;
  if (
    name !== undefined &&
    reversed >= 0 &&
    reversed <= mostPayloadBytes(frameType) &&
    payloadFits(name, reversed)
  )
    return isFirst
      ? `${said}: the length is written little-endian`
      : `${said}: it is little-endian, ${OR_BEFORE}`;
  return isFirst ? said : `${said}, ${OR_BEFORE}`;
}

const OR_BEFORE = 'or the message before has another length than it says';

/** What to add to a sentence about an index that makes no sense, where it does with its bytes the other way round. */
export function byteOrder(index: number, makesSense: (index: number) => boolean): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(index);
  return makesSense(bytes.readUInt32LE()) ? ': the index is written little-endian' : '';
}
