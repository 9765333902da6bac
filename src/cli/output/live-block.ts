import type { Output } from '../host.ts';
import { terminalSize } from './terminal-size.ts';
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
    const { columns, rows } = terminalSize(this.#output);
    const height = this.#drawn.reduce((sum, line) => {
      return sum + Math.max(1, Math.ceil(displayWidth(line) / columns));
    }, 0);
    return Math.min(height, rows - 1);
  }
}
