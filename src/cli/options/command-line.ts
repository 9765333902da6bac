import { Command, CommanderError } from 'commander';
import { LanshareError } from '../../errors.ts';
import type { Host } from '../host.ts';
import { refuseContradictions } from './contradictions.ts';
import { applyEnvironment, isOn } from './environment.ts';
import type { Invocation } from './invocation.ts';
import type { OutputFlags } from './output-flags.ts';
import { defineProgram } from './program.ts';

type Surroundings = Pick<Host, 'env' | 'stdout' | 'stderr'>;

/** Help or the version was shown; there is nothing to run. */
export interface Shown {
  readonly command: 'none';
  readonly exitCode: number;
}

/**
 * Reads the arguments (without the program's own name) and the environment. Throws a LanshareError with
 * code USAGE and one sentence.
 */
export function parseCommandLine(
  argv: readonly string[],
  host: Surroundings,
  version: string,
): Invocation | Shown {
  try {
    return parse(argv, host, version);
  } catch (error) {
    return afterFault(error, argv);
  }
}

function parse(argv: readonly string[], host: Surroundings, version: string): Invocation | Shown {
  let chosen: Invocation | undefined;
  const program = quietCommand(host);
  defineProgram(program, version, {
    flagsOf<Flags extends OutputFlags>(command: Command) {
      applyEnvironment(command, host.env);
      return command.opts<Flags>();
    },
    chosen(invocation) {
      refuseContradictions(invocation);
      chosen = invocation;
    },
  });
  program.parse(argv, { from: 'user' });
  return chosen ?? { command: 'none', exitCode: 2 };
}

/** Whether errors of the command line itself are wanted as JSON. */
export function wantsJson(argv: readonly string[], host: Pick<Host, 'env'>): boolean {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  return options.includes('--json') || isOn(host.env['LANSHARE_JSON']);
}

/** Throws instead of exiting, and leaves the words about errors to the reporter. Commands inherit it. */
function quietCommand({ stdout, stderr }: Surroundings): Command {
  return new Command('lanshare').exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    outputError: () => {},
    getOutHelpWidth: () => stdout.columns || DEFAULT_HELP_COLUMNS,
    getErrHelpWidth: () => stderr.columns || DEFAULT_HELP_COLUMNS,
  });
}

const DEFAULT_HELP_COLUMNS = 100;

function afterFault(error: unknown, argv: readonly string[]): Shown {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { command: 'none', exitCode: 0 };
    // The help was shown because no command was given.
    if (error.code === 'commander.help') return { command: 'none', exitCode: 2 };
    throw new LanshareError('USAGE', oneSentence(error.message), usageHint(argv));
  }
  if (error instanceof LanshareError && error.hint === '') {
    throw new LanshareError(error.code, error.message, usageHint(argv));
  }
  throw error;
}

function usageHint(argv: readonly string[]): string {
  const [first = ''] = argv;
  if (first.startsWith('-')) return 'options stand after the command, like: lanshare share movie.txt --json';
  const words = argv.join(' ');
  const command =
    /^(share|fetch|seed|list|doctor|create|info|verify|tracker|peer( (init|check|probe))?)\b/.exec(words);
  return command === null ? 'see lanshare --help' : `see lanshare ${command[0]} --help`;
}

/** `error: unknown option '--jso'\n(Did you mean --json?)` as one line. */
function oneSentence(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)/, ' (did you mean $1?)')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}
