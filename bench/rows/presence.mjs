import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeLan } from '../../test/lan/lab.mjs';
import { environment, lanshare } from '../peers/lanshare.mjs';
import { emptyFolder } from '../trial.mjs';

const HOSTS = 8;
const PARTITION_MS = 20_000;
const TIMEOUT_MS = 40_000;
/** Everybody has heard of everybody, and pinged everybody a few times. */
const SETTLE_MS = 8_000;

/** How soon others notice that a node leaves, dies, or is back. */
export const presence = {
  name: 'presence',
  title: `How long until all of ${HOSTS} hosts know: a node ended by Ctrl-C, by SIGKILL, a partition of ${PARTITION_MS / 1000} s healed`,
  goal: 'at most 1 s, 10 s and 3 s; 10 % loss only doubles the times',
  runs: 3,

  async run(options) {
    const networks = [
      { program: 'multicast', muted: false },
      { program: 'multicast blocked', muted: true },
      { program: 'multicast, 10 % loss', muted: false, lossPercent: 10 },
      { program: 'blocked, 10 % loss', muted: true, lossPercent: 10 },
    ];
    const results = networks.map(({ program }) => ({ program, missing: undefined, trials: [] }));
    for (let run = 1; run <= options.runs; run++) {
      for (const [place, network] of networks.entries()) {
        options.say(`${network.program}, ${run} of ${options.runs}`);
        results[place].trials.push(await trial(network, options.place));
      }
    }
    return results;
  },
};

async function trial({ muted, lossPercent }, place) {
  const lan = makeLan({ hosts: HOSTS, lossPercent, families: ['ipv4'] });
  try {
    if (muted) for (const host of lan.hosts) host.mute();
    const nodes = [];
    for (const host of lan.hosts) nodes.push(await startNode(host, muted, place));
    await Promise.all(nodes.map((node) => seesAll(node, nodes)));
    await sleep(SETTLE_MS);
    const [, , third, , , sixth] = nodes;
    const goodbye = await untilGone(third, nodes, () => third.sharer.kill('SIGINT'));
    const rest = nodes.filter((node) => node !== third);
    const death = await untilGone(sixth, rest, () => sixth.sharer.kill('SIGKILL'));
    const alive = rest.filter((node) => node !== sixth);
    const healing = await untilHealed(alive);
    return { 'Ctrl-C s': goodbye, 'SIGKILL s': death, 'healed s': healing };
  } finally {
    lan.close();
  }
}

/** A sharer, and beside it somebody who watches. */
async function startNode(host, muted, place) {
  const folder = await emptyFolder(join(place, `presence-${host.number}`));
  const path = join(folder, `file${host.number}.txt`);
  await writeFile(path, `${host.number}`);
  const env = environment(folder);
  const peer = muted && host.number > 1 ? ['--peer', '10.77.0.1'] : [];
  const sharer = host.start(lanshare('share', '--json', path, '--torrent', `${path}.torrent`, ...peer), {
    env,
  });
  const { infoHash } = await sharer.event('sharing', { timeoutMs: TIMEOUT_MS });
  const watcher = host.start(lanshare('list', '--watch', '--json', ...peer), { env });
  return { host, sharer, watcher, infoHash };
}

/** Waits until the last thing that the node's watcher has said of each of them is that it is there. */
async function seesAll({ watcher }, nodes) {
  const deadline = performance.now() + TIMEOUT_MS;
  for (const { infoHash, host } of nodes) {
    while (lastWord(watcher, infoHash) !== 'appeared') {
      if (performance.now() > deadline)
        throw new Error(`nobody told of host ${host.number}: ${watcher.stderr} ${watcher.stdout}`);
      await sleep(5);
    }
  }
}

function lastWord(watcher, infoHash) {
  const words = watcher.events().filter((event) => event.infoHash === infoHash && event.event !== 'updated');
  return words.at(-1)?.event;
}

async function untilGone(leaver, nodes, leave) {
  const start = performance.now();
  leave();
  const others = nodes.filter((node) => node !== leaver);
  await Promise.all(
    others.map(({ watcher }) =>
      watcher.event('gone', {
        matches: ({ infoHash }) => infoHash === leaver.infoHash,
        timeoutMs: TIMEOUT_MS,
      }),
    ),
  );
  return (performance.now() - start) / 1000;
}

/** Hosts 5 to 8 cannot reach hosts 1 to 4 for a while. */
async function untilHealed(nodes) {
  const far = nodes.filter(({ host }) => host.number > HOSTS / 2);
  const near = 'ip saddr 10.77.0.1-10.77.0.4 drop; ip daddr 10.77.0.1-10.77.0.4 drop;';
  const rules = `table inet partition {
    chain in { type filter hook input priority 0; ${near} }
    chain out { type filter hook output priority 0; ${near} }
  }`;
  for (const { host } of far) await host.run(['nft', '-f', '-'], { input: rules });
  await sleep(PARTITION_MS);
  const start = performance.now();
  for (const { host } of far) await host.run(['nft', 'delete', 'table', 'inet', 'partition']);
  await Promise.all(nodes.map((node) => seesAll(node, nodes)));
  return (performance.now() - start) / 1000;
}
