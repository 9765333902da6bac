import { type Command, Option } from 'commander';
import type { TorrentVersion } from '../../metainfo/metainfo.ts';

/** Which kind of .torrent is made; at most one of them. */
export interface VersionFlags {
  readonly v1?: boolean;
  readonly v2?: boolean;
  readonly hybrid?: boolean;
}

/** The options of every command that makes a .torrent. */
export function addVersionOptions(command: Command): void {
  command
    .addOption(new Option('--hybrid', 'for BitTorrent v1 and v2 (default: where little padding is needed)'))
    .addOption(
      new Option('--v1', 'for BitTorrent v1 alone, as Transmission before 4.0 and aria2 before 1.37 need it'),
    )
    .addOption(new Option('--v2', 'for BitTorrent v2 alone'));
}

/** What was asked for; more than one is a contradiction. */
export function versionsAsked({ v1, v2, hybrid }: VersionFlags): readonly TorrentVersion[] {
  const asked = { v1, v2, hybrid };
  return (['v1', 'v2', 'hybrid'] as const).filter((version) => asked[version] === true);
}
