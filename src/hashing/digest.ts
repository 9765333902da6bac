import { createHash, webcrypto } from 'node:crypto';
import { HASH_OFF_THREAD_FROM_BYTES } from '../limits.ts';

/** SHA-1 of a piece: 20 bytes. The input is taken at the call, so its memory may be reused at once. */
export type PieceDigest = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Runs on libuv's threads, so pieces are hashed on all cores while the main thread goes on. */
export const sha1OffThread: PieceDigest = async (bytes) => {
  if (bytes.length < HASH_OFF_THREAD_FROM_BYTES) return sha1Now(bytes);
  return new Uint8Array(await webcrypto.subtle.digest('SHA-1', bytes));
};

/** Finished when the call returns; for tests, and where there is one core. */
export const sha1Now: PieceDigest = async (bytes) => createHash('sha1').update(bytes).digest();
