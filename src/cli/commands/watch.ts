import type { Context } from '../context.ts';
import type { ListFlags } from '../options/invocation.ts';
import { holderChange } from '../output/from-node.ts';
import { openWatchView } from '../output/open-watch-view.ts';
import { diagnoseSilence } from './diagnose-silence.ts';
import { withNode } from './with-node.ts';

/** Shows what is shared on the LAN and how it changes. Interrupted, or with nobody left who reads it, it is done. */
export async function watch(context: Context, flags: ListFlags): Promise<number> {
  const { host, signal } = context;
  const unread = new AbortController();
  const onUnread = (): void => unread.abort();
  host.stdout.once('error', onUnread);
  try {
    await withNode(context, flags, {}, async (node) => {
      const view = await openWatchView(context, flags, node.discovery());
      const stopDiagnosing = diagnoseSilence(context, flags, node, (diagnosis) => view.diagnose(diagnosis));
      try {
        const until = AbortSignal.any([signal, unread.signal]);
        await node.watch((change) => view.take(holderChange(change)), until);
      } finally {
        stopDiagnosing();
        view.finish();
      }
    });
  } finally {
    host.stdout.off('error', onUnread);
  }
  return 0;
}
