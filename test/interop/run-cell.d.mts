import type { Cell } from './cells.mjs';
import type { Contents } from './contents.mjs';

/**
 * Runs one cell on a LAN of its own. Resolves with the seconds from the start of the leechers until the last has
 * everything; rejects where that does not happen, where other bytes arrive, or where trackers count otherwise.
 */
export function runCell(cell: Cell, contents: Contents): Promise<number>;
