import { asLanshareError } from '../errors.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { type Log, openLog, silentLog } from './log.ts';
import { parseCommandLine, type Shown, wantsJson } from './options/command-line.ts';
import type { Invocation } from './options/invocation.ts';
import { failure } from './output/from-node.ts';
import { openReporter } from './output/open-reporter.ts';
import { stdoutFault } from './output/stdout-fault.ts';
import { interruptionBehind, listenForInterrupts } from './signals.ts';
import { readVersion } from './version.ts';

/** The whole command: reads `argv` (without the program's name), does it, and resolves with the exit code. */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  let outputError: Error | undefined;
  host.stdout.on('error', (error) => {
    outputError ??= error;
  });
  host.stderr.on('error', () => {});
  const code = await runCommandLine(argv, host);
  // Output to a pipe may still be on its way, and its error with it.
  await new Promise<void>((resolve) => host.stdout.write('', () => resolve()));
  return code === 0 && outputError !== undefined ? afterOutputError(outputError, host) : code;
}

/** A reader that went away (`lanshare list | head -1`) is no fault; what needs stdout notices by itself. */
async function afterOutputError(error: Error, host: Host): Promise<number> {
  const fault = stdoutFault(error);
  if (fault.code === 'OUTPUT_CLOSED') return 0;
  const reporter = await openReporter({ quiet: true, verbose: 0 }, host);
  reporter.report(failure(fault));
  return fault.exitCode;
}

async function runCommandLine(argv: readonly string[], host: Host): Promise<number> {
  const version = readVersion();
  let invocation: Invocation | Shown;
  try {
    invocation = parseCommandLine(argv, host, version);
  } catch (error) {
    const fault = asLanshareError(error);
    const reporter = await openReporter({ json: wantsJson(argv, host), quiet: true, verbose: 0 }, host);
    reporter.report(failure(fault));
    return fault.exitCode;
  }
  return invocation.command === 'none' ? invocation.exitCode : execute(invocation, host, version);
}

async function execute(invocation: Invocation, host: Host, version: string): Promise<number> {
  const reporter = await openReporter(invocation.options, host);
  function exitNow(code: number): void {
    reporter.finish();
    host.exit(code);
  }
  const interrupts = listenForInterrupts(host.events, exitNow, hintAfterInterruption(invocation));
  let log: Log = silentLog;

  function fail(error: unknown): number {
    const fault = interruptionBehind(error, interrupts.signal) ?? asLanshareError(error);
    reporter.report(failure(fault));
    log.logger.debug({ err: fault.cause ?? fault }, 'the command failed');
    return fault.exitCode;
  }
  // Rejections that nobody handles arrive here too.
  function crash(error: unknown): void {
    exitNow(fail(error));
  }

  host.events.on('uncaughtException', crash);
  try {
    log = await openLog(invocation.options, host);
    const { logger } = log;
    return await runCommand(invocation, { host, reporter, logger, signal: interrupts.signal, version });
  } catch (error) {
    return fail(error);
  } finally {
    reporter.finish();
    interrupts.stop();
    host.events.off('uncaughtException', crash);
    log.close();
  }
}

/** A command's module is loaded only when the command runs. */
async function runCommand(invocation: Invocation, context: Context): Promise<number> {
  switch (invocation.command) {
    case 'share': {
      const { share } = await import('./commands/share.ts');
      return share(context, invocation.paths, invocation.options);
    }
    case 'fetch': {
      if (invocation.options.listFiles === true) {
        const { listFiles } = await import('./commands/list-files.ts');
        return listFiles(context, invocation.targets, invocation.options);
      }
      const { fetch } = await import('./commands/fetch.ts');
      return fetch(context, invocation.targets, invocation.options);
    }
    case 'seed': {
      const { seed } = await import('./commands/seed.ts');
      return seed(context, invocation.file, invocation.path, invocation.options);
    }
    case 'create': {
      const { create } = await import('./commands/create.ts');
      return create(context, invocation.path, invocation.options);
    }
    case 'list': {
      if (invocation.options.watch === true) {
        const { watch } = await import('./commands/watch.ts');
        return watch(context, invocation.options);
      }
      const { list } = await import('./commands/list.ts');
      return list(context, invocation.options);
    }
    case 'doctor': {
      const { doctor } = await import('./commands/doctor.ts');
      return doctor(context, invocation.options);
    }
    case 'info': {
      const { info } = await import('./commands/info.ts');
      return info(context, invocation.file, invocation.options);
    }
    case 'verify': {
      const { verify } = await import('./commands/verify.ts');
      return verify(context, invocation.file, invocation.path, invocation.options);
    }
    case 'tracker': {
      const { tracker } = await import('./commands/tracker.ts');
      return tracker(context, invocation.files, invocation.options);
    }
    case 'peer':
    case 'peer --all':
    case 'peer init':
    case 'peer check':
    case 'peer probe': {
      const { peer } = await import('./commands/peer/peer.ts');
      return peer(context, invocation);
    }
  }
}

function hintAfterInterruption(invocation: Invocation): string {
  const keepsParts = invocation.command === 'fetch' && invocation.options.stdout !== true;
  return keepsParts ? 'run the same command again: it goes on where it stopped' : '';
}
