import { type Command, Option } from 'commander';
import { addCommonOptions, value, values } from './common-options.ts';
import type { CreateFlags, FetchFlags, ListFlags, SeedFlags, ShareFlags } from './invocation.ts';
import type { Parsing } from './parsing.ts';
import { definePeer } from './peer-options.ts';
import { addSeedGoalOptions } from './seed-options.ts';
import { defineTracker } from './tracker-options.ts';
import * as kinds from './values.ts';
import { addVersionOptions } from './version-options.ts';

/** Gives `program` its commands and their options. */
export function defineProgram(program: Command, version: string, parsing: Parsing): void {
  program
    .description('Share a file here, fetch it there: peer-to-peer on the LAN, no address typed.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', PROGRAM_HELP)
    // Or what stands behind `peer check` would be taken as the options of `peer`.
    .enablePositionalOptions();
  defineShare(program.command('share'), parsing);
  defineFetch(program.command('fetch'), parsing);
  defineSeed(program.command('seed'), parsing);
  defineList(program.command('list'), parsing);
  defineTracker(program.command('tracker'), parsing);
  definePeer(program.command('peer'), parsing);
  defineDoctor(program.command('doctor'), parsing);
  defineCreate(program.command('create'), parsing);
  defineInfo(program.command('info'), parsing);
  defineVerify(program.command('verify'), parsing);
}

function defineShare(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('share files or folders until Ctrl-C')
    .description(
      'Share files or folders until Ctrl-C, and write NAME.torrent for each into the\n' +
        'current directory. Without a path: what lies in ./shares.',
    )
    .argument('[path...]', 'files or folders')
    .addOption(value('--name <name>', 'share it under another name; for one path only', kinds.sharedName))
    .addOption(value('--torrent <file>', 'write the .torrent there; for one path only', kinds.anyText))
    .addOption(value('--piece-length <size>', 'like 256K or 4M (default: chosen by size)', kinds.pieceLength))
    .addOption(value('--limit-up <rate>', 'send no more than this a second, like 10MB', kinds.rate))
    .addHelpText('after', SHARE_HELP)
    .action((paths: string[]) => chosen({ command: 'share', paths, options: flagsOf<ShareFlags>(command) }));
  addSeedGoalOptions(command);
  addVersionOptions(command);
  addCommonOptions(command);
}

function defineFetch(command: Command, { flagsOf, chosen }: Parsing): void {
  const seedHelp =
    'serve others afterwards: a time, forever or none (default: while a connected peer lacks pieces)';
  command
    .summary('fetch what somebody on the LAN shares')
    .description(
      'Fetch what somebody on the LAN shares.\n' +
        'After an interruption the same command goes on where it stopped.',
    )
    .argument('<what...>', 'names, .torrent files, magnet links or info-hashes')
    .addOption(value('-o, --out <dir>', 'put it into this folder (default: the current one)', kinds.anyText))
    .addOption(
      value('--timeout <time>', 'give up after so long without a byte (default: 10s)', kinds.timeout),
    )
    .addOption(value('--limit-down <rate>', 'receive no more than this a second, like 10MB', kinds.rate))
    .addOption(value('--limit-up <rate>', 'send no more than this a second', kinds.rate))
    .addOption(value('--seed <time>', seedHelp, kinds.seed))
    .addOption(new Option('--stdout', 'write the bytes to standard output, in order, and no file'))
    .addOption(new Option('--sequential', 'fetch the first pieces first, to open the file while it comes'))
    .addOption(
      values(
        '--select <files>',
        "only these files of a folder: numbers as --list-files shows them, or patterns, like 1,3-5 or '*.flac'; repeatable",
        kinds.fileChoice,
      ),
    )
    .addOption(new Option('--list-files', 'show the files of a .torrent, and fetch nothing'))
    .addHelpText('after', FETCH_HELP)
    .action((targets: string[]) =>
      chosen({ command: 'fetch', targets, options: flagsOf<FetchFlags>(command) }),
    );
  addSeedGoalOptions(command);
  addCommonOptions(command);
}

