import type { Output } from '../host.ts';
import { terminalSize } from './terminal-size.ts';
import { displayWidth } from './width.ts';

/** ECMA-48: EL, ED and CUU. */
const ERASE_TO_RIGHT = '\x1b[K';
const ERASE_BELOW = '\x1b[J';
const cursorUp = (rows: number): string => `\x1b[${rows}A`;

/**
 * Lines at the bottom of a terminal that are drawn over again and again, until they are erased. The cursor waits behind the
 * last one.
 */
export class BottomLines {
  readonly #output: Output;
  #drawn: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  get isEmpty(): boolean {
    return this.#drawn.length === 0;
  }

  draw(lines: readonly string[]): void {
    if (lines.join('\n') === this.#drawn.join('\n')) return;
    this.#output.write(this.#toStart() + lines.join('\n'));
    this.#drawn = lines;
  }

  erase(): void {
    this.draw([]);
  }

  /** Back to where the first line began, with nothing behind. */
  #toStart(): string {
    const rows = this.#height();
    return rows > 1 ? `\r${cursorUp(rows - 1)}${ERASE_BELOW}` : `\r${ERASE_TO_RIGHT}`;
  }

  /** A terminal that has become narrower since has wrapped the lines. */
  #height(): number {
    const { columns, rows } = terminalSize(this.#output);
    const height = this.#drawn.reduce((sum, line) => {
      return sum + Math.max(1, Math.ceil(displayWidth(line) / columns));
    }, 0);
    return Math.min(height, rows);
  }
}
