import type { Holding } from '../../holdings/holding.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import { samePart, splitIndex } from '../codec/index-segments.ts';
import type { IndexPart } from '../statement.ts';
import type { Appointment } from './agenda.ts';
import type { Context } from './context.ts';
import { fanOut } from './fan-out.ts';
import { PeerIndex } from './peer-index.ts';
import type { Signed } from './signed.ts';
import type { Speaker } from './speaker.ts';

export interface OwnIndexUse {
  /** How many hold a part of this content, we included. */
  holders(): number;
  said(signed: Signed<'index' | 'index end'>): void;
}

/**
 * Our own index of one content. Only segments that changed are said again; the first change at once, further ones
 * at an interval that grows with the number of holders, so that all of them together stay within a rate (as RTCP
 * scales its reports, RFC 3550 section 6.2).
 */
export class OwnIndex {
  readonly #context: Context;
  readonly #speaker: Speaker;
  readonly #infoHash: InfoHash;
  readonly #use: OwnIndexUse;
  readonly #said = new PeerIndex();
  #parts = new Map<number, IndexPart>();
  #isWhole = false;
  #ended = false;
  #saidAt = Number.NEGATIVE_INFINITY;
  #saidBytes = 0;
  #waiting: Holding | undefined;
  #appointment: Appointment | undefined;

  constructor(context: Context, speaker: Speaker, infoHash: InfoHash, use: OwnIndexUse) {
    this.#context = context;
    this.#speaker = speaker;
    this.#infoHash = infoHash;
    this.#use = use;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get version(): number {
    return this.#said.version;
  }

  statements(newerThan: number): Signed<'index' | 'index end'>[] {
    return this.#said.statements(newerThan);
  }

  /** Whether there was anything new to say, now or in a moment. */
  update(holding: Holding): boolean {
    this.#appointment?.cancel();
    this.#appointment = undefined;
    this.#waiting = undefined;
    const changed = this.#changed(splitIndex(holding.pieces, holding.pieceCount));
    if (changed.length === 0) return false;
    const waitMs = this.#saidAt + this.#intervalMs() - this.#context.now;
    // The last word does not wait: nothing follows that it could be merged with.
    if (waitMs <= 0 || changed[0]?.kind === 'whole') {
      this.#say(holding);
      return true;
    }
    this.#waiting = holding;
    this.#appointment = this.#context.agenda.in(waitMs, () => {
      if (this.#waiting !== undefined) this.#say(this.#waiting);
    });
    return true;
  }

  /** Nothing of it is held any more. */
  end(): void {
    this.#appointment?.cancel();
    this.#ended = true;
    this.#isWhole = false;
    this.#parts.clear();
    this.#tell(this.#speaker.indexEnd(this.#infoHash));
  }

  #intervalMs(): number {
    const { limits } = this.#context;
    const holders = this.#use.holders();
    const heard = holders * this.#saidBytes * fanOut(holders, limits.fanoutExtra);
    return Math.max(limits.indexIntervalMs, (1_000 * heard) / limits.indexBytesPerSecond);
  }

  #say(holding: Holding): void {
    const { infoHash, name, length, pieceCount } = holding;
    const parts = splitIndex(holding.pieces, pieceCount);
    this.#waiting = undefined;
    this.#saidAt = this.#context.now;
    this.#saidBytes = 0;
    if (this.#isWhole && parts.every(({ kind }) => kind === 'segment')) this.end();
    this.#ended = false;
    for (const part of this.#changed(parts)) {
      this.#keep(part);
      this.#tell(this.#speaker.index({ infoHash, name, length, pieceCount, part }));
    }
  }

  /** What differs from what was said; a segment that is no longer there is an empty one. */
  #changed(parts: readonly IndexPart[]): IndexPart[] {
    const [first] = parts;
    if (first?.kind === 'whole') return this.#isWhole ? [] : [first];
    const changed: IndexPart[] = [];
    const segments = new Set<number>();
    for (const part of parts) {
      if (part.kind === 'whole') continue;
      segments.add(part.segment);
      const said = this.#parts.get(part.segment);
      if (said === undefined || !samePart(said, part)) changed.push(part);
    }
    for (const segment of this.#parts.keys())
      if (!segments.has(segment)) changed.push({ kind: 'segment', segment, ranges: [] });
    return changed;
  }

  #keep(part: IndexPart): void {
    this.#isWhole = part.kind === 'whole';
    if (part.kind === 'whole') this.#parts.clear();
    else if (part.ranges.length === 0 && part.segment !== 0) this.#parts.delete(part.segment);
    else this.#parts.set(part.segment, part);
  }

  #tell(signed: Signed<'index' | 'index end'>): void {
    this.#said.adopt(signed);
    this.#saidBytes += signed.bytes.length;
    this.#use.said(signed);
  }
}
