import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../platform/random.ts';

const SECRET_BYTES = 32;
export const COOKIE_BYTES = 8;

/**
 * Proof that an asker gets what is sent to its address: a keyed hash of it, which only somebody there can have
 * read. Nothing is stored for it (the idea of RFC 9000 section 8.1.2 and of TCP's SYN cookies).
 */
export class AddressCookies {
  readonly #secret: Uint8Array;

  constructor(random: Random) {
    this.#secret = random.bytes(SECRET_BYTES);
  }

  for(host: string): Uint8Array {
    return createHmac('sha256', this.#secret).update(host).digest().subarray(0, COOKIE_BYTES);
  }

  accepts(host: string, cookie: Uint8Array | undefined): boolean {
    return cookie?.length === COOKIE_BYTES && timingSafeEqual(cookie, this.for(host));
  }
}
