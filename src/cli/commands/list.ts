import { printableName } from '../../metainfo/printable-name.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import type { ContentEntry } from '../output/events.ts';
import { contentEntry } from '../output/from-node.ts';
import { withNode } from './with-node.ts';

/** Shows what is shared on the LAN: a table on stdout, or a `content` event each. */
export async function list(context: Context, flags: CommonFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const { contents, interfaces, problems } = await withNode(context, flags, {}, async (node) => {
    const contents = (await node.list({ signal })).map(contentEntry);
    // Interrupted, it knows only what was heard so far, which may be nothing.
    signal.throwIfAborted();
    const reports = node.discovery();
    return {
      contents,
      interfaces: [...new Set(reports.flatMap((report) => report.interfaces))],
      problems: [...new Set(reports.flatMap((report) => report.problems))],
    };
  });
  if (contents.length === 0) {
    for (const message of problems) reporter.report({ event: 'warning', message });
  }
  if (flags.json === true) {
    for (const content of contents) reporter.report({ event: 'content', ...content });
  } else if (contents.length > 0) {
    host.stdout.write(await table(contents));
  } else if (flags.quiet !== true) {
    const where = interfaces.length === 0 ? 'by the peers that were asked' : `on ${interfaces.join(', ')}`;
    host.stderr.write(`nothing is shared ${where}\n`);
  }
  return 0;
}

async function table(contents: readonly ContentEntry[]): Promise<string> {
  const { formatBytes } = await import('../output/format.ts');
  const { tableLines } = await import('../output/table.ts');
  const rows = contents.map((content) => [
    printableName(content.name),
    formatBytes(content.size),
    String(content.holders.length),
    completeness(content),
    content.infoHash,
  ]);
  const lines = tableLines([['NAME', 'SIZE', 'HOLDERS', 'COMPLETE', 'INFO-HASH'], ...rows]);
  return `${lines.join('\n')}\n`;
}

/** How much the holders have: `100%`, or `25-100%` where they differ. */
function completeness({ pieces, holders }: ContentEntry): string {
  const percents = holders.map(({ piecesHeld }) =>
    pieces === 0 ? 100 : Math.floor((Math.min(piecesHeld, pieces) / pieces) * 100),
  );
  const least = Math.min(...percents);
  const most = Math.max(...percents);
  if (percents.length === 0) return '-';
  return least === most ? `${most}%` : `${least}-${most}%`;
}
