import type { Logger } from '../../../platform/logger.ts';
import type { Context } from '../../context.ts';
import { logTo } from '../../log.ts';
import type { OutputFlags } from '../../options/output-flags.ts';
import { trackerLog } from './tracker-log.ts';
import type { TrackerFacts, TrackerView } from './tracker-view.ts';

type Surroundings = Pick<Context, 'host' | 'reporter' | 'logger'>;

/**
 * The log of a tracker: the one that the options ask for. Without any, where nobody looks at a terminal, stdout is the
 * log: in JSON lines, as a service's is expected to be.
 */
export async function openTrackerLog({ host, logger }: Surroundings, flags: OutputFlags): Promise<Logger> {
  const { verbose, logFile } = flags;
  return isService(host, flags) && logFile === undefined ? logTo(host.stdout, verbose) : logger;
}

/**
 * Events with --json, a screen that updates itself on a terminal, lines on a simple one, the log elsewhere; nothing with
 * --quiet but what is wrong. A log file has it all besides.
 */
export async function openTrackerView(
  surroundings: Surroundings,
  flags: OutputFlags,
  tracker: TrackerFacts,
): Promise<TrackerView> {
  const { host, logger } = surroundings;
  const log = trackerLog(logger, host.clock, tracker);
  if (isService(host, flags)) return log;
  const shown = await openShown(surroundings, flags, tracker);
  return flags.logFile === undefined ? shown : both(shown, log);
}

function isService({ stdout }: Context['host'], { json, quiet }: OutputFlags): boolean {
  return stdout.isTTY !== true && json !== true && quiet !== true;
}

async function openShown(
  { host, reporter }: Surroundings,
  { json, quiet, verbose, logFile }: OutputFlags,
  tracker: TrackerFacts,
): Promise<TrackerView> {
  const { stdout, env, clock } = host;
  if (json === true) {
    const { trackerEvents } = await import('./tracker-events-view.ts');
    return trackerEvents(reporter, clock, tracker);
  }
  if (quiet === true) return { take: (news) => reporter.report(news), finish() {} };
  // A log on the same terminal would tear the screen.
  const logsHere = verbose > 0 && logFile === undefined;
  if (env['TERM'] !== 'dumb' && !logsHere) {
    const { trackerScreen } = await import('./tracker-screen.ts');
    return trackerScreen(stdout, clock, tracker);
  }
  const { trackerLines } = await import('./tracker-lines.ts');
  return trackerLines(stdout, reporter, clock, tracker);
}

function both(one: TrackerView, other: TrackerView): TrackerView {
  return {
    take(news) {
      one.take(news);
      other.take(news);
    },
    finish() {
      one.finish();
      other.finish();
    },
  };
}
