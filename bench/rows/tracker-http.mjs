import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeLan } from '../../test/lan/lab.mjs';
import { bittorrentTrackerFolder } from '../peers/bittorrent-tracker-package.mjs';
import { bittorrentTracker, inMemory } from '../peers/trackers.mjs';
import { cpuSeconds, residentBytes } from '../process-figures.mjs';
import { inTurns, megabytes } from '../trial.mjs';

const PORT = 6969;
const SWARMS = fileURLToPath(new URL('../peers/announce.lua', import.meta.url));
/** One peer, again and again, that is alone. */
const ALONE =
  'announce?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%FF&peer_id=-LS0100-000000000000&port=1024&left=1&compact=1';
const CONNECTIONS = 32;
/** Until V8 has compiled what is done again and again, and all peers are known. */
const WARM_UP_SECONDS = 2;
const MEASURED_SECONDS = 5;

export const trackerHttp = {
  name: 'tracker-http',
  title: `Announcements over HTTP, wrk with ${CONNECTIONS} connections on the same machine`,
  goal: 'at least 3 times as many as the npm package bittorrent-tracker',
  runs: 5,

  async run(options) {
    if (spawnSync('wrk', ['-v']).error !== undefined) throw new Error('wrk is not installed');
    options.say('installing bittorrent-tracker');
    const trackers = [inMemory, bittorrentTracker(await bittorrentTrackerFolder(options.place), 'http')];
    const lan = makeLan({ hosts: 1 });
    try {
      return await inTurns(trackers, options, (tracker) => trial(tracker, lan.host(1), options));
    } finally {
      lan.close();
    }
  },
};

async function trial(program, host, { place }) {
  const tracker = await program.serve(host, { port: PORT, place });
  const base = `http://127.0.0.1:${PORT}/`;
  try {
    await load(host, tracker, WARM_UP_SECONDS, '-s', SWARMS, base);
    const swarms = await load(host, tracker, MEASURED_SECONDS, '-s', SWARMS, base);
    const alone = await load(host, tracker, MEASURED_SECONDS, `${base}${ALONE}`);
    return {
      'with 50 peers each /s': swarms.perSecond,
      'per CPU second': swarms.perCpuSecond,
      'alone /s': alone.perSecond,
      'alone, per CPU second': alone.perCpuSecond,
      'resident MB': megabytes(residentBytes(tracker.pid)),
    };
  } finally {
    await tracker.stop('SIGKILL');
  }
}

async function load(host, tracker, seconds, ...words) {
  const before = cpuSeconds(tracker.pid);
  const argv = ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, ...words];
  const { stdout } = await host.run(argv, { timeoutMs: (seconds + 10) * 1000 });
  const cpu = Math.max(0.01, cpuSeconds(tracker.pid) - before);
  const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
  if (requests === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk says: ${stdout}`);
  const count = Number(requests);
  return { perSecond: count / Number(took), perCpuSecond: count / cpu };
}
