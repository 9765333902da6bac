import type { Context } from '../../context.ts';
import type { OutputFlags } from '../../options/invocation.ts';
import type { TrackerFacts, TrackerView } from './tracker-view.ts';

/** Events with --json, a screen that updates itself on a terminal, lines elsewhere; errors only with --quiet. */
export async function openTrackerView(
  { host, reporter }: Pick<Context, 'host' | 'reporter'>,
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
  if (stdout.isTTY === true && env['TERM'] !== 'dumb' && !logsHere) {
    const { trackerScreen } = await import('./tracker-screen.ts');
    return trackerScreen(stdout, clock, tracker);
  }
  const { trackerLines } = await import('./tracker-lines.ts');
  return trackerLines(stdout, reporter, clock, tracker);
}
