import { join } from 'node:path';
import { makeLan } from '../../test/lan/lab.mjs';
import { expectSame, MiB } from '../content.mjs';
import { checkedCurlProgram, curlProgram } from '../peers/http.mjs';
import { lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { emptyFolder, inTurns, makeContent, megabytes, timed } from '../trial.mjs';

export const oneToOne = {
  name: 'one',
  title: '1 GiB from one host to another, no rate limit (whole fetch command)',
  goal: 'no longer than libtorrent, at most 250 MB resident on each side',
  runs: 5,

  async run(options) {
    const lan = makeLan({ hosts: 2 });
    try {
      const content = await makeContent(lan.host(1), options.place, { name: 'one.bin', bytes: 1024 * MiB });
      const programs = [lanshareProgram, libtorrentProgram, curlProgram, checkedCurlProgram];
      return await inTurns(programs, options, (program) => trial(program, lan, content));
    } finally {
      lan.close();
    }
  },
};

async function trial(program, lan, content) {
  const out = await emptyFolder(join(content.place, 'out'));
  const sender = await program.offer(lan.host(1), content);
  try {
    const receiver = await timed(lan.host(2), program.fetchCommand(content, out), content.place);
    await expectSame(content.path, join(out, content.name));
    return {
      seconds: receiver.seconds,
      'sender MB': megabytes(sender.peakBytes),
      ...(program.severalProcesses ? {} : { 'receiver MB': megabytes(receiver.peakBytes) }),
    };
  } finally {
    await sender.stop('SIGKILL');
  }
}
