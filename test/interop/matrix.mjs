/** `npm run interop`: lanshare beside real BitTorrent programs, as a table. See --help. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canMakeLan } from '../lan/lab.mjs';
import { CELLS, caseOf, missingPrograms, pairOf } from './cells.mjs';
import { Contents } from './contents.mjs';
import { runCell } from './run-cell.mjs';

const HELP = `npm run interop -- [words...] [--jobs N] [--list]

Moves contents between lanshare and other BitTorrent programs, each on a host of its own (network namespaces), and
compares the bytes that arrive, or, in the cells 'counted', what \`lanshare tracker\` and opentracker say of them.
Words choose cells: 'aria2' 'magnet' runs all cells whose line has both.

  --jobs N   so many cells at once; default 2
  --list     only says which cells there are

Ends with 0 where all cells are green, with 1 where one is not, with 2 where the matrix cannot be run.
`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: '2' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const cells = CELLS.filter((cell) => positionals.every((word) => nameOf(cell).includes(word)));
  if (values.help) process.stdout.write(HELP);
  else if (values.list) process.stdout.write(cells.map((cell) => `${nameOf(cell)}\n`).join(''));
  else process.exitCode = await main(cells, Number(values.jobs));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function main(cells, jobs) {
  const reason = canMakeLan() ?? missingPrograms();
  if (reason !== undefined) throw new Error(`the interop matrix cannot be run: ${reason}`);
  if (cells.length === 0) throw new Error('no cell has all these words; --list shows them');
  const place = await mkdtemp(join(tmpdir(), 'lanshare-interop-contents-'));
  try {
    const results = await runAll(cells, jobs, new Contents(place));
    return report(results);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** In order, `jobs` at once; prints each line when it and all before it are done. */
async function runAll(cells, jobs, contents) {
  const widths = [caseOf, pairOf].map((column) => Math.max(...cells.map((cell) => column(cell).length)));
  process.stdout.write(line(['case', 'seeder → leecher', 'result', 'seconds'], widths));
  const results = [];
  let next = 0;
  let printed = 0;
  const work = async () => {
    while (next < cells.length) {
      const index = next++;
      results[index] = await outcome(cells[index], contents);
      for (; results[printed] !== undefined; printed++) {
        process.stdout.write(line(columns(cells[printed], results[printed]), widths));
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results.map((result, index) => ({ ...result, cell: cells[index] }));
}

async function outcome(cell, contents) {
  try {
    return { seconds: await runCell(cell, contents) };
  } catch (error) {
    return { fault: error.message };
  }
}

function report(results) {
  const failed = results.filter(({ fault }) => fault !== undefined);
  for (const { cell, fault } of failed)
    process.stdout.write(`\n${nameOf(cell)}\n  ${fault.replaceAll('\n', '\n  ')}\n`);
  process.stdout.write(`\n${results.length - failed.length} of ${results.length} cells are green\n`);
  return failed.length === 0 ? 0 : 1;
}

function columns(cell, { seconds, fault }) {
  return [caseOf(cell), pairOf(cell), resultOf(cell, fault), seconds?.toFixed(1) ?? ''];
}

function resultOf({ refused, counted }, fault) {
  if (fault !== undefined) return 'FAILED';
  if (counted === true) return 'same count';
  return refused === true ? 'refused' : 'same bytes';
}

function line([what, who, result, seconds], [widthOfWhat, widthOfWho]) {
  return `${what.padEnd(widthOfWhat)}  ${who.padEnd(widthOfWho)}  ${result.padEnd(10)}  ${seconds.padStart(7)}\n`;
}

function nameOf(cell) {
  return `${caseOf(cell)}: ${pairOf(cell)}`;
}
