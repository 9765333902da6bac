import { makeLan } from '../../test/lan/lab.mjs';
import { inMemory } from '../peers/trackers.mjs';
import { compileUdpLoad } from '../peers/udp-load.mjs';
import { residentBytes } from '../process-figures.mjs';
import { inTurns, megabytes } from '../trial.mjs';

const PORT = 6969;
const SWARMS = { contents: 10_000, peers: 100 };
const PEERS = SWARMS.contents * SWARMS.peers;
const WINDOW = 256;
/** Few enough for any receive buffer, so that none is lost. */
const FILL_WINDOW = 64;
const MEASURED_SECONDS = 5;

/** What many peers take, and how long an announcement waits among them. */
export const trackerMemory = {
  name: 'tracker-memory',
  title: `${PEERS} peers in ${SWARMS.contents} contents, then announcements at half of the most that are answered`,
  goal: 'at most 500 MB; 99 of 100 answered within 5 ms',
  runs: 3,

  async run(options) {
    const load = compileUdpLoad(options.place);
    const lan = makeLan({ hosts: 1 });
    try {
      return await inTurns([inMemory], options, (tracker) => trial(tracker, load, lan.host(1), options));
    } finally {
      lan.close();
    }
  },
};

async function trial(program, load, host, { place }) {
  const tracker = await program.serve(host, { port: PORT, place, contents: SWARMS.contents });
  try {
    const filled = await load.each(host, PORT, SWARMS, FILL_WINDOW);
    if (filled.answered !== PEERS) throw new Error(`only ${filled.answered} of ${PEERS} peers are there`);
    const resident = residentBytes(tracker.pid);
    const { answered, seconds } = await load.window(host, PORT, SWARMS, WINDOW, MEASURED_SECONDS);
    const most = answered / seconds;
    const { latencyMs, lost } = await load.rate(host, PORT, SWARMS, most / 2, MEASURED_SECONDS);
    return {
      'resident MB': megabytes(resident),
      'afterwards MB': megabytes(residentBytes(tracker.pid)),
      'most, thousand/s': most / 1000,
      'half of it: median ms': latencyMs.p50,
      '99 % ms': latencyMs.p99,
      '99.9 % ms': latencyMs.p999,
      'longest ms': latencyMs.max,
      lost,
    };
  } finally {
    await tracker.stop('SIGKILL');
  }
}
