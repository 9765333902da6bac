import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { type PeerId, peerIdFromBytes } from '../holdings/holding.ts';

/** Who a node is: a key pair that lives as long as the process, and the peer id that follows from it. */
export interface Identity {
  readonly peerId: PeerId;
  /** 32 bytes (RFC 8032 section 5.1.5). */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Whether `signature` over `bytes` was made with the key. A test may hand in a cheaper one. */
export type Verify = (publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean;

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** BEP 20: client and version, in front of what tells one process from all others. */
const PEER_ID_PREFIX = '-LS0100-';

/** The peer id of a key: nobody else can prove to have it. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  const digest = createHash('sha256').update(publicKey).digest();
  const rest = digest.subarray(0, 20 - PEER_ID_PREFIX.length);
  return peerIdFromBytes(Buffer.concat([Buffer.from(PEER_ID_PREFIX, 'latin1'), rest]));
}

/** `seed`: 32 bytes, for tests; random without it. */
export function createIdentity(seed?: Uint8Array): Identity {
  const privateKey =
    seed === undefined
      ? generateKeyPairSync('ed25519').privateKey
      : createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(SPKI_HEADER.length);
  return { peerId: peerIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

/** Remembers the keys of those who sign often: reading one takes as long as checking a signature with it. */
export function makeVerify(): Verify {
  const keys = new Map<string, KeyObject>();
  return (publicKey, bytes, signature) => {
    const id = Buffer.from(publicKey).toString('latin1');
    try {
      const key = keys.get(id) ?? readKey(publicKey);
      if (!verify(null, bytes, key, signature)) return false;
      keys.set(id, key);
      if (keys.size > MAX_KEYS_REMEMBERED) keys.clear();
      return true;
    } catch {
      // No point on the curve (RFC 8032 section 5.1.3).
      return false;
    }
  };
}

const MAX_KEYS_REMEMBERED = 1_024;

function readKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: 'der', type: 'spki' });
}

/** RFC 8410 sections 4 and 7: what stands in front of the 32 bytes of a key. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');
