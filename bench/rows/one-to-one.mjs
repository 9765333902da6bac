import { makeLan } from '../../test/lan/lab.mjs';
import { MiB } from '../content.mjs';
import { checkedCurlProgram, curlProgram } from '../peers/http.mjs';
import { lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { fetchOnce, inTurns, makeContent, megabytes } from '../trial.mjs';

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
  const { receiver, senderPeakBytes } = await fetchOnce(program, lan, content);
  return {
    seconds: receiver.seconds,
    'sender MB': megabytes(senderPeakBytes),
    ...(program.severalProcesses ? {} : { 'receiver MB': megabytes(receiver.peakBytes) }),
  };
}
