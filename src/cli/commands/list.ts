import { DIAGNOSE_AFTER_MS } from '../../limits.ts';
import type { LanshareNode, Listing } from '../../node/api.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import type { ContentEntry } from '../output/events.ts';
import { contentEntry } from '../output/from-node.ts';
import { diagnoseNow } from './diagnose-silence.ts';
import { withNode } from './with-node.ts';

/** Shows what is shared on the LAN: a table on stdout, or a `content` event each. */
export async function list(context: Context, flags: CommonFlags): Promise<number> {
  const { host, reporter } = context;
  const { contents, interfaces, problems, silence } = await withNode(context, flags, {}, async (node) => {
    const contents = (await listPatiently(context, node)).map(contentEntry);
    const reports = node.discovery();
    return {
      contents,
      interfaces: [...new Set(reports.flatMap((report) => report.interfaces))],
      problems: [...new Set(reports.flatMap((report) => report.problems))],
      silence: node.nodesHeard() === 0 ? await diagnoseNow(context, flags, node) : undefined,
    };
  });
  if (contents.length === 0) {
    for (const message of problems) reporter.report({ event: 'warning', message });
    if (silence !== undefined) reporter.report(silence);
  }
  if (flags.json === true) {
    for (const content of contents) reporter.report({ event: 'content', ...content });
  } else if (contents.length > 0) {
    host.stdout.write(await table(contents));
  } else if (flags.quiet !== true) {
    host.stderr.write(`nothing is shared${whereAsked(interfaces, flags)}\n`);
  }
  return 0;
}

function whereAsked(interfaces: readonly string[], { peer = [] }: CommonFlags): string {
  if (interfaces.length > 0) return ` on ${interfaces.join(', ')}`;
  return peer.length > 0 ? ' by the peers that were asked' : ' that could be found';
}

/** Where no other node is heard at all, it waits as long as it takes to say that nobody is there. */
async function listPatiently({ host, signal }: Context, node: LanshareNode): Promise<readonly Listing[]> {
  const startedAt = host.clock.now();
  let contents = await node.list({ signal });
  const leftMs = startedAt + DIAGNOSE_AFTER_MS - host.clock.now();
  if (contents.length === 0 && node.nodesHeard() === 0 && leftMs > 0)
    contents = await node.list({ signal, waitMs: leftMs });
  // Interrupted, it knows only what was heard so far, which may be nothing.
  signal.throwIfAborted();
  return contents;
}

async function table(contents: readonly ContentEntry[]): Promise<string> {
  const { contentCells, CONTENT_HEADINGS } = await import('../output/content-cells.ts');
  const { tableLines } = await import('../output/table.ts');
  return `${tableLines([CONTENT_HEADINGS, ...contents.map(contentCells)]).join('\n')}\n`;
}
