import { type Identity, peerIdOf, SIGNATURE_BYTES, type Verify } from '../../src/gossip/identity.ts';
import type { Random } from '../../src/platform/random.ts';

/**
 * An identity whose signature is a checksum over the key and the bytes: it tells what was changed from what was
 * not, at a hundredth of the cost of Ed25519. Only liars of the test itself could forge it.
 */
export function fakeIdentity(random: Random): Identity {
  const publicKey = random.bytes(32);
  return { peerId: peerIdOf(publicKey), publicKey, sign: (bytes) => checksum(publicKey, bytes) };
}

export const verifyFake: Verify = (publicKey, bytes, signature) => {
  const expected = checksum(publicKey, bytes);
  return signature.length === expected.length && signature.every((byte, at) => byte === expected[at]);
};

/** FNV-1a, 32 bits. */
function checksum(publicKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  let hash = 0x811c9dc5;
  for (const part of [publicKey, bytes])
    for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  new DataView(signature.buffer).setUint32(0, hash);
  return signature;
}
