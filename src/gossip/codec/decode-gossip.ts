import { peerIdFromBytes } from '../../holdings/holding.ts';
import { MAX_DATAGRAM_BYTES } from '../../limits.ts';
import type { GossipBody, GossipItem, GossipMessage } from '../gossip-message.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../identity.ts';
import { type ByteReader, MalformedError, readWhole } from './byte-reader.ts';
import { readItem } from './decode-item.ts';
import {
  byCode,
  COOKIE_BYTES,
  GOSSIP_HEADER_BYTES,
  GOSSIP_KIND,
  GOSSIP_MAGIC,
  GOSSIP_PREFIX_BYTES,
  GOSSIP_VERSION,
  NONCE_BYTES,
  PEER_ID_BYTES,
  PROBE_BYTES,
} from './gossip-layout.ts';

/** Why a datagram is dropped; counted under this name. */
export type GossipFault = 'too long' | 'malformed' | 'unknown kind';

/**
 * Believes nothing: whatever is missing, too long or out of its range makes the whole datagram malformed. Items
 * and statements of a kind that we do not know are left out. No signature is checked here. What is returned
 * has bytes of its own.
 */
export function decodeGossip(bytes: Uint8Array): GossipMessage | { readonly fault: GossipFault } {
  if (bytes.length > MAX_DATAGRAM_BYTES) return { fault: 'too long' };
  if (!beginsAsGossip(bytes)) return { fault: 'malformed' };
  const kind = KINDS.get(bytes[GOSSIP_PREFIX_BYTES - 1] ?? 0);
  if (kind === undefined) return { fault: 'unknown kind' };
  const message = readWhole(bytes.subarray(GOSSIP_PREFIX_BYTES), (reader) => ({
    sender: peerIdFromBytes(reader.view(PEER_ID_BYTES)),
    cookie: reader.copy(COOKIE_BYTES),
    ...readBody(reader, kind),
  }));
  return message ?? { fault: 'malformed' };
}

/** Whether it is a matter of gossip, well-formed or not, and not of the beacon on the same socket. */
export function isGossip(bytes: Uint8Array): boolean {
  return beginsAsGossip(bytes) && KINDS.has(bytes[GOSSIP_PREFIX_BYTES - 1] ?? 0);
}

const KINDS = byCode(GOSSIP_KIND);

function beginsAsGossip(bytes: Uint8Array): boolean {
  return (
    bytes.length >= GOSSIP_PREFIX_BYTES &&
    GOSSIP_MAGIC.equals(bytes.subarray(0, GOSSIP_MAGIC.length)) &&
    bytes[GOSSIP_MAGIC.length] === GOSSIP_VERSION
  );
}

function readBody(reader: ByteReader, kind: GossipBody['kind']): GossipBody {
  switch (kind) {
    case 'probe':
      return readProbe(reader);
    case 'proof':
      return {
        kind,
        nonce: reader.copy(NONCE_BYTES),
        given: reader.copy(COOKIE_BYTES),
        publicKey: reader.copy(PUBLIC_KEY_BYTES),
        signature: reader.copy(SIGNATURE_BYTES),
      };
    case 'unknown':
      return { kind };
    case 'items':
      return { kind, items: readItems(reader) };
  }
}

const MIN_PADDING_BYTES = PROBE_BYTES - GOSSIP_HEADER_BYTES - NONCE_BYTES;

/** The padding is there for its length alone: what it is does not matter. */
function readProbe(reader: ByteReader): GossipBody {
  const nonce = reader.copy(NONCE_BYTES);
  if (reader.left < MIN_PADDING_BYTES) throw new MalformedError('a probe smaller than its proof');
  reader.view(reader.left);
  return { kind: 'probe', nonce };
}

function readItems(reader: ByteReader): GossipItem[] {
  const items: GossipItem[] = [];
  while (reader.left > 0) {
    const item = readItem(reader);
    if (item !== undefined) items.push(item);
  }
  return items;
}
