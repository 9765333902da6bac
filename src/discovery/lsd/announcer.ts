import {
  ANNOUNCE_MERGE_MS,
  LSD_ANSWER_SPREAD_MS,
  LSD_ANSWERS_ENOUGH,
  LSD_BURST_PAUSE_MS,
  LSD_MIN_ANNOUNCE_INTERVAL_MS,
} from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';

/** Why a content is announced: somebody here holds it, or looks for it. */
export type Part = 'held' | 'sought';

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Contents of one burst. */
  readonly burst: number;
  /** The regular interval of the moment, in milliseconds. */
  intervalMs(): number;
  send(infoHashes: readonly InfoHash[]): void;
}

interface Announced {
  part: Part;
  regularAt: number;
  /** Until the next regular announcement of a content that is sought: grows. */
  repeatMs: number;
  /** Somebody new wants to hear of it. */
  answer: Answer | undefined;
}

interface Answer {
  readonly at: number;
  /** Who has announced it meanwhile, the asker included. */
  readonly speakers: Set<string>;
}

/**
 * When each content is announced on one link: at once, then regularly; sought ones sooner at first; and once more for
 * somebody new who announces it. Never twice within a minute (BEP 14).
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #contents = new Map<InfoHash, Announced>();
  /** Of contents that are no longer announced, too, for a minute. */
  readonly #announcedAt = new Map<InfoHash, number>();
  /** After a burst that did not take all. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #waiting: { readonly timer: Timer; readonly due: number } | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** All that is announced from now on. */
  update(contents: ReadonlyMap<InfoHash, Part>): void {
    for (const infoHash of this.#contents.keys())
      if (!contents.has(infoHash)) this.#contents.delete(infoHash);
    for (const [infoHash, part] of contents) this.#take(infoHash, part);
    this.#wait();
  }

  /** `speaker` has announced it. Who is new has not heard our last announcement. */
  hear(infoHash: InfoHash, speaker: string, isNew: boolean): void {
    const content = this.#contents.get(infoHash);
    if (content === undefined) return;
    if (content.answer !== undefined) this.#countAnswers(content, content.answer, speaker);
    else if (isNew) this.#answerSoon(infoHash, content, speaker);
  }

  stop(): void {
    this.#waiting?.timer.cancel();
    this.#waiting = undefined;
    this.#contents.clear();
  }

  #take(infoHash: InfoHash, part: Part): void {
    const known = this.#contents.get(infoHash);
    if (known?.part === part) return;
    const soon = this.#allowedFrom(infoHash, this.#options.clock.now() + ANNOUNCE_MERGE_MS);
    // Who holds what was sought has announced it already.
    const regularAt = known !== undefined && part === 'held' ? known.regularAt : soon;
    const answer = known?.answer;
    this.#contents.set(infoHash, { part, regularAt, repeatMs: LSD_MIN_ANNOUNCE_INTERVAL_MS, answer });
  }

  #answerSoon(infoHash: InfoHash, content: Announced, asker: string): void {
    const { clock, random } = this.#options;
    const at = this.#allowedFrom(infoHash, clock.now() + random.next() * LSD_ANSWER_SPREAD_MS);
    content.answer = { at, speakers: new Set([asker]) };
    this.#wait();
  }

  /** Of a thousand holders a few are enough to know (as in RFC 6762 section 7.4). */
  #countAnswers(content: Announced, { speakers }: Answer, speaker: string): void {
    speakers.add(speaker);
    if (speakers.size > LSD_ANSWERS_ENOUGH) content.answer = undefined;
  }

  #allowedFrom(infoHash: InfoHash, wanted: number): number {
    const last = this.#announcedAt.get(infoHash) ?? Number.NEGATIVE_INFINITY;
    return Math.max(wanted, last + LSD_MIN_ANNOUNCE_INTERVAL_MS);
  }

  /** Sets the timer to what is due first. */
  #wait(): void {
    const { clock } = this.#options;
    let due = Number.POSITIVE_INFINITY;
    for (const content of this.#contents.values()) due = Math.min(due, dueAt(content));
    due = Math.max(due, this.#pausedUntil);
    if (this.#waiting?.due === due) return;
    this.#waiting?.timer.cancel();
    this.#waiting = undefined;
    if (due === Number.POSITIVE_INFINITY) return;
    const timer = clock.setTimer(Math.max(0, due - clock.now()), () => this.#announceDue());
    this.#waiting = { timer, due };
  }

  #announceDue(): void {
    const { clock, burst, send } = this.#options;
    this.#waiting = undefined;
    const now = clock.now();
    const due = [...this.#contents].filter(([, content]) => dueAt(content) <= now).map(([hash]) => hash);
    const told = due.slice(0, burst);
    this.#forgetOld(now);
    const intervalMs = this.#nextInterval();
    for (const infoHash of told) this.#noteAnnounced(infoHash, now, intervalMs);
    if (told.length > 0) send(told);
    if (due.length > burst) this.#pausedUntil = now + LSD_BURST_PAUSE_MS;
    this.#wait();
  }

  /** One for all of a burst, so that they stay together; a little early, so that nodes do not fall into step. */
  #nextInterval(): number {
    const { random, intervalMs } = this.#options;
    return intervalMs() * (0.9 + 0.1 * random.next());
  }

  #noteAnnounced(infoHash: InfoHash, now: number, intervalMs: number): void {
    const content = this.#contents.get(infoHash);
    if (content === undefined) return;
    this.#announcedAt.delete(infoHash);
    this.#announcedAt.set(infoHash, now);
    content.answer = undefined;
    const waitMs = content.part === 'sought' ? Math.min(content.repeatMs, intervalMs) : intervalMs;
    content.repeatMs *= 2;
    content.regularAt = now + waitMs;
  }

  /** They stand in the order of their times. */
  #forgetOld(now: number): void {
    for (const [infoHash, at] of this.#announcedAt) {
      if (now - at < LSD_MIN_ANNOUNCE_INTERVAL_MS) return;
      this.#announcedAt.delete(infoHash);
    }
  }
}

function dueAt({ regularAt, answer }: Announced): number {
  return Math.min(regularAt, answer?.at ?? Number.POSITIVE_INFINITY);
}
