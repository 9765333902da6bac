/**
 * A whole P2PFILESHARINGPROJ peer over plain sockets. It follows the assignment and shares no code with src, so that
 * it also tests how the assignment was read there. `node strict-peer.mjs --help` tells its flags: what real programs
 * do beside the rules.
 */
import { join } from 'node:path';
import { openLog } from './strict-peer/log.mjs';
import { OptionError, readOptions } from './strict-peer/options.mjs';
import { Peer } from './strict-peer/peer.mjs';
import { openPieces } from './strict-peer/pieces.mjs';
import { readProject } from './strict-peer/project.mjs';

try {
  run(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof OptionError ? error.message : error.stack}\n`);
  process.exitCode = 2;
}

function run({ id, directory, habits }) {
  const project = readProject(directory);
  const me = project.peers.find((peer) => peer.id === id);
  if (me === undefined) throw new OptionError(`PeerInfo.cfg does not list ${id}`);
  const folder = join(directory, habits.plainFolder ? `${id}` : `peer_${id}`);
  const pieces = openPieces(folder, project.common, me.hasFile);
  const log = openLog(join(directory, `log_peer_${id}.log`), id);
  const peer = new Peer({ me, project, pieces, log, habits, end });
  peer.start();
  // A test that forgets it must not leave it running.
  setTimeout(() => end(3, 'it has run for too long'), habits.liveMs).unref();
}

function end(exitCode, why) {
  process.stderr.write(`${why}\n`);
  process.exit(exitCode);
}
