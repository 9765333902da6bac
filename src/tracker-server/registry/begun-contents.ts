import { MAX_HOSTS_COUNTED } from '../../limits.ts';
import type { HalfSipHash } from '../half-sip-hash.ts';
import type { Announcement } from './announcement.ts';

export interface BegunContentsOptions {
  readonly hash: HalfSipHash;
  /** What one host may begin within a period. */
  readonly mostPerHost: number;
  readonly periodSeconds: number;
}

/**
 * How many contents each host was the first to announce, so that one host cannot take all places. A host is an IPv4
 * address, or the /64 that one IPv6 host can choose its addresses from.
 */
export class BegunContents {
  readonly #options: BegunContentsOptions;
  readonly #begun = new Map<number, number>();
  #periodEnds = 0;

  constructor(options: BegunContentsOptions) {
    this.#options = options;
  }

  /** Counts one more, where the host may begin it. */
  begin({ family, address }: Announcement, nowSeconds: number): boolean {
    const { hash, mostPerHost, periodSeconds } = this.#options;
    if (nowSeconds >= this.#periodEnds || this.#begun.size >= MAX_HOSTS_COUNTED) {
      this.#begun.clear();
      this.#periodEnds = nowSeconds + periodSeconds;
    }
    const host = hash.hash(address, family === 'IPv4' ? 1 : 2);
    const begun = this.#begun.get(host) ?? 0;
    if (begun >= mostPerHost) return false;
    this.#begun.set(host, begun + 1);
    return true;
  }
}
