import type { PeerId } from '../../holdings/holding.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Verify } from '../identity.ts';
import type { SignedStatement } from '../statement.ts';
import { statementSigningBytes } from './statement-layout.ts';

/** Whether the one whom it is about has signed it. */
export function isGenuine({ bytes }: SignedStatement, verify: Verify): boolean {
  const publicKey = bytes.subarray(1, 1 + PUBLIC_KEY_BYTES);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  return verify(publicKey, statementSigningBytes(bytes.subarray(0, -SIGNATURE_BYTES)), signature);
}

const PROOF_CONTEXT = Buffer.from('lanshare proof');

/**
 * What the signature of a proof is over. With the receiver's id in it, nobody can pass a proof on as one for
 * somebody else; with the nonce, nor show it again later.
 */
export function proofBytes(nonce: Uint8Array, receiver: PeerId, given: Uint8Array): Uint8Array {
  return Buffer.concat([PROOF_CONTEXT, nonce, Buffer.from(receiver, 'hex'), given]);
}
