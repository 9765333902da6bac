import { CLASSROOM_TALK_PER_SECOND, MAX_CLASSROOM_TALK_AT_ONCE } from '../../limits.ts';
import { ProtocolError } from '../../wire/lan/message.ts';
import type { ListedPeerId } from '../config/project.ts';

/** Bounds what a peer may say that brings nobody further, on all its links one after the other: each word costs a line. */
export class TalkLimit {
  readonly #heard = new Map<ListedPeerId, { words: number; at: number }>();

  /** Throws ProtocolError where it is too much. `now`: milliseconds. */
  heard(id: ListedPeerId, now: number): void {
    const { words, at } = this.#heard.get(id) ?? { words: 0, at: now };
    const left = Math.max(0, words - ((now - at) * CLASSROOM_TALK_PER_SECOND) / 1000) + 1;
    this.#heard.set(id, { words: left, at: now });
    if (left > MAX_CLASSROOM_TALK_AT_ONCE)
      throw new ProtocolError('it says the same things over and over, thousands of times a second');
  }
}
