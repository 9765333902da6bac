import type { PieceSummary } from '../../holdings/holding.ts';
import { joinIndex } from '../codec/index-segments.ts';
import type { Index } from '../statement.ts';
import type { Signed } from './signed.ts';

type AnyIndex = Signed<'index' | 'index end'>;

/** What one peer says of one content: whole, nothing any more, or segments that are newer than either. */
export class PeerIndex {
  #base: AnyIndex | undefined;
  readonly #segments = new Map<number, Signed<'index'>>();

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
    all.push(...this.#segments.values());
    return all.filter(({ statement }) => statement.version > newerThan);
  }

  isNews({ statement }: AnyIndex): boolean {
    if (statement.version <= (this.#base?.statement.version ?? -1)) return false;
    const segment = segmentOf(statement);
    if (segment === undefined) return statement.version > this.version;
    return statement.version > (this.#segments.get(segment)?.statement.version ?? -1);
  }

  adopt(signed: AnyIndex): void {
    const segment = segmentOf(signed.statement);
    if (segment !== undefined && signed.statement.kind === 'index') {
      this.#segments.set(segment, signed as Signed<'index'>);
      return;
    }
    this.#base = signed;
    this.#segments.clear();
  }

  /** The newest word on name, length and piece count; undefined where the peer holds nothing. */
  get claim(): Index | undefined {
    let newest: Index | undefined;
    for (const { statement } of this.#segments.values())
      if (newest === undefined || statement.version > newest.version) newest = statement;
    if (newest !== undefined) return newest;
    return this.#base?.statement.kind === 'index' ? this.#base.statement : undefined;
  }

  /** All segments together, of a content of so many pieces. */
  pieces(pieceCount: number): PieceSummary {
    const segments = [...this.#segments.values()].map(({ statement }) => statement.part);
    if (segments.length > 0) return joinIndex(segments, pieceCount);
    return joinIndex(this.#base?.statement.kind === 'index' ? [this.#base.statement.part] : [], pieceCount);
  }
}

function segmentOf(statement: AnyIndex['statement']): number | undefined {
  if (statement.kind === 'index end' || statement.part.kind === 'whole') return undefined;
  return statement.part.segment;
}
