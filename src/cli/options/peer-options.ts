import { type Command, Option } from 'commander';
import { LanshareError } from '../../errors.ts';
import { addOutputOptions, value } from './common-options.ts';
import type { OutputFlags } from './output-flags.ts';
import type { Parsing } from './parsing.ts';
import type { PeerFlags, PeerInitFlags, PeerInvocation, PeerProbeFlags } from './peer-invocation.ts';
import * as kinds from './peer-values.ts';
import { anyText, readValue } from './values.ts';

/** `lanshare peer`, with commands of its own. */
export function definePeer(command: Command, parsing: Parsing): void {
  const { flagsOf, chosen } = parsing;
  command
    .summary('take part in the P2PFILESHARINGPROJ system of a networks course')
    .description(
      'Be peer ID of Common.cfg and PeerInfo.cfg: exchange the file with the others by the rules of the\n' +
        'P2PFILESHARINGPROJ assignment, write log_peer_ID.log, and stop when every peer has the file.\n' +
        'Exit code 3 where a peer that lacks the file does not come back.',
    )
    .argument('[id]', 'which line of PeerInfo.cfg this one is')
    .addOption(new Option('--all', 'every peer whose host is this machine, each its own process'))
    .addOption(dirOption())
    .addOption(value('--wait <time>', 'wait so long for peers that have gone (default: 60s)', kinds.waitTime))
    .addOption(
      new Option('--end-with-stdin', 'end when standard input ends, with the program that started this'),
    )
    .addHelpText('after', PEER_HELP)
    .action((id: string | undefined) => chosen(peerInvocation(id, flagsOf<PeerFlags>(command))))
    // What stands after the name of one of its commands belongs to that.
    .enablePositionalOptions();
  addOutputOptions(command);
  defineInit(command.command('init'), parsing);
  defineCheck(command.command('check'), parsing);
  defineProbe(command.command('probe'), parsing);
}

function peerInvocation(id: string | undefined, options: PeerFlags): PeerInvocation {
  if (options.all === true) {
    if (id === undefined) return { command: 'peer --all', options };
    throw new LanshareError('USAGE', `--all cannot be used with the ID ${id}: it runs every peer`);
  }
  if (id !== undefined) return { command: 'peer', id: readValue(kinds.peerId, 'peer', id), options };
  throw new LanshareError('USAGE', 'it is not said which peer: name its ID, like 1001, or --all');
}

function defineInit(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('write Common.cfg, PeerInfo.cfg and the folders of a new project')
    .description(
      'Write a working Common.cfg and PeerInfo.cfg, and a folder peer_ID for each peer, with the file in\n' +
        'those of the seeders. Nothing that is there is overwritten.',
    )
    .addOption(value('--peers <number>', 'how many in all', kinds.wholeNumber))
    .addOption(value('--file <file>', 'what they are to exchange', anyText))
    .addOption(
      value('--seeders <number>', 'how many have the file at the start (default: 1)', kinds.wholeNumber),
    )
    .addOption(value('--piece-size <size>', 'like 16384 or 1M (default: 16384)', kinds.pieceSize))
    .addOption(
      value(
        '--neighbors <number>',
        'preferred neighbors, k (default: 3, fewer with few peers)',
        kinds.wholeNumber,
      ),
    )
    .addOption(value('--unchoking-interval <time>', 'p, whole seconds (default: 5s)', kinds.wholeSeconds))
    .addOption(value('--optimistic-interval <time>', 'm, whole seconds (default: 10s)', kinds.wholeSeconds))
    .addOption(value('--host <name>', 'where they all run (default: localhost)', anyText))
    .addOption(dirOption())
    .addHelpText('after', INIT_HELP)
    .action(() => {
      refuseOptionsBefore(command);
      chosen({ command: 'peer init', options: initFlags(flagsOf<Unchecked<PeerInitFlags>>(command)) });
    });
  addOutputOptions(command);
}

type Unchecked<Flags extends OutputFlags> = Partial<Flags> & OutputFlags;

function initFlags(flags: Unchecked<PeerInitFlags>): PeerInitFlags {
  const { peers, file } = flags;
  if (peers === undefined) throw new LanshareError('USAGE', 'it is not said how many: --peers 5');
  if (file === undefined) throw new LanshareError('USAGE', 'it is not said what is exchanged: --file FILE');
  return { ...flags, peers, file };
}

function defineCheck(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('say whether the logs of a finished run obey the rules')
    .description(
      "Read the logs of a finished run, of anybody's programs, and say which rules of the assignment they\n" +
        'obey. Exit code 7 where one is broken.',
    )
    .argument('[dir]', 'the folder with Common.cfg, PeerInfo.cfg and the logs (default: the current one)')
    .addHelpText('after', CHECK_HELP)
    .action((directory: string | undefined) => {
      refuseOptionsBefore(command);
      chosen({ command: 'peer check', directory, options: flagsOf(command) });
    });
  addOutputOptions(command);
}

function defineProbe(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary("try somebody's program from outside, rule by rule")
    .description(
      'Play the other side against a program that listens at HOST:PORT, and say which rules it keeps. Its\n' +
        'PeerInfo.cfg has to list the probe after the program itself. Exit code 7 where a rule is broken.',
    )
    .argument('<host:port>', 'where the program listens')
    .addOption(value('--as <id>', 'the ID of the probe (default: of the last peer listed)', kinds.peerId))
    .addOption(
      value(
        '--dir <dir>',
        "the program's folder with both .cfg files and the file: it is told what to expect",
        anyText,
      ),
    )
    .addHelpText('after', PROBE_HELP)
    .action((text: string) => {
      refuseOptionsBefore(command);
      const target = readValue(kinds.listeningPeer, 'peer probe', text);
      chosen({ command: 'peer probe', target, options: flagsOf<PeerProbeFlags>(command) });
    });
  addOutputOptions(command);
}

function dirOption(): Option {
  return value('--dir <dir>', 'the folder with both .cfg files (default: the current one)', anyText);
}

/** They would be read as those of `peer`, and have no effect. Throws USAGE. */
function refuseOptionsBefore(command: Command): void {
  const { parent } = command;
  const early = parent?.options.find(
    (option) => parent.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (early === undefined) return;
  throw new LanshareError('USAGE', `${early.long} stands before ${command.name()}: options stand after it`);
}

const PEER_HELP = `
Examples:
  lanshare peer init --peers 5 --file thefile     a project to try
  lanshare peer --all                             all five of them, each its own process
  lanshare peer check                             whether their logs obey the rules
  lanshare peer 1001                              one of them, with others' programs as the rest
  lanshare peer probe localhost:6001              what another program does right and wrong`;

const INIT_HELP = `
Examples:
  lanshare peer init --peers 5 --file thefile
  lanshare peer init --peers 10 --file big.iso --seeders 2 --piece-size 1M --dir ~/project`;

const CHECK_HELP = `
Examples:
  lanshare peer check
  lanshare peer check ~/submissions/group7 --json`;

const PROBE_HELP = `
Examples:
  lanshare peer init --peers 2 --file thefile     then start the program as 1001, in this folder
  lanshare peer probe localhost:6001 --as 1002 --dir .`;
