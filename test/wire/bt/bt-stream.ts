import type { InfoHash } from '../../../src/metainfo/metainfo.ts';
import { BtDecoder, type BtDecoderOptions } from '../../../src/wire/bt/decode.ts';
import { encodeBlockHeader, encodeBtMessage } from '../../../src/wire/bt/encode.ts';
import { encodeBtHandshake } from '../../../src/wire/bt/handshake.ts';
import {
  type BtHandshake,
  type BtInput,
  type BtMessage,
  OUR_EXTENSION_IDS,
  type PeerExtensionIds,
} from '../../../src/wire/bt/message.ts';

/** A peer that wants extension messages under the same ids as we do, so that our own decoder reads them. */
export const likeUs: PeerExtensionIds = {
  metadataId: OUR_EXTENSION_IDS.ut_metadata,
  peerExchangeId: OUR_EXTENSION_IDS.ut_pex,
};

export const handshake: BtHandshake = {
  type: 'handshake',
  infoHash: 'ab'.repeat(20) as InfoHash,
  peerId: Buffer.from('-LS0400-0123456789ab', 'latin1'),
  supports: { extensions: true, fast: true, v2: false },
};

export function encode(message: BtMessage): Uint8Array {
  return encodeBtMessage(message, likeUs);
}

export function blockFrame(index: number, begin: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([encodeBlockHeader(index, begin, bytes.length), bytes]);
}

/** Length, type, payload; `payloadBytes` may promise more than comes. */
export function rawFrame(type: number, payload: Uint8Array, payloadBytes = payload.length): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(1 + payloadBytes);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, payload]);
}

/** An extended message (BEP 10). */
export function extendedFrame(id: number, payload: Uint8Array | string, payloadBytes?: number): Uint8Array {
  const bytes = Buffer.from(payload as string, 'latin1');
  return rawFrame(20, Buffer.concat([Buffer.of(id), bytes]), 1 + (payloadBytes ?? bytes.length));
}

export function behindHandshake(...frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([encodeBtHandshake(handshake), ...frames]);
}

/** A block together with the bytes that the decoder has put into its buffer. */
export type Read =
  | BtInput
  | { readonly type: 'filled block'; readonly place: string; readonly bytes: Buffer };

/** What a peer's bytes come to, cut into these chunks, and how it ended. */
export function decodeAll(chunks: readonly Uint8Array[], options: { fast?: boolean } = {}): Read[] {
  const read: Read[] = [];
  for (const input of decoding(chunks, options)) read.push(input);
  return read;
}

export function* decoding(chunks: readonly Uint8Array[], { fast = true } = {}): Generator<Read> {
  let buffer = Buffer.alloc(0);
  const decoder = makeDecoder({
    takeBlock: (_index, _begin, length) => {
      buffer = Buffer.alloc(length);
      return buffer;
    },
  });
  decoder.fast = fast;
  for (const chunk of chunks) {
    for (const input of decoder.push(chunk)) {
      if (input.type === 'block')
        yield { type: 'filled block', place: `${input.index}+${input.begin}`, bytes: buffer };
      else yield input;
    }
  }
}

export function makeDecoder(options: Partial<BtDecoderOptions> = {}): BtDecoder {
  const decoder = new BtDecoder({ takeBlock: (_index, _begin, length) => Buffer.alloc(length), ...options });
  decoder.fast = true;
  return decoder;
}

/** What stands behind the handshake. */
export function decodeFrames(...frames: readonly Uint8Array[]): Read[] {
  return decodeAll([behindHandshake(...frames)]).slice(1);
}

/** Cuts the stream at these places. */
export function cutAt(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [
    0,
    ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b),
    stream.length,
  ];
  return borders.slice(1).map((end, at) => stream.subarray(borders[at], end));
}
