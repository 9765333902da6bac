import { makeLan } from '../../test/lan/lab.mjs';
import { MiB } from '../content.mjs';
import { curlProgram } from '../peers/http.mjs';
import { lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { fetchOnce, inTurns, makeContent } from '../trial.mjs';

export const smallFile = {
  name: 'small',
  title: '1 MiB from a sharer that is running: found and fetched (whole fetch command)',
  goal: 'at most 0.5 s by name; libtorrent gets a .torrent, curl an address',
  runs: 10,

  async run(options) {
    const lan = makeLan({ hosts: 2 });
    try {
      const content = await makeContent(lan.host(1), options.place, { name: 'small.bin', bytes: MiB });
      return await inTurns([lanshareProgram, libtorrentProgram, curlProgram], options, (program) =>
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
