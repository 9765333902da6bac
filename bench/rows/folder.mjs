import { join } from 'node:path';
import { makeLan } from '../../test/lan/lab.mjs';
import { makeFolder } from '../content.mjs';
import { lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { describeContent, emptyFolder, fetchOnce, inTurns } from '../trial.mjs';

export const folder = {
  name: 'folder',
  title: 'a folder of 10,000 small files, 70 MB (whole fetch command)',
  goal: 'identical, executable bits included',
  runs: 3,

  async run(options) {
    const lan = makeLan({ hosts: 2 });
    try {
      const path = join(await emptyFolder(join(options.place, 'content')), 'many');
      const bytes = await makeFolder(path, 10_000);
      const content = await describeContent(lan.host(1), options.place, path, bytes);
      return await inTurns([lanshareProgram, libtorrentProgram], options, (program) =>
        trial(program, lan, content),
      );
    } finally {
      lan.close();
    }
  },
};

async function trial(program, lan, content) {
  const { receiver } = await fetchOnce(program, lan, content);
  return { seconds: receiver.seconds };
}
