import { parseArgs } from 'node:util';
import { compileSimulation } from './compile.mjs';

/*
 * Thousands of gossiping nodes under one event queue, with the real engine and codec, a LAN's latency (0.2 to 2 ms)
 * and no multicast. Each starts by naming one that is there already, shares 100 contents, and fetches one that all
 * fetch.
 */
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50,200' },
    shares: { type: 'string', default: '100' },
    loss: { type: 'string', default: '0' },
    trials: { type: 'string', default: '5' },
    partition: { type: 'boolean', default: true },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
  allowNegative: true,
});
/** Everybody knows everybody: the memory grows with the square, about 6 KB a pair. */
const MOST_IN_FULL = 1_500;
/** Members that each node knows where it cannot be all. */
const VIEW = 30;
const IDLE_MS = 20_000;
const loss = Number(values.loss);
const trials = Number(values.trials);
const simulation = await compileSimulation();
const { MeasuredSwarm } = await import(simulation.swarm);
console.log(`seed ${values.seed}, ${values.shares} shares a node, ${100 * loss} % of the datagrams lost`);
for (const nodes of values.nodes.split(',').map(Number))
  if (nodes <= MOST_IN_FULL) measure(nodes);
  else measureInViews(nodes);
await simulation.remove();

function measure(nodes) {
  const begun = performance.now();
  const swarm = new MeasuredSwarm({ seed: Number(values.seed), nodes, shares: Number(values.shares) });
  swarm.lan.loss = loss;
  console.log(`\n${nodes} nodes`);
  tell('all know all, after the last has started', milliseconds(swarm.start(30_000)));
  tell('sent a node until then', `${(swarm.sentBytes / nodes / 1024).toFixed(0)} KiB`);
  swarm.lan.run(10_000);
  const cpuBefore = process.cpuUsage();
  const idle = swarm.idle(IDLE_MS);
  const { user, system } = process.cpuUsage(cpuBefore);
  tell('idle, sent a node', `${idle.mean.toFixed(0)} B/s (most: ${idle.most.toFixed(0)})`);
  const cpu = (user + system) / 1_000 / (nodes * IDLE_MS);
  tell('idle, CPU a node without sockets and signatures', `${(100 * cpu).toFixed(3)} % of a core`);
  tellSpreads('a piece won', nodes, () => swarm.winPiece(30_000), swarm);
  tell('  theory', theory(nodes));
  tellSpreads('a goodbye', nodes, () => swarm.leave(30_000), swarm);
  tellSpreads('a death', nodes, () => swarm.kill(30_000), swarm);
  if (values.partition)
    tell('whole again after 20 s in two halves', milliseconds(swarm.partition(20_000, 30_000)));
  tell('(computed in)', `${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}

/** Each knows some, and the one that wins the piece; the fan-out is that of all. Nothing is repaired. */
function measureInViews(nodes) {
  const begun = performance.now();
  const limits = {
    peers: nodes,
    waitingPerMember: 0,
    syncBytesPerRound: 0,
    indexBytesPerSecond: Number.MAX_SAFE_INTEGER,
    fanoutExtra: 1 + Math.ceil(Math.log(nodes + 1)) - Math.ceil(Math.log(VIEW + 1)),
    datagramsPerSourcePerSecond: Number.MAX_SAFE_INTEGER,
    signaturesPerSourcePerSecond: Number.MAX_SAFE_INTEGER,
  };
  const swarm = new MeasuredSwarm({ seed: Number(values.seed), nodes, shares: 0, limits });
  console.log(`\n${nodes} nodes, each of which knows about ${VIEW} others and the one that wins the piece`);
  swarm.startInViews(VIEW);
  swarm.lan.loss = loss;
  const [winner] = swarm.nodes;
  tellSpreads('a piece won', nodes, () => swarm.winPiece(1_000, winner), swarm);
  tell('  theory', theory(nodes));
  tell('(computed in)', `${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}

function tellSpreads(what, nodes, act, swarm) {
  const spreads = [];
  for (let trial = 0; trial < trials; trial++) {
    spreads.push(act());
    swarm.lan.run(2_000);
  }
  const worst = (part) => Math.max(...spreads.map((spread) => spread[part] ?? Number.POSITIVE_INFINITY));
  const mean = (part) => spreads.reduce((sum, spread) => sum + spread[part], 0) / trials;
  tell(
    `${what}, known to half / 99 % / all: mean`,
    `${ms(mean('half'))} / ${ms(mean('most'))} / ${ms(mean('all'))}`,
  );
  tell(`  worst of ${trials}`, `${ms(worst('half'))} / ${ms(worst('most'))} / ${ms(worst('all'))}`);
  tell('  sent a node for it', `${(mean('bytes') / nodes / 1024).toFixed(1)} KiB`);
}

/** Rounds of push gossip (Pittel 1987: log_f n + ln n / f), each a merge of 10 ms and a way of 1.1 ms on average. */
function theory(nodes) {
  const fanOut = Math.ceil(Math.log(nodes + 1)) + 1;
  const hops = Math.log(nodes) / Math.log(fanOut + 1) + Math.log(nodes) / fanOut;
  return `fan-out ${fanOut}, about ${hops.toFixed(1)} hops of 11 ms = ${(11.1 * hops).toFixed(0)} ms; 69 % of the trials reach all without repair`;
}

function tell(what, figure) {
  console.log(`  ${what.padEnd(52)} ${figure}`);
}

function ms(time) {
  return Number.isFinite(time) ? `${time.toFixed(0)} ms` : '–';
}

function milliseconds(time) {
  return time === undefined ? 'not in time' : ms(time);
}
