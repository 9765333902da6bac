import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Common.cfg and PeerInfo.cfg of `directory`. */
export function readProject(directory) {
  const settings = new Map(linesOf(join(directory, 'Common.cfg')).map(([key, value]) => [key, value]));
  const peers = linesOf(join(directory, 'PeerInfo.cfg')).map(([id, host, port, has]) => ({
    id: Number(id),
    host,
    port: Number(port),
    hasFile: has === '1',
  }));
  return {
    common: {
      preferredNeighbors: Number(settings.get('NumberOfPreferredNeighbors')),
      unchokingIntervalMs: Number(settings.get('UnchokingInterval')) * 1000,
      optimisticIntervalMs: Number(settings.get('OptimisticUnchokingInterval')) * 1000,
      fileName: settings.get('FileName'),
      fileSize: Number(settings.get('FileSize')),
      pieceSize: Number(settings.get('PieceSize')),
    },
    peers,
  };
}

/** The words of each line that is not blank. */
function linesOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}
