import type { PieceSummary } from '../../holdings/holding.ts';
import { MAX_PIECE_RANGES_PER_HOLDING } from '../../limits.ts';
import { joinIndex } from '../codec/index-segments.ts';
import { type Index, type IndexPart, SEGMENT_PIECES } from '../statement.ts';
import type { Signed } from './signed.ts';

type AnyIndex = Signed<'index' | 'index end'>;

interface Segment {
  readonly signed: Signed<'index'>;
  /** Pieces held, and in how many ranges: counted once, as unpacking them takes its time. */
  readonly pieces: number;
  readonly ranges: number;
}

/** What one peer says of one content: whole, nothing any more, or segments that are newer than either. */
export class PeerIndex {
  #base: AnyIndex | undefined;
  readonly #segments = new Map<number, Segment>();

  /** Statements kept. */
  get size(): number {
    return this.#segments.size + (this.#base === undefined ? 0 : 1);
  }

  /** The newest version of all. */
  get version(): number {
    return Math.max(-1, ...this.statements().map(({ statement }) => statement.version));
  }

  statements(newerThan = -1): AnyIndex[] {
    const all: AnyIndex[] = this.#base === undefined ? [] : [this.#base];
    for (const { signed } of this.#segments.values()) all.push(signed);
    return all.filter(({ statement }) => statement.version > newerThan);
  }

  isNews({ statement }: AnyIndex): boolean {
    if (statement.version <= (this.#base?.statement.version ?? -1)) return false;
    const segment = segmentOf(statement);
    if (segment === undefined) return statement.version > this.version;
    return statement.version > (this.#segments.get(segment)?.signed.statement.version ?? -1);
  }

  /** Whether there is one statement more to keep with it. */
  grows({ statement }: AnyIndex): boolean {
    const segment = segmentOf(statement);
    return segment !== undefined && !this.#segments.has(segment);
  }

  adopt(signed: AnyIndex): void {
    const segment = segmentOf(signed.statement);
    if (segment !== undefined && signed.statement.kind === 'index') {
      this.#segments.set(segment, measure(signed as Signed<'index'>));
      return;
    }
    this.#base = signed;
    this.#segments.clear();
  }

  /** The newest word on name, length and piece count; undefined where the peer holds nothing. */
  get claim(): Index | undefined {
    let newest: Index | undefined;
    for (const {
      signed: { statement },
    } of this.#segments.values())
      if (newest === undefined || statement.version > newest.version) newest = statement;
    if (newest !== undefined) return newest;
    return this.#base?.statement.kind === 'index' ? this.#base.statement : undefined;
  }

  /** All segments together, of a content of so many pieces; of very many ranges the first ones. */
  pieces(pieceCount: number): PieceSummary {
    if (this.#segments.size === 0)
      return joinIndex(this.#base?.statement.kind === 'index' ? [this.#base.statement.part] : [], pieceCount);
    const segments = [...this.#segments].sort(([a], [b]) => a - b).map(([, segment]) => segment);
    const told: IndexPart[] = [];
    let ranges = 0;
    for (const segment of segments) {
      ranges += segment.ranges;
      if (ranges > MAX_PIECE_RANGES_PER_HOLDING) break;
      told.push(segment.signed.statement.part);
    }
    const joined = joinIndex(told, pieceCount);
    if (told.length === segments.length || joined.kind === 'all') return joined;
    return { ...joined, count: this.#count(pieceCount), more: true };
  }

  #count(pieceCount: number): number {
    let count = 0;
    for (const [segment, { pieces }] of this.#segments)
      count += Math.min(pieces, Math.max(0, pieceCount - segment * SEGMENT_PIECES));
    return count;
  }
}

function measure(signed: Signed<'index'>): Segment {
  const { part } = signed.statement;
  const ranges = part.kind === 'segment' ? part.ranges : [];
  const pieces = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return { signed, pieces, ranges: ranges.length };
}

function segmentOf(statement: AnyIndex['statement']): number | undefined {
  if (statement.kind === 'index end' || statement.part.kind === 'whole') return undefined;
  return statement.part.segment;
}
