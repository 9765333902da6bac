import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeLan } from '../../test/lan/lab.mjs';
import { expectSame, MiB } from '../content.mjs';
import { environment, lanshare, lanshareProgram } from '../peers/lanshare.mjs';
import { emptyFolder, inTurns, makeContent, pause } from '../trial.mjs';

const BYTES = 64 * MiB;
/** The whole fetch takes about two seconds. */
const RATE = '300mbit';
const LATEST_KILL_MS = 2_500;
const LOOK_INTERVAL_MS = 2;

export const kill = {
  name: 'kill',
  title: '64 MiB at 300 Mbit/s, the fetch killed with SIGKILL at a random moment and run again',
  goal: 'identical every time; again only what was in flight; no final name before it is whole',
  runs: 20,

  async run(options) {
    const lan = makeLan({ hosts: 2, rate: RATE });
    try {
      const content = await makeContent(lan.host(1), options.place, { name: 'kill.bin', bytes: BYTES });
      const sharer = await lanshareProgram.offer(lan.host(1), content);
      const results = await inTurns([lanshareProgram], options, () => trial(lan, content));
      await sharer.stop('SIGKILL');
      return results;
    } finally {
      lan.close();
    }
  },
};

async function trial(lan, content) {
  const out = await emptyFolder(join(content.place, 'out'));
  const final = join(out, content.name);
  const command = lanshare('fetch', '--json', '--seed', 'none', content.name, '--out', out);
  const environmentOfIt = { env: environment(content.place) };
  const sentBefore = lan.host(1).sentBytes();
  const watch = watchFor(final, content.path);

  const first = lan.host(2).start(command, environmentOfIt);
  await pause(Math.random() * LATEST_KILL_MS);
  await first.stop('SIGKILL');
  if (existsSync(final)) await expectSame(content.path, final);
  const second = lan.host(2).start(command, environmentOfIt);
  const { code, stderr } = await second.exit(60_000);
  await watch.end();

  if (code !== 0) throw new Error(`the second fetch ended with ${code}: ${stderr}`);
  await expectSame(content.path, final);
  return figures(first.events(), second.events(), lan.host(1).sentBytes() - sentBefore);
}

/** What the first run had reported as done must not come again. */
function figures(first, second, sentBytes) {
  const reported = Math.max(0, ...first.map((event) => (event.event === 'progress' ? event.bytesDone : 0)));
  const done = second.find((event) => event.event === 'done');
  const kept = BYTES - done.downloadedBytes;
  if (kept < reported) throw new Error(`${reported} bytes were reported as done, ${kept} were kept`);
  return { 'kept MiB': kept / MiB, 'sent beyond the file MiB': Math.max(0, sentBytes - BYTES) / MiB };
}

/** As soon as the final name is there, it must be the whole content. */
function watchFor(final, original) {
  let checking;
  const timer = setInterval(() => {
    if (checking === undefined && existsSync(final)) checking = expectSame(original, final);
    checking?.catch(() => {}); // end() tells it.
  }, LOOK_INTERVAL_MS);
  return {
    async end() {
      clearInterval(timer);
      await checking;
    },
  };
}
