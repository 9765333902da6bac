import { LanshareError } from '../../errors.ts';
import type { FetchFlags, Invocation, ShareFlags } from './invocation.ts';
import { type VersionFlags, versionsAsked } from './version-options.ts';

/** Throws USAGE where two things that were asked for exclude each other. */
export function refuseContradictions(invocation: Invocation): void {
  switch (invocation.command) {
    case 'share':
      refuseForSeveral(invocation.paths.length, invocation.options);
      refuseSeveralVersions(invocation.options);
      break;
    case 'fetch':
      refuseInFetch(invocation.targets.length, invocation.options);
      refuseInSeeding(invocation.options);
      break;
    case 'create':
      refuseSeveralVersions(invocation.options);
      break;
    case 'seed':
    case 'list':
    case 'doctor':
    case 'info':
    case 'verify':
    case 'tracker':
    case 'peer':
    case 'peer --all':
    case 'peer init':
    case 'peer check':
    case 'peer probe':
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

function refuseInFetch(targets: number, { stdout, json, out, listFiles, select }: FetchFlags): void {
  if (select !== undefined && listFiles === true)
    throw contradiction('--select', '--list-files', 'all files are shown, and nothing is fetched then');
  if (stdout !== true) return;
  if (listFiles === true) throw contradiction('--stdout', '--list-files', 'nothing is fetched then');
  if (targets > 1) throw contradiction('--stdout', 'several targets', 'their bytes could not be told apart');
  if (json === true) throw contradiction('--stdout', '--json', 'both write to standard output');
  if (out !== undefined) throw contradiction('--stdout', '--out', 'no file is written with --stdout');
}

function refuseInSeeding({ seed, seedTime, seedRatio }: FetchFlags): void {
  if (seed?.kind === 'time' && seedTime !== undefined)
    throw contradiction('--seed', '--seed-time', 'both say how long');
  if (seed?.kind !== 'none') return;
  const goals = Object.entries({ '--seed-time': seedTime, '--seed-ratio': seedRatio });
  const goal = goals.find(([, given]) => given !== undefined)?.[0];
  if (goal !== undefined) throw contradiction('--seed none', goal, 'nothing is served then');
}

function refuseSeveralVersions(flags: VersionFlags): void {
  const [one, other] = versionsAsked(flags);
  if (one !== undefined && other !== undefined)
    throw contradiction(`--${one}`, `--${other}`, 'a .torrent is of one kind (--hybrid is for both)');
}

function contradiction(one: string, other: string, why: string): LanshareError {
  return new LanshareError('USAGE', `${one} cannot be used with ${other}: ${why}`);
}
