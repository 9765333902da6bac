import type { NetworkFacts } from '../../diagnosis/facts.ts';
import { gatherFacts } from '../../diagnosis/gather-facts.ts';
import { takenUdpPort } from '../../diagnosis/udp-port.ts';
import { verdictOf } from '../../diagnosis/verdict.ts';
import { LanshareError } from '../../errors.ts';
import { DEFAULT_NODE_PORT } from '../../limits.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import { factEvents } from '../output/fact-events.ts';
import { withNode } from './with-node.ts';

/**
 * Looks at the network and says in one sentence what is the matter: a report on stdout, or events. Exit code 5 where
 * others are not found or not reached, which is a finding and no failure of the command.
 */
export async function doctor(context: Context, flags: CommonFlags): Promise<number> {
  const { host, reporter } = context;
  const facts = await examine(context, flags);
  const verdict = verdictOf(facts);
  if (flags.json === true) {
    for (const event of factEvents(facts)) reporter.report(event);
    const { cause, healthy, sentence, remarks } = verdict;
    reporter.report({ event: 'diagnosis', cause, healthy, message: sentence, remarks });
  } else {
    const { doctorReport } = await import('../output/doctor-report.ts');
    host.stdout.write(doctorReport(facts, verdict, flags.quiet === true));
  }
  return verdict.healthy ? 0 : new LanshareError('NETWORK', '').exitCode;
}

async function examine(context: Context, flags: CommonFlags): Promise<NetworkFacts> {
  const { host, signal } = context;
  const surroundings = await host.surroundings();
  const taken = await takenUdpPort(surroundings.datagrams, flags.port || DEFAULT_NODE_PORT);
  return withNode(context, flags, { preferDefaultPort: true }, async (node) => {
    const facts = await gatherFacts({
      ...surroundings,
      node,
      interfaceNames: flags.interface,
      peers: flags.peer ?? [],
      takenUdpPort: taken,
      signal,
    });
    // Interrupted, it knows too little to say anything.
    signal.throwIfAborted();
    return facts;
  });
}
