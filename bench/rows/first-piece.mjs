import { fileURLToPath } from 'node:url';
import { makeLan } from '../../test/lan/lab.mjs';
import { MiB } from '../content.mjs';
import { environment, lanshareProgram } from '../peers/lanshare.mjs';
import { makeContent } from '../trial.mjs';

const FETCHER = fileURLToPath(new URL('../peers/first-piece.mjs', import.meta.url));

/** From the question by name to the first piece that has been verified, in a process that is up. */
export const firstPiece = {
  name: 'first',
  title: 'from the question by name to the first verified piece, process and sharer running',
  goal: 'at most 60 ms',
  runs: 10,

  async run({ place, runs, say }) {
    const lan = makeLan({ hosts: 2 });
    try {
      const content = await makeContent(lan.host(1), place, { name: 'first.bin', bytes: MiB });
      const sharer = await lanshareProgram.offer(lan.host(1), content);
      const trials = [];
      for (let run = 1; run <= runs; run++) {
        say(`${run} of ${runs}`);
        const argv = [process.execPath, FETCHER, content.name];
        const { code, stdout, stderr } = await lan.host(2).run(argv, { env: environment(place) });
        if (code !== 0) throw new Error(stderr);
        trials.push({ milliseconds: Number(stdout) });
      }
      await sharer.stop('SIGINT');
      return [{ program: 'lanshare', missing: undefined, trials }];
    } finally {
      lan.close();
    }
  },
};
