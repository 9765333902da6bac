import { makeProject, peersInOrder } from '../../test/classroom/classroom.mjs';
import { inTurns } from '../trial.mjs';

const FILE_SIZE = 500_000_000;
const PIECE_SIZE = 1024 * 1024;
const PEERS = peersInOrder(5);
const RUN_TIMEOUT_MS = 300_000;

const EXCHANGE = 'seconds from first to last piece';
const always = () => undefined;

const PROGRAMS = [
  { name: 'lanshare peer', missing: always, start: (project, id) => project.lanshare(id) },
  {
    name: 'strict peer, a request every 40 ms',
    missing: always,
    start: (project, id) => project.strictPeer(id, '--request-every-ms', '40'),
  },
  {
    name: 'the same, every 40 ms on each link',
    missing: always,
    start: (project, id) => project.strictPeer(id, '--request-every-ms', '40', '--poll-per-link'),
  },
  {
    name: 'strict peer, at once',
    missing: always,
    start: (project, id) => project.strictPeer(id),
  },
];

/** From the start of the processes to the end of the last: with it go the start of Node and the first choice. */
export const classroomSpeed = {
  name: 'classroom-speed',
  title: 'five peers of the assignment on loopback, one has the 500 MB, pieces of 1 MiB, k=3 p=1 m=2',
  goal: 'at least ten times the throughput of programs with one request in 40 ms',
  runs: 3,

  async run(options) {
    const results = await inTurns(PROGRAMS, options, async (program) => {
      const project = await makeProject(options.place, {
        peers: PEERS,
        fileSize: FILE_SIZE,
        pieceSize: PIECE_SIZE,
      });
      try {
        return await trial(program, project);
      } finally {
        await project.remove();
      }
    });
    return withRatios(results);
  },
};

/** How many times faster lanshare was in the same turn. */
function withRatios([lanshare, ...others]) {
  const compared = others.map((other) => ({
    ...other,
    trials: other.trials.map((trial, turn) => ({
      ...trial,
      'lanshare is faster by': trial.seconds / lanshare.trials[turn].seconds,
      'then by': trial[EXCHANGE] / lanshare.trials[turn][EXCHANGE],
    })),
  }));
  return [lanshare, ...compared];
}

async function trial(program, project) {
  const start = performance.now();
  const running = PEERS.map(({ id }) => program.start(project, id));
  try {
    const exits = await Promise.all(running.map((peer) => peer.exit(RUN_TIMEOUT_MS)));
    const seconds = (performance.now() - start) / 1000;
    const failed = exits.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(`a peer ended with ${failed.code}: ${failed.stderr}`);
    await project.expectIdenticalFiles();
    return { seconds, ...rates(seconds, await exchangeSeconds(project)) };
  } finally {
    for (const peer of running) peer.kill('SIGKILL');
  }
}

function rates(seconds, exchanged) {
  const leechers = PEERS.length - 1;
  return {
    'MB/s a leecher': FILE_SIZE / seconds / 1e6,
    'MB/s in all': (FILE_SIZE * leechers) / seconds / 1e6,
    [EXCHANGE]: exchanged,
    'MB/s in all then': (FILE_SIZE * leechers) / exchanged / 1e6,
  };
}

/** By the times in the logs, which both programs write with milliseconds. */
async function exchangeSeconds(project) {
  const times = [];
  for (const { id } of project.peers) {
    for (const line of (await project.logOf(id)).split('\n'))
      if (line.includes('has downloaded the piece')) times.push(Date.parse(line.slice(1, line.indexOf(']'))));
  }
  return (Math.max(...times) - Math.min(...times)) / 1000;
}
