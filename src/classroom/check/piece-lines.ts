/** Pieces of a page. Small, so that a log which names few pieces far apart costs little. */
const PAGE = 256;

/** For each piece the first place in a log where it is named, and when that was. 12 bytes a piece. */
export class PieceLines {
  readonly #pages = new Map<number, Page>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False where the piece has a line already; that one stays. */
  add(piece: number, line: number, time: number | undefined): boolean {
    const page = this.#page(Math.floor(piece / PAGE));
    const at = piece % PAGE;
    if (page.lines[at] !== 0) return false;
    page.lines[at] = line;
    page.times[at] = time ?? Number.NaN;
    this.#size += 1;
    return true;
  }

  has(piece: number): boolean {
    return this.lineOf(piece) !== undefined;
  }

  lineOf(piece: number): number | undefined {
    return this.#pages.get(Math.floor(piece / PAGE))?.lines[piece % PAGE] || undefined;
  }

  timeOf(piece: number): number | undefined {
    const time = this.#pages.get(Math.floor(piece / PAGE))?.times[piece % PAGE];
    return time === undefined || Number.isNaN(time) ? undefined : time;
  }

  *[Symbol.iterator](): Generator<{ piece: number; line: number; time: number | undefined }> {
    for (const [page, { lines }] of this.#pages) {
      for (const [at, line] of lines.entries()) {
        const piece = page * PAGE + at;
        if (line !== 0) yield { piece, line, time: this.timeOf(piece) };
      }
    }
  }

  #page(number: number): Page {
    const page = this.#pages.get(number) ?? { lines: new Uint32Array(PAGE), times: new Float64Array(PAGE) };
    this.#pages.set(number, page);
    return page;
  }
}

interface Page {
  /** 0: none; lines count from 1. */
  readonly lines: Uint32Array;
  /** NaN: not known. */
  readonly times: Float64Array;
}
