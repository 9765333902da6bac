import {
  TRACKER_INTERVAL_DEFAULT_SECONDS,
  TRACKER_INTERVAL_MAX_SECONDS,
  TRACKER_INTERVAL_MIN_SECONDS,
  TRACKER_MIN_INTERVAL_DEFAULT_SECONDS,
  TRACKER_RETRY_MAX_MS,
  TRACKER_RETRY_MIN_MS,
} from '../limits.ts';
import type { AnnounceAnswer, ScrapeCounts } from '../wire/tracker/announce.ts';
import { trackerProtocol } from '../wire/tracker/tracker-url.ts';
import type { TrackerStatus } from './tracker-status.ts';

type Standing =
  | { readonly is: 'untried' }
  | { readonly is: 'working'; readonly answer: AnnounceAnswer }
  | { readonly is: 'failing'; readonly message: string; readonly times: number; readonly since: number }
  /** It will never be asked: a protocol that is not spoken here. */
  | { readonly is: 'unusable'; readonly message: string };

/** What is known of one tracker, and when it may be asked. Times in milliseconds. */
export class TrackerRecord {
  readonly url: string;
  /** It has heard `started` from us, so it is owed a `stopped`. */
  hasStarted = false;
  #standing: Standing;
  #peersReceived = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** By the tracker's own word. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Stays while the tracker fails. */
  #trackerId: string | undefined;

  constructor(url: string) {
    this.url = url;
    const protocol = trackerProtocol(url);
    this.#standing =
      typeof protocol === 'object' ? { is: 'unusable', message: protocol.unusable } : { is: 'untried' };
  }

  /** When it may be asked again after a failure; never for one that cannot be asked at all. */
  get retryAt(): number {
    return this.#standing.is === 'unusable' ? Number.POSITIVE_INFINITY : this.#retryAt;
  }

  /** It answered the last time. */
  get works(): boolean {
    return this.#standing.is === 'working';
  }

  get trackerId(): string | undefined {
    return this.#trackerId;
  }

  worked(answer: AnnounceAnswer): void {
    this.#standing = { is: 'working', answer };
    this.#peersReceived += answer.peers.length;
    this.#trackerId = answer.trackerId ?? this.#trackerId;
    this.#retryAt = Number.NEGATIVE_INFINITY;
  }

  /** A scrape told what its answer had not. */
  counted({ seeders, leechers }: ScrapeCounts): void {
    if (this.#standing.is === 'working')
      this.#standing = { is: 'working', answer: { ...this.#standing.answer, seeders, leechers } };
  }

  /**
   * `jitter` in [0, 1): so that not all peers of a tracker that comes back ask it at once. It is not asked before
   * `retryAfterMs`, by its own word (BEP 31; RFC 9110 section 10.2.3), and never again where that is infinite.
   */
  failed(message: string, now: number, jitter: number, retryAfterMs: number): void {
    const times = this.#standing.is === 'failing' ? this.#standing.times + 1 : 1;
    this.#standing = { is: 'failing', message, times, since: now };
    const pause = Math.min(TRACKER_RETRY_MIN_MS * 2 ** (times - 1), TRACKER_RETRY_MAX_MS);
    this.#notBefore = now + (retryAfterMs === Number.POSITIVE_INFINITY ? retryAfterMs : atMost(retryAfterMs));
    this.#retryAt = Math.max(this.#notBefore, now + pause * (0.75 + jitter / 2));
  }

  /** The user asks for it: the long pauses are over, the shortest is not. */
  hurry(): void {
    if (this.#standing.is === 'failing')
      this.#retryAt = Math.max(
        this.#notBefore,
        Math.min(this.#retryAt, this.#standing.since + TRACKER_RETRY_MIN_MS),
      );
  }

  /** From one announcement to the next. */
  get intervalMs(): number {
    return this.#intervalSeconds() * 1_000;
  }

  /** From an announcement to one that was not due. */
  get minIntervalMs(): number {
    const { minIntervalSeconds = TRACKER_MIN_INTERVAL_DEFAULT_SECONDS } = this.#answer() ?? {};
    return (
      Math.min(Math.max(minIntervalSeconds, TRACKER_INTERVAL_MIN_SECONDS), this.#intervalSeconds()) * 1_000
    );
  }

  status(nextAnnounceAt: number | undefined): TrackerStatus {
    const answer = this.#answer();
    return {
      url: this.url,
      state: STATES[this.#standing.is],
      message: this.#message(),
      seeders: answer?.seeders,
      leechers: answer?.leechers,
      interval: answer === undefined ? undefined : this.#intervalSeconds(),
      peersReceived: this.#peersReceived,
      nextAnnounceAt,
    };
  }

  #answer(): AnnounceAnswer | undefined {
    return this.#standing.is === 'working' ? this.#standing.answer : undefined;
  }

  #intervalSeconds(): number {
    const { intervalSeconds = TRACKER_INTERVAL_DEFAULT_SECONDS, minIntervalSeconds = 0 } =
      this.#answer() ?? {};
    const asked = Math.max(intervalSeconds, minIntervalSeconds);
    return Math.min(Math.max(asked, TRACKER_INTERVAL_MIN_SECONDS), TRACKER_INTERVAL_MAX_SECONDS);
  }

  #message(): string {
    switch (this.#standing.is) {
      case 'untried':
        return '';
      case 'working':
        return this.#standing.answer.warning ?? '';
      case 'failing':
      case 'unusable':
        return this.#standing.message;
    }
  }
}

function atMost(retryAfterMs: number): number {
  return Math.min(retryAfterMs, TRACKER_INTERVAL_MAX_SECONDS * 1_000);
}

const STATES = { untried: 'waiting', working: 'working', failing: 'failed', unusable: 'failed' } as const;
