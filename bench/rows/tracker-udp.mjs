import { makeLan } from '../../test/lan/lab.mjs';
import { bittorrentTrackerFolder } from '../peers/bittorrent-tracker-package.mjs';
import { bittorrentTracker, inMemory, inSqlite, opentracker } from '../peers/trackers.mjs';
import { compileUdpLoad } from '../peers/udp-load.mjs';
import { cpuSeconds, residentBytes } from '../process-figures.mjs';
import { inTurns, megabytes } from '../trial.mjs';

const PORT = 6969;
/** Almost every announcement is a new peer's. */
const SWARMS = { contents: 1_000, peers: 60_000 };
/** Few enough for the smallest receive buffer, so that none is lost. */
const WINDOW = 128;
/** Until V8 has compiled what is done again and again. */
const WARM_UP_SECONDS = 2;
const MEASURED_SECONDS = 5;

export const trackerUdp = {
  name: 'tracker-udp',
  title: `Announcements over UDP to ${SWARMS.contents} contents, ${WINDOW} unanswered, load on the same machine`,
  goal: 'at least 0.9 times as many as opentracker, 10 times bittorrent-tracker; SQLite 0.8 times memory',
  runs: 5,

  async run(options) {
    const load = compileUdpLoad(options.place);
    options.say('installing bittorrent-tracker');
    const folder = await bittorrentTrackerFolder(options.place);
    const trackers = [inMemory, inSqlite, opentracker, bittorrentTracker(folder, 'udp')];
    const lan = makeLan({ hosts: 1 });
    try {
      return await inTurns(trackers, options, (tracker) => trial(tracker, load, lan.host(1), options));
    } finally {
      lan.close();
    }
  },
};

async function trial(program, load, host, { place }) {
  const tracker = await program.serve(host, { port: PORT, place, contents: SWARMS.contents });
  try {
    await load.window(host, PORT, SWARMS, WINDOW, WARM_UP_SECONDS);
    const before = cpuSeconds(tracker.pid);
    const { answered, seconds, lost, answerBytes } = await load.window(
      host,
      PORT,
      SWARMS,
      WINDOW,
      MEASURED_SECONDS,
    );
    const cpu = cpuSeconds(tracker.pid) - before;
    return {
      'thousand/s': answered / seconds / 1000,
      'CPU µs each': (cpu / answered) * 1e6,
      'bytes an answer': answerBytes,
      lost,
      'resident MB': megabytes(residentBytes(tracker.pid)),
    };
  } finally {
    await tracker.stop('SIGKILL');
  }
}
