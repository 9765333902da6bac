import type { Context } from '../../context.ts';
import type { OutputFlags } from '../../options/output-flags.ts';
import type { GroupPicture } from './group-picture.ts';
import type { GroupView } from './group-view.ts';

/** Events with --json, a table that updates itself on a terminal, lines elsewhere; errors only with --quiet. */
export async function openGroupView(
  { host, reporter }: Pick<Context, 'host' | 'reporter'>,
  { json, quiet, verbose, logFile }: OutputFlags,
  picture: GroupPicture,
): Promise<GroupView> {
  if (json === true || quiet === true) return { take: (event) => reporter.report(event), finish() {} };
  const { stdout, stderr, env, clock } = host;
  // A log on the same terminal would tear the table.
  const logsHere = verbose > 0 && logFile === undefined;
  if (stdout.isTTY === true && env['TERM'] !== 'dumb' && !logsHere) {
    const { groupTable } = await import('./group-table.ts');
    return groupTable(stdout, clock, picture);
  }
  const { groupLines } = await import('./group-lines.ts');
  return groupLines(stderr, reporter, clock, picture);
}
