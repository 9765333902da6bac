import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PeerId } from '../../holdings/holding.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { COOKIE_BYTES } from '../codec/gossip-layout.ts';

/**
 * What we give to those who ask, and want to see again: it proves that they get what we send to that address.
 * Computed anew each time, so a stranger costs no memory (as SYN cookies, RFC 4987 section 3.6).
 */
export class Cookies {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** For this peer at this address. */
  give(peerId: PeerId, { host, port }: Endpoint): Uint8Array {
    const digest = createHmac('sha256', this.#secret).update(`${host}|${port}|${peerId}`).digest();
    return new Uint8Array(digest.subarray(0, COOKIE_BYTES));
  }

  isOurs(cookie: Uint8Array, peerId: PeerId, endpoint: Endpoint): boolean {
    return timingSafeEqual(cookie, this.give(peerId, endpoint));
  }
}

/** Of 8 bytes both: a cookie, a nonce, a digest. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
