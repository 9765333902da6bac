import { makeLan } from '../../test/lan/lab.mjs';
import { MiB } from '../content.mjs';
import { lanshare, lanshareProgram } from '../peers/lanshare.mjs';
import { libtorrentProgram } from '../peers/libtorrent.mjs';
import { fetchOnce, inTurns, makeContent, megabytes } from '../trial.mjs';

export const interopSpeed = {
  name: 'interop',
  title: '1 GiB in the BitTorrent dialect, lanshare and libtorrent (whole fetch command)',
  goal: 'no longer than libtorrent to libtorrent, at most 300 MB resident in lanshare',
  runs: 5,

  async run(options) {
    const lan = makeLan({ hosts: 2 });
    try {
      const content = await makeContent(lan.host(1), options.place, { name: 'one.bin', bytes: 1024 * MiB });
      return await inTurns(PAIRS, options, (pair) => trial(pair, lan, content));
    } finally {
      lan.close();
    }
  },
};

/** It is given the .torrent, as libtorrent is: a name means nothing to a BitTorrent client. */
const lanshareWithTorrent = {
  ...lanshareProgram,
  fetchCommand: ({ torrent }, out) => lanshare('fetch', '--json', torrent, '--out', out),
};

/** Two of them know each other by BitTorrent only. */
const IN_BITTORRENT = ['--dialect', 'bittorrent'];
const lanshareInBitTorrent = {
  ...lanshareProgram,
  name: 'lanshare in BitTorrent',
  offer: (host, content) => lanshareProgram.offer(host, content, ...IN_BITTORRENT),
  fetchCommand: ({ torrent }, out) => lanshare('fetch', '--json', ...IN_BITTORRENT, torrent, '--out', out),
};

const PAIRS = [
  pair(libtorrentProgram, libtorrentProgram),
  pair(libtorrentProgram, lanshareWithTorrent),
  pair(lanshareProgram, libtorrentProgram),
  pair(lanshareInBitTorrent, lanshareInBitTorrent),
];

/** Reads as one program to a trial: what one offers, the other fetches. */
function pair(sender, receiver) {
  return {
    name: `${sender.name} → ${receiver.name}`,
    missing: () => sender.missing() ?? receiver.missing(),
    offer: sender.offer,
    fetchCommand: receiver.fetchCommand,
  };
}

async function trial(program, lan, content) {
  const { receiver, senderPeakBytes } = await fetchOnce(program, lan, content);
  return {
    seconds: receiver.seconds,
    'sender MB': megabytes(senderPeakBytes),
    'receiver MB': megabytes(receiver.peakBytes),
  };
}
