import { join } from 'node:path';
import { makeLan } from '../../test/lan/lab.mjs';
import { expectSame, makeFolder } from '../content.mjs';
import { lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { describeContent, emptyFolder, inTurns, timed } from '../trial.mjs';

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
  const out = await emptyFolder(join(content.place, 'out'));
  const sender = await program.offer(lan.host(1), content);
  try {
    const { seconds } = await timed(lan.host(2), program.fetchCommand(content, out), content.place);
    await expectSame(content.path, join(out, content.name));
    return { seconds };
  } finally {
    await sender.stop('SIGKILL');
  }
}
