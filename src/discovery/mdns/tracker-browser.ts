import {
  MAX_TRACKERS_FOUND,
  MDNS_TTL_SECONDS,
  TRACKER_QUERY_FIRST_REPEAT_MS,
  TRACKER_QUERY_MAX_REPEAT_MS,
  TRACKER_REFRESH_MIN_MS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import type { TrackerSighting } from '../lan-trackers.ts';
import type { DnsMessage, DnsQuestion, DnsRecord } from './dns-record.ts';
import { isInstanceOf, TRACKER_SERVICE_TYPE } from './service-types.ts';

export interface TrackerBrowserOptions {
  readonly clock: Clock;
  readonly random: Random;
  ask(question: DnsQuestion): void;
  heard(sighting: TrackerSighting): void;
}

const QUESTION: DnsQuestion = { name: TRACKER_SERVICE_TYPE, type: 'PTR', unicast: false };
/** RFC 6762 section 5.2: a record is asked for again when this much of its lifetime is over ... */
const REFRESH_FROM = 0.8;
/** ... at a random time up to this, so that of many who know it one asks, and all hear the answer. */
const REFRESH_TO = 0.95;

/**
 * Looks for trackers on one link. Who starts says so by itself; so without one the link is asked a few times in the
 * first minutes, and then rarely. With one, its records are asked for again before they expire.
 */
export class TrackerBrowser {
  readonly #options: TrackerBrowserOptions;
  /** When each is to be asked for again, by instance. */
  readonly #refreshAt = new Map<string, number>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = TRACKER_QUERY_FIRST_REPEAT_MS;
  #timer: Timer | undefined;

  constructor(options: TrackerBrowserOptions) {
    this.#options = options;
  }

  /** Asks now, and from now on when it is time. Called again, nothing happens. */
  begin(): void {
    if (this.#timer === undefined) this.#ask();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Returns what is missing: questions for SRV records. */
  hearResponse({ answers, additionals }: DnsMessage, from: Endpoint): readonly DnsQuestion[] {
    const pointed = new Map<string, number>();
    const ports = new Map<string, number>();
    for (const record of [...answers, ...additionals]) {
      if (record.type !== 'PTR' && record.type !== 'SRV') continue;
      const instance = instanceOf(record);
      if (instance === undefined) continue;
      if (record.ttl === 0) this.#gone(instance, from);
      else pointed.set(instance, Math.min(record.ttl, MDNS_TTL_SECONDS) * 1_000);
      if (record.type === 'SRV' && record.ttl > 0) ports.set(instance, record.data.port);
    }
    return [...pointed].flatMap(([instance, lifetimeMs]) => {
      const port = ports.get(instance);
      if (port === undefined) return [{ name: instance, type: 'SRV', unicast: false }];
      this.#heard(instance, { host: from.host, port }, lifetimeMs);
      return [];
    });
  }

  #heard(instance: string, endpoint: Endpoint, lifetimeMs: number): void {
    const { clock, random, heard } = this.#options;
    const key = instance.toLowerCase();
    const part = REFRESH_FROM + (REFRESH_TO - REFRESH_FROM) * random.next();
    if (this.#refreshAt.has(key) || this.#refreshAt.size < MAX_TRACKERS_FOUND)
      this.#refreshAt.set(key, clock.now() + part * lifetimeMs);
    heard({ kind: 'heard', instance, endpoint, lifetimeMs });
    this.#schedule();
  }

  #gone(instance: string, { host }: Endpoint): void {
    this.#refreshAt.delete(instance.toLowerCase());
    this.#options.heard({ kind: 'gone', instance, host });
  }

  #ask(): void {
    this.#options.ask(QUESTION);
    const now = this.#options.clock.now();
    this.#askedAt = now;
    // Who is not heard after that has gone; if all have, it is as in the beginning.
    for (const [key, at] of this.#refreshAt) if (at <= now) this.#refreshAt.delete(key);
    this.#schedule();
  }

  #schedule(): void {
    const { clock } = this.#options;
    const due = Math.min(...this.#refreshAt.values());
    const isKnown = Number.isFinite(due);
    const refreshAt = Math.max(due, this.#askedAt + TRACKER_REFRESH_MIN_MS);
    const waitMs = isKnown ? Math.max(0, refreshAt - clock.now()) : this.#pauseMs;
    this.#pauseMs = isKnown
      ? TRACKER_QUERY_FIRST_REPEAT_MS
      : Math.min(TRACKER_QUERY_MAX_REPEAT_MS, 4 * this.#pauseMs);
    this.#timer?.cancel();
    this.#timer = clock.setTimer(waitMs, () => this.#ask());
  }
}

/** The instance that a record is about, if it is a tracker's. */
function instanceOf(record: DnsRecord): string | undefined {
  const instance = record.type === 'PTR' ? record.data : record.name;
  return isInstanceOf(TRACKER_SERVICE_TYPE, instance) ? instance : undefined;
}
