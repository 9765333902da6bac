import { MAX_DATAGRAM_BYTES } from '../../limits.ts';
import type { GossipBody, GossipHeader, GossipItem } from '../gossip-message.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../identity.ts';
import { ByteWriter } from './byte-writer.ts';
import { itemBytes, writeItem } from './encode-item.ts';
import {
  COOKIE_BYTES,
  GOSSIP_HEADER_BYTES,
  GOSSIP_KIND,
  GOSSIP_MAGIC,
  GOSSIP_VERSION,
  NONCE_BYTES,
  PEER_ID_BYTES,
  PROBE_BYTES,
} from './gossip-layout.ts';

export { itemBytes } from './encode-item.ts';

/** One datagram. Throws RangeError where its items do not fit MAX_DATAGRAM_BYTES, or a field its size. */
export function encodeGossip(header: GossipHeader, body: GossipBody): Uint8Array {
  const writer = new ByteWriter(MAX_DATAGRAM_BYTES);
  writer.raw(GOSSIP_MAGIC);
  writer.uint(GOSSIP_VERSION, 1);
  writer.uint(GOSSIP_KIND[body.kind], 1);
  writer.hex(header.sender, PEER_ID_BYTES);
  writer.fixed(header.cookie, COOKIE_BYTES);
  writeBody(writer, body);
  return writer.finish();
}

/**
 * As many datagrams as it takes, in order, each of at most MAX_DATAGRAM_BYTES; an item is never split. Throws
 * RangeError where an item alone does not fit.
 */
export function packItems(header: GossipHeader, items: readonly GossipItem[]): Uint8Array[] {
  const datagrams: GossipItem[][] = [];
  let datagram: GossipItem[] = [];
  let room = 0;
  for (const item of items) {
    const size = itemBytes(item);
    if (size > room) {
      datagram = [];
      datagrams.push(datagram);
      room = MAX_DATAGRAM_BYTES - GOSSIP_HEADER_BYTES;
    }
    datagram.push(item);
    room -= size;
  }
  return datagrams.map((part) => encodeGossip(header, { kind: 'items', items: part }));
}

function writeBody(writer: ByteWriter, body: GossipBody): void {
  switch (body.kind) {
    case 'probe':
      writer.fixed(body.nonce, NONCE_BYTES);
      writer.zeros(PROBE_BYTES - GOSSIP_HEADER_BYTES - NONCE_BYTES);
      return;
    case 'proof':
      writer.fixed(body.nonce, NONCE_BYTES);
      writer.fixed(body.given, COOKIE_BYTES);
      writer.fixed(body.publicKey, PUBLIC_KEY_BYTES);
      writer.fixed(body.signature, SIGNATURE_BYTES);
      return;
    case 'unknown':
      return;
    case 'items':
      for (const item of body.items) writeItem(writer, item);
      return;
  }
}
