import type { DiscoveryReport } from '../../discovery/discovery.ts';
import type { Context } from '../context.ts';
import type { ListFlags } from '../options/invocation.ts';
import type { WatchView } from './watch-view.ts';

/** Events with --json, a table that updates itself on a terminal, lines elsewhere. */
export async function openWatchView(
  { host, reporter }: Pick<Context, 'host' | 'reporter'>,
  { json, verbose, logFile }: ListFlags,
  reports: readonly DiscoveryReport[],
): Promise<WatchView> {
  const report: WatchView['diagnose'] = (diagnosis) => reporter.report(diagnosis);
  if (json === true) return { take: (change) => reporter.report(change), diagnose: report, finish() {} };
  const { stdout, env, clock } = host;
  // A log on the same terminal would tear the table.
  const logsHere = verbose > 0 && logFile === undefined;
  if (stdout.isTTY === true && env['TERM'] !== 'dumb' && !logsHere) {
    const { watchTable } = await import('./watch-table.ts');
    const interfaces = new Set(reports.flatMap((one) => one.interfaces));
    return watchTable(stdout, clock, [...interfaces]);
  }
  const { watchLines } = await import('./watch-lines.ts');
  return { ...watchLines(stdout), diagnose: report };
}
