import {
  MAX_ADDRESSES_PER_NAME,
  MAX_MEETING_POINTS,
  MEETING_POINT_CHECK_MS,
  MEETING_POINT_RETRY_MAX_MS,
  MEETING_POINT_RETRY_MIN_MS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { canonicalAddress, type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';

export interface MeetingPointsOptions {
  readonly clock: Clock;
  /** The addresses of a host, which may be one already. */
  resolve(host: string): Promise<readonly string[]>;
  /** Whether something may be sent there. */
  isOneNearby(host: string): boolean;
  /** Whether somebody has proven to be there, and is still. */
  knows(node: Endpoint): boolean;
  meet(node: Endpoint): void;
}

interface MeetingPoint {
  readonly place: Endpoint;
  pauseMs: number;
  timer: Timer | undefined;
}

/**
 * Trackers of this LAN, where lanshare nodes may be met: a lanshare tracker gossips on its UDP port, any other does not
 * answer. So each is greeted, and again as long as nobody answers, after pauses that grow. Nothing is ever sent to one
 * that is not nearby.
 */
export class MeetingPoints {
  readonly #options: MeetingPointsOptions;
  readonly #points = new Map<string, MeetingPoint>();
  #closed = false;

  constructor(options: MeetingPointsOptions) {
    this.#options = options;
  }

  /** Of too many, those that come last are left out. */
  add(place: Endpoint): void {
    const key = formatEndpoint(place);
    if (this.#closed || this.#points.has(key) || this.#points.size >= MAX_MEETING_POINTS) return;
    const point: MeetingPoint = { place, pauseMs: MEETING_POINT_RETRY_MIN_MS, timer: undefined };
    this.#points.set(key, point);
    void this.#look(point);
  }

  /** There is another way than before. */
  lookAgain(): void {
    for (const point of this.#points.values()) {
      point.timer?.cancel();
      point.pauseMs = MEETING_POINT_RETRY_MIN_MS;
      void this.#look(point);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#points.values()) timer?.cancel();
    this.#points.clear();
  }

  async #look(point: MeetingPoint): Promise<void> {
    const { clock } = this.#options;
    const isKnown = this.#greet(await this.#nodesAt(point.place));
    if (this.#closed) return;
    const waitMs = isKnown ? MEETING_POINT_CHECK_MS : point.pauseMs;
    point.pauseMs = isKnown
      ? MEETING_POINT_RETRY_MIN_MS
      : Math.min(MEETING_POINT_RETRY_MAX_MS, 2 * point.pauseMs);
    point.timer?.cancel();
    point.timer = clock.setTimer(waitMs, () => void this.#look(point));
  }

  /** Whether somebody is known there already. */
  #greet(nodes: readonly Endpoint[]): boolean {
    const { isOneNearby, knows, meet } = this.#options;
    if (this.#closed) return false;
    const nearby = nodes.filter(({ host }) => isOneNearby(host));
    if (nearby.some(knows)) return true;
    for (const node of nearby) meet(node);
    return false;
  }

  async #nodesAt({ host, port }: Endpoint): Promise<readonly Endpoint[]> {
    try {
      const addresses = await this.#options.resolve(host);
      return addresses
        .slice(0, MAX_ADDRESSES_PER_NAME)
        .map((address) => ({ host: canonicalAddress(address), port }));
    } catch {
      // The name may be known later.
      return [];
    }
  }
}
