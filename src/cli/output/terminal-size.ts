import type { Output } from '../host.ts';

/** Those of the terminals that all others imitate. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A terminal that does not know its size, as on a serial line, says 0. */
export function terminalSize({ columns, rows }: Output): TerminalSize {
  return { columns: columns || DEFAULT_COLUMNS, rows: rows || DEFAULT_ROWS };
}
