import type { ListedPeerId } from '../../../classroom/config/project.ts';
import { peerIn } from '../../../classroom/config/project-of.ts';
import { DEFAULT_PEERS_WAIT_MS } from '../../../limits.ts';
import type { Context } from '../../context.ts';
import type { PeerFlags } from '../../options/peer-invocation.ts';
import { fromClassroom } from '../../output/classroom/from-classroom.ts';
import { projectIn } from './project-in.ts';
import { untilStdinEnds } from './until-stdin-ends.ts';

/** Runs one peer of the project until all have the file (0), or those that lack it are not waited for any more. */
export async function runPeer(context: Context, id: ListedPeerId, flags: PeerFlags): Promise<number> {
  const { host, reporter, logger } = context;
  const { clock } = host;
  const { directory, project } = await projectIn(context, flags.dir);
  peerIn(project, id);
  const startedAt = clock.now();
  const { network, random, runPeer: run } = await host.classroom();
  await untilStdinEnds(context, flags, async (signal) => {
    const result = await run({
      project,
      id,
      directory,
      waitMs: flags.wait ?? DEFAULT_PEERS_WAIT_MS,
      network,
      clock,
      random,
      logger,
      signal,
      onEvent: (event) => reporter.report(fromClassroom(event, id, project)),
    });
    if (result.kind === 'given up') throw result.fault;
  });
  reporter.report({ event: 'all-complete', peer: id, seconds: (clock.now() - startedAt) / 1_000 });
  return 0;
}
