import { cp, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProject, peersInOrder } from '../../test/classroom/classroom.mjs';
import { pause } from '../trial.mjs';

const FILE_SIZE = 20_000_000;
const RUN_TIMEOUT_MS = 180_000;
const LATE_MS = 30_000;
const RESTART_PAUSE_MS = 1_000;
const LOOK_INTERVAL_MS = 1;
/** Most of a run is waiting for the intervals of the assignment. */
const RUNS_AT_ONCE = 2;

const SAMPLE = { k: 3, p: 5, m: 10 };
const QUICK = { k: 3, p: 1, m: 2 };
/** The seeders are neither the first nor beside each other. */
const MIXED = [1007, 1002, 1010, 1001, 1005, 1009, 1003, 1008, 1006, 1004].map((id) => ({
  id,
  hasFile: id === 1001 || id === 1008,
}));

const SCENARIOS = [
  { name: 'three peers, p=5 m=10', peers: peersInOrder(3), ...SAMPLE },
  { name: 'three peers, p=1 m=2', peers: peersInOrder(3), ...QUICK },
  { name: 'five peers, p=5 m=10', peers: peersInOrder(5), ...SAMPLE },
  { name: 'five peers, p=1 m=2', peers: peersInOrder(5), ...QUICK },
  { name: 'ten peers, p=5 m=10', peers: peersInOrder(10), ...SAMPLE },
  { name: 'ten peers, p=1 m=2', peers: peersInOrder(10), ...QUICK },
  { name: 'ten in mixed order, two seeders, p=5 m=10', peers: MIXED, ...SAMPLE },
  { name: 'ten in mixed order, two seeders, p=1 m=2', peers: MIXED, ...QUICK },
  { name: 'five peers, one 30 s late, p=5 m=10', peers: peersInOrder(5), ...SAMPLE, play: playLate },
  { name: 'five peers, one killed half-way, p=5 m=10', peers: peersInOrder(5), ...SAMPLE, play: playKilled },
  { name: 'five peers, one killed half-way, p=1 m=2', peers: peersInOrder(5), ...QUICK, play: playKilled },
];

/** Runs of `lanshare peer` on loopback, each from the start of its processes to the end of the last. */
export const classroom = {
  name: 'classroom',
  title: '`lanshare peer`: 20 MB in pieces of 16 KiB on loopback, k=3',
  goal: 'identical, exit code 0 and a log that passes `peer check`, for every peer, every time',
  runs: 20,

  async run({ place, runs, say }) {
    const results = SCENARIOS.map(({ name }) => ({ program: name, missing: undefined, trials: [] }));
    const turns = SCENARIOS.flatMap((scenario, index) =>
      Array.from({ length: runs }, () => async () => {
        say(`${scenario.name}, ${results[index].trials.length + 1} of ${runs}`);
        results[index].trials.push(await trial(scenario, place));
      }),
    );
    await severalAtOnce(turns, RUNS_AT_ONCE);
    return results.map((result) => ({ ...result, program: `${result.program}, ${runs} of ${runs}` }));
  },
};

async function trial(scenario, place) {
  const { play = playAtOnce } = scenario;
  const project = await makeProject(place, { fileSize: FILE_SIZE, ...scenario });
  try {
    const start = performance.now();
    const figures = await play(project);
    const seconds = (performance.now() - start) / 1000;
    await project.expectIdenticalFiles();
    const check = await project.check();
    if (check.code !== 0) throw new Error(`the logs break the rules: ${check.stdout}${check.stderr}`);
    await project.remove();
    return { seconds, ...figures };
  } catch (error) {
    throw new Error(`${scenario.name}: ${error.message}\nits logs: ${await keepLogs(project)}`);
  }
}

async function playAtOnce(project) {
  await allEndWell(project.peers.map(({ id }) => project.lanshare(id)));
}

async function playLate(project) {
  const ids = project.peers.map(({ id }) => id);
  const late = ids[2];
  const others = ids.filter((id) => id !== late).map((id) => project.lanshare(id));
  await pause(LATE_MS);
  await allEndWell([...others, project.lanshare(late)]);
}

/** It is killed as soon as its log shows half of the pieces, and started again a second later. */
async function playKilled(project) {
  const [, , victim] = project.peers;
  const running = new Map(project.peers.map(({ id }) => [id, project.lanshare(id)]));
  await halfOfThePieces(project, victim.id);
  await running.get(victim.id).stop('SIGKILL');
  const pieces = await piecesOf(project, victim.id);
  await pause(RESTART_PAUSE_MS);
  running.set(victim.id, project.lanshare(victim.id));
  await allEndWell([...running.values()]);
  return { 'pieces at the kill': pieces };
}

async function halfOfThePieces(project, id) {
  while ((await piecesOf(project, id)) < project.pieceCount / 2) await pause(LOOK_INTERVAL_MS);
}

async function piecesOf(project, id) {
  const log = await project.logOf(id).catch(() => '');
  return log.match(/has downloaded the piece/g)?.length ?? 0;
}

async function allEndWell(running) {
  try {
    const exits = await Promise.all(running.map((peer) => peer.exit(RUN_TIMEOUT_MS)));
    for (const { code, signal, stdout, stderr } of exits)
      if (code !== 0) throw new Error(`a peer ended with ${code ?? signal}: ${stdout}${stderr}`);
  } finally {
    for (const peer of running) peer.kill('SIGKILL');
  }
}

/** What a run that went wrong leaves to look at. */
async function keepLogs(project) {
  const kept = await mkdtemp(join(tmpdir(), 'lanshare-classroom-'));
  const names = await readdir(project.directory);
  for (const name of names.filter((name) => /\.(log|cfg)$/.test(name)))
    await cp(join(project.directory, name), join(kept, name));
  return kept;
}

/** Does all `tasks`, no more than `limit` at a time; rejects with the first that fails, after those under way. */
async function severalAtOnce(tasks, limit) {
  const waiting = [...tasks];
  const work = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
  };
  const workers = await Promise.allSettled(
    Array.from({ length: limit }, () =>
      work().catch((error) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  const failed = workers.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
