import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DestinationStream, Level } from 'pino';
import { diskError } from '../errors.ts';
import { type Logger, silentLogger } from '../platform/logger.ts';
import type { Host } from './host.ts';
import type { OutputFlags } from './options/output-flags.ts';

export interface Log {
  readonly logger: Logger;
  close(): void;
}

export const silentLog: Log = { logger: silentLogger, close() {} };

/**
 * The log that the options ask for: JSON lines to --log-file, readable lines to stderr with -v, none
 * otherwise, as what a user must know comes as an event. pino is loaded only where something is logged.
 */
export async function openLog({ verbose, logFile }: OutputFlags, host: Host): Promise<Log> {
  if (logFile !== undefined) return openLogFile(resolve(host.cwd, logFile), logLevel(verbose));
  if (verbose === 0) return silentLog;
  const { readableLog } = await import('./output/readable-log.ts');
  return { logger: await makeLogger(logLevel(verbose), readableLog(host.stderr)), close() {} };
}

/** The same JSON lines as in a log file, on a stream. */
export function logTo(output: DestinationStream, verbose: number): Promise<Logger> {
  return makeLogger(logLevel(verbose), output);
}

function logLevel(verbose: number): Level {
  if (verbose === 0) return 'info';
  return verbose === 1 ? 'debug' : 'trace';
}

async function openLogFile(path: string, level: Level): Promise<Log> {
  const { pino } = await import('pino');
  const fd = openForAppending(path);
  // Written at once: nothing is lost when the process ends, however it ends.
  const destination = pino.destination({ dest: fd, sync: true });
  // A full disk must not end the transfer that is logged.
  destination.on('error', () => {});
  return { logger: await makeLogger(level, destination), close: () => closeSync(fd) };
}

function openForAppending(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw diskError(error, 'write', path);
  }
}

async function makeLogger(level: Level, destination: DestinationStream): Promise<Logger> {
  const { pino } = await import('pino');
  const logger: Logger = pino({ level }, destination);
  return logger;
}
