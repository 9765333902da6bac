import { type Command, Option } from 'commander';
import { DEFAULT_TRACKER_PORT } from '../../limits.ts';
import { addOutputOptions, value } from './common-options.ts';
import type { TrackerFlags } from './invocation.ts';
import type { Parsing } from './parsing.ts';
import * as kinds from './values.ts';

export function defineTracker(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('run a tracker, for networks that hide peers from each other')
    .description(
      'Run a tracker until Ctrl-C, for BitTorrent clients and lanshare nodes that cannot find each\n' +
        'other, by UDP and by HTTP. With files it serves only these, and writes NAME.torrent for each\n' +
        'into the current directory, which is handed out at http://ADDRESS:PORT/torrents, too.',
    )
    .argument('[file...]', 'files or folders to describe, or .torrent files to serve as they are')
    .addOption(
      value(
        '--port <number>',
        `TCP and UDP port (default: ${DEFAULT_TRACKER_PORT}; 0 takes any free one)`,
        kinds.port,
      ),
    )
    .addOption(value('--host <address>', 'listen on this IP address only', kinds.ipAddress))
    .addOption(
      value('--interval <time>', 'what clients are told to wait (default: 30m)', kinds.trackerInterval),
    )
    .addOption(new Option('--allow-public', 'serve clients with public addresses, too'))
    .addOption(
      value('--whitelist <dir>', 'serve only what the .torrent files in this folder describe', kinds.anyText),
    )
    .addOption(
      value('--store <where>', 'memory (default), sqlite:PATH or redis://HOST:PORT/DATABASE', kinds.anyText),
    )
    .addOption(new Option('--no-mdns', 'do not announce the tracker by multicast DNS'))
    .addHelpText('after', TRACKER_HELP)
    .action((files: string[]) =>
      chosen({ command: 'tracker', files, options: flagsOf<TrackerFlags>(command) }),
    );
  addOutputOptions(command);
}

const TRACKER_HELP = `
Examples:
  lanshare tracker
  lanshare tracker movie.txt holiday/
  lanshare tracker --whitelist ~/torrents --store sqlite:tracker.db
  lanshare share movie.txt --tracker udp://10.77.0.1:6969     on another machine`;
