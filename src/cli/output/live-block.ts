import type { Output } from '../host.ts';
import { displayWidth } from './width.ts';

/** ECMA-48: EL, ED and CUU. */
const ERASE_TO_RIGHT = '\x1b[K';
const ERASE_BELOW = '\x1b[J';
const cursorUp = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '');

/** Lines at the bottom of a terminal that are drawn over again and again; what is drawn last stays. */
export class LiveBlock {
  readonly #output: Output;
  #drawn: readonly string[] = [];
  #columns: number | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    const { columns } = this.#output;
    if (columns === this.#columns && lines.join('\n') === this.#drawn.join('\n')) return;
    const fresh = lines.map((line) => `${line}${ERASE_TO_RIGHT}\n`).join('');
    this.#output.write(`${cursorUp(this.#height())}\r${fresh}${ERASE_BELOW}`);
    this.#drawn = lines;
    this.#columns = columns;
  }

  /** A terminal that has become narrower since has wrapped the lines. */
  #height(): number {
    const { columns } = this.#output;
    const rows = this.#drawn.reduce((sum, line) => {
      const width = displayWidth(line);
      return sum + (columns === undefined ? 1 : Math.max(1, Math.ceil(width / columns)));
    }, 0);
    return Math.min(rows, (this.#output.rows ?? Number.POSITIVE_INFINITY) - 1);
  }
}
