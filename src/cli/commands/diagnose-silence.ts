import { DEFAULT_NODE_PORT, DIAGNOSE_AFTER_MS } from '../../limits.ts';
import type { LanshareNode } from '../../node/api.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import type { Diagnosis } from '../output/events.ts';

/**
 * Reports once why nobody is found, where no other node has been heard in the first DIAGNOSE_AFTER_MS. Returns how
 * to call it off.
 */
export function diagnoseSilence(
  context: Pick<Context, 'host'>,
  flags: CommonFlags,
  node: LanshareNode,
  report: (diagnosis: Diagnosis) => void,
): () => void {
  let over = false;
  const timer = context.host.clock.setTimer(DIAGNOSE_AFTER_MS, () => {
    if (node.nodesHeard() > 0) return;
    void diagnoseNow(context, flags, node).then((diagnosis) => {
      if (!over) report(diagnosis);
    });
  });
  return () => {
    over = true;
    timer.cancel();
  };
}

/** The verdict from what the node knows by itself. Its code is loaded only here: most searches end before. */
export async function diagnoseNow(
  { host }: Pick<Context, 'host'>,
  flags: CommonFlags,
  node: LanshareNode,
): Promise<Diagnosis> {
  const [{ passiveFacts }, { verdictOf }, { interfaceSource }] = await Promise.all([
    import('../../diagnosis/passive-facts.ts'),
    import('../../diagnosis/verdict.ts'),
    host.surroundings(),
  ]);
  const { cause, healthy, sentence, remarks } = verdictOf(
    passiveFacts({
      // Without --port, who fetches has taken any; the one to be opened is a sharer's.
      port: flags.port || DEFAULT_NODE_PORT,
      reports: node.discovery(),
      interfaces: interfaceSource(),
      interfaceNames: flags.interface,
      peers: flags.peer ?? [],
    }),
  );
  return { event: 'diagnosis', cause, healthy, message: sentence, remarks };
}
