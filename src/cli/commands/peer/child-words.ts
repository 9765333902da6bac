import { resolve } from 'node:path';
import type { ListedPeerId } from '../../../classroom/config/project.ts';
import type { Environment } from '../../host.ts';
import type { PeerFlags } from '../../options/peer-invocation.ts';

/** The command line of one peer of `--all`. It ends when we do, however we end: its standard input ends then. */
export function childWords(
  peer: ListedPeerId,
  directory: string,
  { wait, verbose, logFile }: PeerFlags,
  cwd: string,
): readonly string[] {
  return [
    ...['peer', String(peer), '--dir', directory, '--json', '--end-with-stdin'],
    ...(wait === undefined ? [] : ['--wait', `${wait}ms`]),
    ...Array.from({ length: verbose }, () => '-v'),
    ...(logFile === undefined ? [] : ['--log-file', resolve(cwd, logFile)]),
  ];
}

/** Without our options, such as LANSHARE_ALL=1: what is wanted of a child stands on its command line. */
export function environmentOfChild(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !variable.startsWith('LANSHARE_')));
}
