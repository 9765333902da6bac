import { LanshareError } from '../../errors.ts';
import type { CreateFlags, FetchFlags, Invocation, ShareFlags } from './invocation.ts';

/** Throws USAGE where two things that were asked for exclude each other. */
export function refuseContradictions(invocation: Invocation): void {
  switch (invocation.command) {
    case 'share':
      refuseForSeveral(invocation.paths.length, invocation.options);
      break;
    case 'fetch':
      refuseInFetch(invocation.targets.length, invocation.options);
      break;
    case 'create':
      refuseInCreate(invocation.options);
      break;
    case 'list':
    case 'doctor':
    case 'info':
    case 'verify':
      break;
  }
}

/** One name or one .torrent file cannot serve several contents. Throws USAGE. */
export function refuseForSeveral(contents: number, { name, torrent }: ShareFlags): void {
  if (contents <= 1) return;
  if (name !== undefined) throw contradiction('--name', 'several paths', 'each would have the same name');
  if (torrent !== undefined) {
    throw contradiction('--torrent', 'several paths', 'each has a .torrent file of its own');
  }
}

function refuseInFetch(targets: number, { stdout, json, out, listFiles }: FetchFlags): void {
  if (stdout !== true) return;
  if (listFiles === true) throw contradiction('--stdout', '--list-files', 'nothing is fetched then');
  if (targets > 1) throw contradiction('--stdout', 'several targets', 'their bytes could not be told apart');
  if (json === true) throw contradiction('--stdout', '--json', 'both write to standard output');
  if (out !== undefined) throw contradiction('--stdout', '--out', 'no file is written with --stdout');
}

function refuseInCreate({ v1, v2, hybrid }: CreateFlags): void {
  const [one, other] = Object.entries({ '--v1': v1, '--v2': v2, '--hybrid': hybrid })
    .filter(([, wanted]) => wanted === true)
    .map(([option]) => option);
  if (one !== undefined && other !== undefined)
    throw contradiction(one, other, 'a .torrent is of one kind (--hybrid is for both)');
}

function contradiction(one: string, other: string, why: string): LanshareError {
  return new LanshareError('USAGE', `${one} cannot be used with ${other}: ${why}`);
}
