/** `npm run bench`: measures lanshare beside other programs, in one run, taking turns. See --help. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canMakeLan } from '../test/lan/lab.mjs';
import { classroom } from './rows/classroom.mjs';
import { classroomSpeed } from './rows/classroom-speed.mjs';
import { firstPiece } from './rows/first-piece.mjs';
import { folder } from './rows/folder.mjs';
import { hashing } from './rows/hashing.mjs';
import { idle } from './rows/idle.mjs';
import { interopSpeed } from './rows/interop-speed.mjs';
import { kill } from './rows/kill.mjs';
import { knowing } from './rows/knowing.mjs';
import { oneToOne } from './rows/one-to-one.mjs';
import { presence } from './rows/presence.mjs';
import { eight, four } from './rows/room.mjs';
import { smallFile } from './rows/small-file.mjs';
import { trackerHttp } from './rows/tracker-http.mjs';
import { trackerMemory } from './rows/tracker-memory.mjs';
import { trackerUdp } from './rows/tracker-udp.mjs';
import { formatRow } from './table.mjs';

const ROWS = [
  oneToOne,
  smallFile,
  firstPiece,
  four,
  eight,
  kill,
  folder,
  hashing,
  knowing,
  presence,
  idle,
  interopSpeed,
  trackerUdp,
  trackerHttp,
  trackerMemory,
  classroom,
  classroomSpeed,
];

const HELP = `npm run bench -- [row...] [--runs N] [--place DIR] [--out FILE]

${ROWS.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join('\n')}

  --runs N      instead of each row's own number
  --place DIR   where the content lies; default /dev/shm, so that no disk is measured
  --out FILE    write every single figure as JSON, too

Figures are medians (least to greatest).
`;

let values;
let positionals;
try {
  ({ values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      place: { type: 'string', default: '/dev/shm' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }));
  if (values.help) process.stdout.write(HELP);
  else await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function main() {
  const unknown = positionals.find((name) => ROWS.every((row) => row.name !== name));
  if (unknown !== undefined) throw new Error(`there is no row '${unknown}'\n${HELP}`);
  const reason = canMakeLan();
  if (reason !== undefined) throw new Error(`the benchmarks need a LAN of network namespaces: ${reason}`);

  const chosen = positionals.length === 0 ? ROWS : ROWS.filter((row) => positionals.includes(row.name));
  process.stdout.write(`${machine()}\n`);
  const measured = [];
  for (const row of chosen) {
    const result = await measure(row);
    if (result !== undefined) measured.push(result);
  }
  if (values.out !== undefined) {
    await writeFile(values.out, `${JSON.stringify({ machine: machine(), rows: measured }, undefined, 2)}\n`);
  }
}

/** A row that fails, for example because other bytes arrived, makes the whole run fail, after the other rows. */
async function measure(row) {
  const place = await mkdtemp(join(values.place, 'lanshare-bench-'));
  try {
    const results = await row.run({ place, runs: Number(values.runs ?? row.runs), say });
    const { name, title, goal } = row;
    const measured = { name, title, goal, command: `npm run bench -- ${name}`, results };
    say('');
    process.stdout.write(formatRow(measured));
    return measured;
  } catch (error) {
    process.stdout.write(`\n${row.title}\n  failed: ${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function machine() {
  const [cpu] = cpus();
  const gigabytes = (totalmem() / 1e9).toFixed(0);
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${gigabytes} GB, Linux ${release()}, Node ${process.version}`;
}

/** What is being done, on a line that the next one replaces; nothing where nobody watches. */
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
