import {
  GOSSIP_PROBE_RETRY_MIN_MS,
  GOSSIP_SILENT_MS,
  MAX_GOSSIP_QUEUED_PROBES,
  MAX_SOURCES_REMEMBERED,
} from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import { encodeGossip } from '../codec/encode-gossip.ts';
import { COOKIE_BYTES, NONCE_BYTES } from '../codec/gossip-layout.ts';
import type { Appointment } from './agenda.ts';
import type { Context } from './context.ts';
import { sameBytes } from './cookies.ts';

/**
 * Why an address is probed. `named`: by the user; `met`: found by beacon, mDNS or a link; `hint`: by a member;
 * `wanted hint`: a hint to one that we look for; `lost`: a member was there; `forgotten`: a member there no longer
 * knows us.
 */
export type ProbeCause = 'named' | 'met' | 'hint' | 'wanted hint' | 'lost' | 'forgotten';

interface Probe {
  readonly endpoint: Endpoint;
  readonly cause: ProbeCause;
  readonly nonce: Uint8Array;
  tries: number;
  retry: Appointment | undefined;
}

/** Looked at, to find one of a host that is not busy. */
const LOOKED_AT = 32;
const NO_COOKIE = new Uint8Array(COOKIE_BYTES);

/** Asks addresses who is there: a few times each, a bounded number at once, and not again soon where nobody answers. */
export class Probing {
  readonly #context: Context;
  readonly #open = new Map<string, Probe>();
  /** What waits for its turn, by address. */
  readonly #wantedHints = new Map<string, Endpoint>();
  readonly #others = new Map<string, Endpoint>();
  /** Under way, by host. */
  readonly #hosts = new Map<string, number>();
  readonly #silentUntil = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Nothing happens where a probe is under way, or was in vain a moment ago. */
  probe(endpoint: Endpoint, cause: ProbeCause): void {
    const key = formatEndpoint(endpoint);
    if (this.#open.has(key)) return;
    if (cause === 'named' || cause === 'lost' || cause === 'forgotten') return this.#begin(endpoint, cause);
    if (this.#isSilent(key)) return;
    const hasRoom = this.#open.size < this.#context.limits.probesAtOnce;
    if (hasRoom && !this.#isBusy(endpoint)) return this.#begin(endpoint, cause);
    const queue = cause === 'wanted hint' ? this.#wantedHints : this.#others;
    if (queue.size < MAX_GOSSIP_QUEUED_PROBES) queue.set(key, endpoint);
  }

  /** Why we had asked there; undefined where we had not, or with another nonce. */
  causeOf(endpoint: Endpoint, nonce: Uint8Array): ProbeCause | undefined {
    const probe = this.#open.get(formatEndpoint(endpoint));
    return probe !== undefined && sameBytes(probe.nonce, nonce) ? probe.cause : undefined;
  }

  /** Somebody has proven himself there, in whatever way. */
  done(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    this.#silentUntil.delete(key);
    this.#wantedHints.delete(key);
    this.#others.delete(key);
    this.#end(key);
  }

  /** That is our own address. */
  isOurs(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    this.#silence(key, Number.POSITIVE_INFINITY);
    this.#end(key);
  }

  /** On other networks other nodes may answer. */
  forgetSilence(): void {
    this.#silentUntil.clear();
  }

  #begin(endpoint: Endpoint, cause: ProbeCause): void {
    const nonce = this.#context.random.bytes(NONCE_BYTES);
    const probe: Probe = { endpoint, cause, nonce, tries: 0, retry: undefined };
    this.#open.set(formatEndpoint(endpoint), probe);
    this.#hosts.set(endpoint.host, (this.#hosts.get(endpoint.host) ?? 0) + 1);
    this.#send(probe);
  }

  #send(probe: Probe): void {
    const { agenda, ownId, random } = this.#context;
    const body = { kind: 'probe', nonce: probe.nonce } as const;
    const bytes = encodeGossip({ sender: ownId, cookie: NO_COOKIE }, body);
    this.#context.emit({ kind: 'send', bytes, to: probe.endpoint });
    probe.tries++;
    // Others may have lost theirs at the same moment, and for the same reason.
    probe.retry = agenda.in(this.#waitMs(probe) * (0.8 + 0.2 * random.next()), () => this.#unanswered(probe));
  }

  #waitMs({ cause, tries }: Probe): number {
    const { roundMs, health, now } = this.#context;
    if (isRepeated(cause)) return roundMs;
    return Math.min(roundMs, GOSSIP_PROBE_RETRY_MIN_MS * health.patience(now) * 2 ** (tries - 1));
  }

  #unanswered(probe: Probe): void {
    const tries = isRepeated(probe.cause) ? 1 : this.#context.limits.probeTries;
    if (probe.tries < tries) return this.#send(probe);
    const key = formatEndpoint(probe.endpoint);
    this.#silence(key, this.#context.now + GOSSIP_SILENT_MS);
    this.#end(key);
  }

  #end(key: string): void {
    const probe = this.#open.get(key);
    if (probe === undefined) return;
    probe.retry?.cancel();
    this.#open.delete(key);
    const { host } = probe.endpoint;
    const others = (this.#hosts.get(host) ?? 1) - 1;
    if (others === 0) this.#hosts.delete(host);
    else this.#hosts.set(host, others);
    this.#next();
  }

  #next(): void {
    while (this.#open.size < this.#context.limits.probesAtOnce) {
      const endpoint = this.#take(this.#wantedHints) ?? this.#take(this.#others);
      if (endpoint === undefined) return;
      if (!this.#open.has(formatEndpoint(endpoint))) this.#begin(endpoint, 'hint');
    }
  }

  /** The first that may be probed now; those of busy hosts go to the end. */
  #take(queue: Map<string, Endpoint>): Endpoint | undefined {
    for (const [key, endpoint] of [...first(queue, LOOKED_AT)]) {
      queue.delete(key);
      if (!this.#isBusy(endpoint)) return endpoint;
      queue.set(key, endpoint);
    }
    return undefined;
  }

  #isBusy({ host }: Endpoint): boolean {
    return (this.#hosts.get(host) ?? 0) >= this.#context.limits.probesAtOncePerHost;
  }

  #isSilent(key: string): boolean {
    const until = this.#silentUntil.get(key);
    if (until === undefined || until > this.#context.now) return until !== undefined;
    this.#silentUntil.delete(key);
    return false;
  }

  #silence(key: string, until: number): void {
    this.#silentUntil.delete(key);
    this.#silentUntil.set(key, until);
    if (this.#silentUntil.size <= MAX_SOURCES_REMEMBERED) return;
    const [oldest] = this.#silentUntil.keys();
    if (oldest !== undefined) this.#silentUntil.delete(oldest);
  }
}

/** A user's address and a lost one are tried again by who asks for them. */
function isRepeated(cause: ProbeCause): boolean {
  return cause === 'named' || cause === 'lost';
}

function* first<T>(items: Iterable<T>, count: number): Generator<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ >= count) return;
    yield item;
  }
}