function defineSeed(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('share what a .torrent file describes, under its info-hash')
    .description(
      'Compare what lies here with a .torrent file, and share it under that info-hash until Ctrl-C,\n' +
        'on the LAN and with its trackers. Of damaged or unfinished content, the right pieces are shared.',
    )
    .argument('<file>', 'a .torrent file')
    .argument('[path]', 'the file or folder itself, or the folder that it lies in (default: ./NAME)')
    .addOption(value('--limit-up <rate>', 'send no more than this a second, like 10MB', kinds.rate))
    .addHelpText('after', SEED_HELP)
    .action((file: string, path: string | undefined) =>
      chosen({ command: 'seed', file, path, options: flagsOf<SeedFlags>(command) }),
    );
  addSeedGoalOptions(command);
  addCommonOptions(command);
}

function defineList(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('show what is shared on this LAN')
    .description('Show what is shared on this LAN.')
    .addOption(new Option('--watch', 'show what changes, too, until Ctrl-C'))
    .action(() => chosen({ command: 'list', options: flagsOf<ListFlags>(command) }));
  addCommonOptions(command);
}

function defineDoctor(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('find out why nobody is found')
    .description(
      'Look at the network from this machine, and say what is the matter and what to do.\n' +
        'Exit code 0 where others are found and reached, 5 where not.',
    )
    .action(() => chosen({ command: 'doctor', options: flagsOf(command) }));
  addCommonOptions(command);
}

function defineCreate(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('write a .torrent file without sharing')
    .description('Write NAME.torrent for a file or folder into the current directory, without sharing it.')
    .argument('<path>', 'a file or folder')
    .addOption(value('-o, --out <file>', 'write it there', kinds.anyText))
    .addOption(values('--web-seed <url>', 'an HTTP server that has the content; repeatable', kinds.webSeed))
    .addOption(new Option('--private', 'peers come from its trackers only'))
    .addOption(value('--comment <text>', 'for those who read the .torrent', kinds.anyText))
    .addOption(value('--piece-length <size>', 'like 256K or 4M (default: chosen by size)', kinds.pieceLength))
    .addHelpText('after', CREATE_HELP)
    .action((path: string) => chosen({ command: 'create', path, options: flagsOf<CreateFlags>(command) }));
  addVersionOptions(command);
  addCommonOptions(command);
}

function defineInfo(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('show what a .torrent file describes')
    .description('Show what a .torrent file describes.')
    .argument('<file>', 'a .torrent file')
    .addOption(new Option('--scrape', 'ask its trackers, too, how many have it'))
    .action((file: string) => chosen({ command: 'info', file, options: flagsOf(command) }));
  addCommonOptions(command);
}

function defineVerify(command: Command, { flagsOf, chosen }: Parsing): void {
  command
    .summary('compare what lies here with a .torrent file')
    .description('Compare what lies here with a .torrent file. Exit code 7 where it differs.')
    .argument('<file>', 'a .torrent file')
    .argument('[path]', 'the file or folder itself (default: ./NAME)')
    .action((file: string, path: string | undefined) =>
      chosen({ command: 'verify', file, path, options: flagsOf(command) }),
    );
  addCommonOptions(command);
}

const PROGRAM_HELP = `
Examples:
  lanshare share movie.txt            on one machine
  lanshare fetch movie.txt            on any other of the same LAN
  lanshare list                       what is there to fetch
  lanshare doctor                     why nobody is found
  lanshare tracker                    where the network hides them from each other

"lanshare <command> --help" shows a command's options.`;

const SHARE_HELP = `
Examples:
  lanshare share movie.txt holiday/
  lanshare share --name film.mp4 --limit-up 20MB/s ~/Videos/take7.mp4`;

const SEED_HELP = `
Examples:
  lanshare seed movie.torrent
  lanshare seed movie.torrent ~/Downloads --seed-ratio 2 --seed-time 12h`;

const CREATE_HELP = `
Examples:
  lanshare create holiday/ --tracker udp://tracker.lan:6969
  lanshare create film.mp4 --web-seed http://files.lan/film.mp4 --out /tmp/film.torrent`;

const FETCH_HELP = `
Examples:
  lanshare fetch movie.txt
  lanshare fetch movie.torrent --out ~/Downloads --seed 10m
  lanshare fetch 'magnet:?xt=urn:btih:...'
  lanshare fetch album.torrent --select 'disc2/**,cover.jpg'
  lanshare fetch backup.tar --stdout | tar x`;
