import type { PeerId } from '../../holdings/holding.ts';
import {
  GOSSIP_STATEMENTS_BURST_PER_PEER,
  GOSSIP_STATEMENTS_PER_PEER_PER_SECOND,
  MAX_SOURCES_REMEMBERED,
} from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Context } from './context.ts';

/** Whatever address stands on a datagram. */
const ALL = 'all';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * What one address may cost us a second. Proven and unproven datagrams are counted apart: anybody can put the
 * address of a member on a datagram, and shall not silence it.
 */
export class SourceLimits {
  readonly #context: Context;
  readonly #proven = new Map<string, Bucket>();
  readonly #unproven = new Map<string, Bucket>();
  readonly #signatures = new Map<string, Bucket>();
  readonly #probes = new Map<string, Bucket>();
  readonly #statements = new Map<string, Bucket>();
  readonly #wrong = new Map<string, number>();
  readonly #mutedUntil = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Many processes may run on one host: each is counted for itself, as it has proven to be there. */
  takeProven(endpoint: Endpoint): boolean {
    const { datagramsPerSourcePerSecond } = this.#context.limits;
    return this.#take(this.#proven, formatEndpoint(endpoint), datagramsPerSourcePerSecond);
  }

  takeUnproven(host: string): boolean {
    return this.#take(this.#unproven, host, this.#context.limits.datagramsPerSourcePerSecond);
  }

  /** One signature made or checked on behalf of this address, which has shown that it gets what we send. */
  takeSignature(host: string): boolean {
    const { signaturesPerSourcePerSecond, signaturesPerSecond } = this.#context.limits;
    return (
      this.#take(this.#signatures, host, signaturesPerSourcePerSecond) &&
      this.#take(this.#signatures, ALL, signaturesPerSecond)
    );
  }

  /** One proof for a stranger: its address may be forged, so all are counted together. */
  takeProbe(): boolean {
    return this.#take(this.#probes, ALL, this.#context.limits.probesAnsweredPerSecond);
  }

  /** One genuine statement of this peer, whoever passed it on. */
  takeStatement(peerId: PeerId): boolean {
    const perSecond = GOSSIP_STATEMENTS_PER_PEER_PER_SECOND;
    return this.#take(this.#statements, peerId, perSecond, GOSSIP_STATEMENTS_BURST_PER_PEER);
  }

  /** A proven source sent a wrong signature: honest nodes check before they pass on. */
  wrongSignature(host: string): void {
    const { wrongSignatures, muteMs } = this.#context.limits;
    const wrong = (this.#wrong.get(host) ?? 0) + 1;
    remember(this.#wrong, host, wrong);
    if (wrong < wrongSignatures) return;
    this.#wrong.delete(host);
    remember(this.#mutedUntil, host, this.#context.now + muteMs);
  }

  isMuted(host: string): boolean {
    const until = this.#mutedUntil.get(host);
    if (until === undefined) return false;
    if (until > this.#context.now) return true;
    this.#mutedUntil.delete(host);
    return false;
  }

  #take(buckets: Map<string, Bucket>, key: string, perSecond: number, burst = perSecond): boolean {
    const { now } = this.#context;
    const bucket = buckets.get(key) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1_000);
    bucket.filledAt = now;
    remember(buckets, key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

/** Those that were used longest ago are forgotten. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_SOURCES_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
