import type { LanshareNode, NodeEvent, NodeOptions } from '../../node/api.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { CommonFlags } from '../options/invocation.ts';
import { fromNode } from '../output/from-node.ts';

/** Starts a node as the options say, and closes it however `use` ends. Its events go to the reporter. */
export async function withNode<T>(
  { host, reporter, logger, signal }: Context,
  flags: CommonFlags,
  own: Pick<NodeOptions, 'preferDefaultPort' | 'onEvent' | 'limitUp' | 'limitDown'>,
  use: (node: LanshareNode) => Promise<T>,
): Promise<T> {
  const node = await host.createNode({
    ...own,
    ...given({
      port: flags.port,
      interfaces: flags.interface,
      peers: flags.peer,
      trackers: flags.tracker,
      dialect: flags.dialect,
    }),
    mdns: flags.mdns,
    beacon: flags.beacon,
    lsd: flags.lsd,
    logger,
    onEvent(event: NodeEvent) {
      const told = fromNode(event);
      if (told !== undefined) reporter.report(told);
      own.onEvent?.(event);
    },
  });
  try {
    signal.throwIfAborted();
    return await use(node);
  } finally {
    await node.close();
  }
}
