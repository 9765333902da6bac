import { tableLines } from './table.ts';
import { cutToWidth, displayWidth } from './width.ts';

const NARROWEST_FIRST_COLUMN = 12;
const BETWEEN_COLUMNS = 2;

/**
 * Lines of a table, none wider than `columns`. The first column gives way as far as it can, then the last ones go,
 * one by one.
 */
export function fitTable(rows: readonly (readonly string[])[], columns: number): readonly string[] {
  const others = rows.flatMap((row) => row.slice(1).map((cell, at) => ({ cell, at })));
  const widths: number[] = [];
  for (const { cell, at } of others) widths[at] = Math.max(widths[at] ?? 0, displayWidth(cell));
  const first = Math.min(
    NARROWEST_FIRST_COLUMN,
    ...[Math.max(0, ...rows.map(([name = '']) => displayWidth(name)))],
  );
  const needed = (kept: number): number =>
    widths.slice(0, kept).reduce((sum, width) => sum + width + BETWEEN_COLUMNS, 0);
  let kept = widths.length;
  while (kept > 0 && first + needed(kept) > columns) kept--;
  const room = columns - needed(kept);
  const fitting = rows.map(([name = '', ...rest]) => [cutToWidth(name, room), ...rest.slice(0, kept)]);
  return tableLines(fitting);
}
