import type { Command, Option } from 'commander';
import { LanshareError } from '../../errors.ts';
import type { Environment } from '../host.ts';

/**
 * Every option has its environment variable: `--limit-up` is LANSHARE_LIMIT_UP. The command line goes first.
 * Commander's own `env()` is not used: it takes LANSHARE_JSON=0 for yes.
 */
export function applyEnvironment(command: Command, env: Environment): void {
  for (const option of command.options) {
    const variable = environmentVariable(option);
    const text = env[variable];
    const key = option.attributeName();
    if (text === undefined || text === '' || command.getOptionValueSource(key) === 'cli') continue;
    command.setOptionValueWithSource(key, readVariable(option, variable, text), 'env');
  }
}

export function environmentVariable(option: Pick<Option, 'long'>): string {
  const words = (option.long ?? '').replace(/^--/, '');
  return `LANSHARE_${words.replaceAll('-', '_').toUpperCase()}`;
}

/** LANSHARE_JSON as a flag, for the one place that asks before the options are read. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && parseSwitch(text) === true;
}

function readVariable(option: Option, variable: string, text: string): unknown {
  if (option.isBoolean() || option.negate) return readSwitch(option, variable, text);
  try {
    return option.parseArg?.(text, undefined);
  } catch (error) {
    if (!(error instanceof LanshareError)) throw error;
    throw new LanshareError('USAGE', `${error.message} (from ${variable})`, error.hint);
  }
}

function readSwitch(option: Option, variable: string, text: string): boolean | number {
  // A flag with a parser is one that counts, like -vv.
  if (option.parseArg !== undefined && /^\d$/.test(text)) return Number(text);
  const on = parseSwitch(text);
  if (on === undefined) {
    throw new LanshareError('USAGE', `${variable}=${JSON.stringify(text)} is not valid: it is 1 or 0`);
  }
  if (option.parseArg !== undefined) return on ? 1 : 0;
  return option.negate ? !on : on;
}

function parseSwitch(text: string): boolean | undefined {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off|)$/i.test(text)) return false;
  return undefined;
}
