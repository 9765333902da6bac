import { type Command, Option } from 'commander';
import * as kinds from './values.ts';
import { readValue, type ValueKind } from './values.ts';

/** The options of every command that runs a node, or may. */
export function addCommonOptions(command: Command): void {
  addOutputOptions(command);
  command
    .addOption(
      value(
        '--port <number>',
        'TCP and UDP port to listen on (default: any; share takes 47470 where it is free)',
        kinds.port,
      ),
    )
    .addOption(
      values(
        '--interface <name>',
        'look for peers on this network interface only; repeatable',
        kinds.interfaces,
      ),
    )
    .addOption(
      values(
        '--peer <host:port>',
        'ask this peer whatever is found; repeatable (default port: 47470)',
        kinds.peers,
      ),
    )
    .addOption(
      values(
        '--tracker <url>',
        'announce there, too; repeatable, each a tier of its own, a comma within a tier',
        kinds.trackerTier,
      ),
    )
    .addOption(
      value(
        '--dialect <name>',
        'bittorrent: speak it to lanshare nodes, too; for comparisons and teaching',
        kinds.dialect,
      ),
    )
    .addOption(new Option('--no-mdns', 'do not use multicast DNS'))
    .addOption(new Option('--no-beacon', 'do not use the beacon datagrams'))
    .addOption(new Option('--no-lsd', "do not use BitTorrent's local service discovery"));
}

/** The options that stand on every command. */
export function addOutputOptions(command: Command): void {
  command
    .addOption(new Option('--json', 'one JSON object a line on standard output'))
    .addOption(new Option('-q, --quiet', 'say nothing beside errors and what was asked for'))
    .addOption(
      new Option('-v, --verbose', 'show the log on standard error; -vv shows more')
        .argParser((_text: string, previous: number) => previous + 1)
        .default(0, 'off'),
    )
    .addOption(value('--log-file <file>', 'write the log to this file instead, as JSON lines', kinds.anyText))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', ENVIRONMENT_HELP);
}

/** An option with a value that is read and checked. */
export function value<T>(flags: string, description: string, kind: ValueKind<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => readValue(kind, option.long ?? flags, text));
}

/** One that may be given again. */
export function values<T>(flags: string, description: string, kind: ValueKind<readonly T[]>): Option {
  const option = new Option(flags, description);
  return option.argParser((text, previous: readonly T[] | undefined) => [
    ...(previous ?? []),
    ...readValue(kind, option.long ?? flags, text),
  ]);
}

const ENVIRONMENT_HELP = `
Every option is an environment variable too:
--port 5000 is LANSHARE_PORT=5000, --json is LANSHARE_JSON=1.`;
