import { join } from 'node:path';
import { makeLan } from '../../test/lan/lab.mjs';
import { expectSame, MiB } from '../content.mjs';
import { environment, lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { emptyFolder, inTurns, makeContent } from '../trial.mjs';

/** One sharer, several fetchers that start together. */
function room({ name, title, goal, runs, fetchers, mebibytes, rate }) {
  return {
    name,
    title,
    goal,
    runs,
    async run(options) {
      const lan = makeLan({ hosts: 1 + fetchers, rate });
      try {
        const file = { name: 'room.bin', bytes: mebibytes * MiB };
        const content = await makeContent(lan.host(1), options.place, file);
        return await inTurns([lanshareProgram, libtorrentProgram], options, (program) =>
          trial(program, lan, content),
        );
      } finally {
        lan.close();
      }
    },
  };
}

export const four = room({
  name: 'four',
  title: '256 MiB from one host to four at once, no rate limit (until the last has it)',
  goal: 'the sharer sends less than 2 copies',
  runs: 3,
  fetchers: 4,
  mebibytes: 256,
});

export const eight = room({
  name: 'eight',
  title: '256 MiB from one host to eight at once, 200 Mbit/s cables (until the last has it)',
  goal: 'no cable could do it in less than 11.2 s',
  runs: 2,
  fetchers: 8,
  mebibytes: 256,
  rate: '200mbit',
});

async function trial(program, lan, content) {
  const [first, ...others] = lan.hosts;
  const sender = await program.offer(first, content);
  const before = first.sentBytes();
  const start = performance.now();
  const fetches = await Promise.all(others.map((host) => startFetch(program, host, content)));
  try {
    await Promise.all(fetches.map(({ running }) => program.arrived(running)));
    const seconds = (performance.now() - start) / 1000;
    const copies = (first.sentBytes() - before) / content.bytes;
    for (const { out } of fetches) await expectSame(content.path, join(out, content.name));
    return { seconds, 'copies sent by the sharer': copies };
  } finally {
    await Promise.all(
      [sender, ...fetches.map(({ running }) => running)].map((running) => running.stop('SIGKILL')),
    );
  }
}

/** Who is done goes on serving, as the programs do when people use them. */
async function startFetch(program, host, content) {
  const out = await emptyFolder(join(content.place, `out-${host.number}`));
  return { out, running: host.start(program.stayCommand(content, out), { env: environment(content.place) }) };
}
