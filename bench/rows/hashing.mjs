import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, start } from '../../test/lan/running.mjs';
import { MiB, makeFile } from '../content.mjs';
import { environment, lanshare } from '../peers/lanshare.mjs';
import { emptyFolder, inTurns } from '../trial.mjs';

const BYTES = 2048 * MiB;
const always = () => undefined;

/** How long `share` takes until it offers a file that is in memory already. */
export const hashing = {
  name: 'hash',
  title: 'sharing a file of 2 GiB that is in the page cache, until it is offered',
  goal: 'at least 1 GB/s the first time, at once the second time',
  runs: 3,

  async run(options) {
    const folder = await emptyFolder(join(options.place, 'content'));
    const path = join(folder, 'hash.bin');
    await makeFile(path, BYTES);
    const share = () => timeUntilOffered(path, options.place);
    const programs = [
      {
        name: 'lanshare share, first time',
        missing: always,
        hashes: true,
        async trial() {
          await rm(environment(options.place).XDG_CACHE_HOME, { recursive: true, force: true });
          return share();
        },
      },
      { name: 'lanshare share, again', missing: always, hashes: false, trial: share },
      { name: 'sha1sum (one core)', missing: always, hashes: true, trial: () => timeOfSha1sum(path) },
    ];
    return inTurns(programs, options, async (program) => {
      const seconds = await program.trial();
      return program.hashes ? { seconds, 'GB/s': BYTES / seconds / 1e9 } : { seconds };
    });
  },
};

async function timeUntilOffered(path, place) {
  const begin = performance.now();
  const words = ['share', '--json', path, '--torrent', join(place, 'content.torrent')];
  const sharer = start(lanshare(...words), { env: environment(place) });
  await sharer.event('sharing', { timeoutMs: 120_000 });
  const seconds = (performance.now() - begin) / 1000;
  await sharer.stop('SIGINT');
  return seconds;
}

async function timeOfSha1sum(path) {
  const begin = performance.now();
  await run(['sha1sum', path], { timeoutMs: 120_000 });
  return (performance.now() - begin) / 1000;
}
