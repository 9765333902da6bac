import { resolve } from 'node:path';
import { pieceCountOf } from '../../../classroom/config/project.ts';
import { writeProject } from '../../../classroom/config/write-project.ts';
import { LanshareError } from '../../../errors.ts';
import type { Network } from '../../../platform/network.ts';
import type { Context } from '../../context.ts';
import type { PeerInitFlags } from '../../options/peer-invocation.ts';
import { shellQuote } from '../../output/shell-quote.ts';

/** The courses' sample. */
const DEFAULT_PIECE_SIZE_BYTES = 16_384;
const DEFAULT_UNCHOKING_INTERVAL_MS = 5_000;
const DEFAULT_OPTIMISTIC_INTERVAL_MS = 10_000;

/** Writes the files and folders of a new project. Throws what `writeProject` does. */
export async function initProject(
  { host, reporter, signal }: Context,
  flags: PeerInitFlags,
): Promise<number> {
  const directory = resolve(host.cwd, flags.dir ?? '.');
  const { network } = await host.classroom();
  const { common, peers } = await writeProject(
    {
      directory,
      file: resolve(host.cwd, flags.file),
      peers: flags.peers,
      seeders: flags.seeders ?? 1,
      pieceSize: flags.pieceSize ?? DEFAULT_PIECE_SIZE_BYTES,
      preferredNeighbors: flags.neighbors,
      unchokingIntervalSeconds: (flags.unchokingInterval ?? DEFAULT_UNCHOKING_INTERVAL_MS) / 1_000,
      optimisticUnchokingIntervalSeconds:
        (flags.optimisticInterval ?? DEFAULT_OPTIMISTIC_INTERVAL_MS) / 1_000,
      host: flags.host ?? 'localhost',
    },
    (port) => isFree(network, port),
    signal,
  );
  reporter.report({
    event: 'project',
    directory,
    name: common.fileName,
    size: common.fileSize,
    pieceSize: common.pieceSize,
    pieces: pieceCountOf(common),
    peers: peers.map(({ id, ...line }) => ({ peer: id, ...line })),
    command: [
      'lanshare peer --all',
      ...(flags.dir === undefined ? [] : ['--dir', shellQuote(flags.dir)]),
    ].join(' '),
  });
  return 0;
}

async function isFree(network: Network, port: number): Promise<boolean> {
  try {
    const listener = await network.listen(port, (connection) => connection.destroy());
    await listener.close();
    return true;
  } catch (error) {
    if (error instanceof LanshareError && error.code === 'PORT_IN_USE') return false;
    throw error;
  }
}
