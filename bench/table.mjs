import { spread } from './statistics.mjs';

/** One row of the benchmark as text: its title, its command, and a line a program. */
export function formatRow({ title, goal, command, results }) {
  const columns = [
    ...new Set(results.flatMap(({ trials }) => trials.flatMap((trial) => Object.keys(trial)))),
  ];
  const lines = [['', ...columns], ...results.map((result) => [result.program, ...cells(result, columns)])];
  return `\n${title}\n${align(lines)}\n  goal: ${goal}\n  again: ${command}\n`;
}

function cells({ missing, trials }, columns) {
  if (missing !== undefined) return [missing];
  return columns.map((column) => {
    const figures = trials.map((trial) => trial[column]).filter((figure) => figure !== undefined);
    return figures.length === 0 ? '–' : spread(figures, digits(column));
  });
}

/** Megabytes are whole, everything else has two places. */
function digits(column) {
  return column.endsWith(' MB') ? 0 : 2;
}

function align(lines) {
  const widths = [];
  for (const line of lines) {
    for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return lines
    .map(
      (line) =>
        `  ${line
          .map((cell, index) => cell.padEnd(widths[index]))
          .join('   ')
          .trimEnd()}`,
    )
    .join('\n');
}
