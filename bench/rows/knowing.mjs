import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeLan } from '../../test/lan/lab.mjs';
import { MiB } from '../content.mjs';
import { widenNeighbourTables } from '../neighbour-tables.mjs';
import { environment, lanshareProgram } from '../peers/lanshare.mjs';
import { percentile } from '../statistics.mjs';
import { emptyFolder, makeContent } from '../trial.mjs';

const NODE = fileURLToPath(new URL('../peers/knowing-node.mjs', import.meta.url));
const FETCHERS = 49;
const SECONDS = 130;
const PIECE_BYTES = 16 * 1024;
/** Until all are there, and V8 has compiled what they do again and again: 50 processes share the cores. */
const SETTLED_AFTER_SECONDS = 100;
/** A node collects the pieces of this time before it tells its discoveries: the first one waited so long. */
const MERGED_WITHIN_MS = 100;
/** Fifty processes that start at once would take the two cores from each other for half a minute. */
const START_EVERY_MS = 500;
/** A piece every four seconds and node: twelve a second on the LAN. */
const BYTES_PER_SECOND = PIECE_BYTES / 4;

/** How long it takes until a piece that one node has won is known to all others. */
export const knowing = {
  name: 'knowing',
  title: `A piece won by one of ${FETCHERS} fetching processes on one LAN is known to the others`,
  goal: 'within 1 s at the 99th percentile',
  runs: 1,

  async run(options) {
    const restore = widenNeighbourTables();
    const lan = makeLan({ hosts: FETCHERS + 1 });
    try {
      const file = { name: 'known.bin', bytes: 4 * MiB, pieceLength: PIECE_BYTES };
      const content = await makeContent(lan.host(1), options.place, file);
      const trials = [];
      for (let run = 1; run <= options.runs; run++) trials.push(await trial(lan, content, options));
      return [{ program: 'lanshare', missing: undefined, trials }];
    } finally {
      lan.close();
      restore();
    }
  },
};

async function trial(lan, content, { say }) {
  const [first, ...others] = lan.hosts;
  const sender = await lanshareProgram.offer(first, content);
  const startedAt = Date.now();
  const nodes = [];
  for (const host of others) {
    const out = await emptyFolder(join(content.place, `out-${host.number}`));
    const argv = [process.execPath, NODE, content.name, out, `${SECONDS}`, `${BYTES_PER_SECOND}`];
    nodes.push(host.start(argv, { env: environment(content.place) }));
    await sleep(START_EVERY_MS);
  }
  say(`${FETCHERS} nodes for ${SECONDS} s`);
  const reports = [];
  for (const node of nodes) reports.push(await report(node));
  await sender.stop('SIGINT');
  return delays(reports, startedAt + SETTLED_AFTER_SECONDS * 1000);
}

async function report(node) {
  const exit = await node.exit((SECONDS + 60) * 1000);
  if (exit.code !== 0) throw new Error(exit.stderr);
  return JSON.parse(exit.stdout);
}

function delays(reports, since) {
  const last = Math.min(...reports.map(({ heard }) => heard.at(-1)?.[0] ?? 0)) - 3_000;
  const found = [];
  let missing = 0;
  for (const { won } of reports) {
    for (const [wonAt, peerId, count] of won) {
      if (wonAt < since || wonAt > last) continue;
      for (const other of reports) {
        if (other.won[0]?.[1] === peerId) continue;
        const at = other.heard.find(([, id, heardCount]) => id === peerId && heardCount >= count)?.[0];
        if (at === undefined) missing++;
        else found.push(at - wonAt + MERGED_WITHIN_MS);
      }
    }
  }
  return {
    'median s': percentile(found, 50) / 1000,
    'p99 s': percentile(found, 99) / 1000,
    'longest s': percentile(found, 100) / 1000,
    observations: found.length,
    missing,
  };
}
