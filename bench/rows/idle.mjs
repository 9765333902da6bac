import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeLan } from '../../test/lan/lab.mjs';
import { widenNeighbourTables } from '../neighbour-tables.mjs';
import { environment, lanshare } from '../peers/lanshare.mjs';
import { emptyFolder } from '../trial.mjs';

const NODES = 50;
/** Fifty processes that start at once would take the cores from each other for a while. */
const START_EVERY_MS = 300;
/** Until V8 has compiled what they do again and again. */
const WARM_UP_MS = 90_000;
const MEASURED_MS = 30_000;
/** USER_HZ of Linux. */
const TICKS_PER_SECOND = 100;

/** What sharers cost that nobody asks for anything. */
export const idle = {
  name: 'idle',
  title: `${NODES} idle sharers on one LAN, per node`,
  goal: 'at most 1 KiB/s sent and 1 % of a core',
  runs: 1,

  async run(options) {
    const restore = widenNeighbourTables();
    const lan = makeLan({ hosts: NODES });
    try {
      const trials = [];
      for (let run = 1; run <= options.runs; run++) trials.push(await trial(lan, options));
      return [{ program: 'lanshare', missing: undefined, trials }];
    } finally {
      lan.close();
      restore();
    }
  },
};

async function trial(lan, { place, say }) {
  const sharers = [];
  for (const host of lan.hosts) {
    const folder = await emptyFolder(join(place, `idle-${host.number}`));
    const path = join(folder, `file${host.number}.txt`);
    await writeFile(path, `${host.number}`);
    const words = ['share', '--json', path, '--torrent', `${path}.torrent`];
    sharers.push(host.start(lanshare(...words), { env: environment(folder) }));
    await sleep(START_EVERY_MS);
  }
  say(`${NODES} sharers`);
  await sleep(WARM_UP_MS);
  const before = reading(lan, sharers);
  await sleep(MEASURED_MS);
  const after = reading(lan, sharers);
  for (const sharer of sharers) await sharer.stop('SIGINT');
  const seconds = MEASURED_MS / 1000;
  const sent = after.sentBytes.map((bytes, at) => (bytes - before.sentBytes[at]) / seconds);
  const cpu = after.ticks.map((ticks, at) => ((ticks - before.ticks[at]) * 100) / TICKS_PER_SECOND / seconds);
  return {
    'sent B/s, mean': mean(sent),
    'most B/s': Math.max(...sent),
    'CPU %, mean': mean(cpu),
    'most CPU %': Math.max(...cpu),
  };
}

function reading(lan, sharers) {
  return {
    sentBytes: lan.hosts.map((host) => host.sentBytes()),
    ticks: sharers.map(({ pid }) => ticksOf(pid)),
  };
}

/** User and system time of all its threads. */
function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
