import { onTestFinished } from 'vitest';
import type { ClassroomSwarm, RunningPeer } from '../support/classroom-swarm.ts';

/** Starts a peer; where the test leaves its run, it is ended with the test. */
export async function started(swarm: ClassroomSwarm, place: number): Promise<RunningPeer> {
  const running = await swarm.start(place);
  onTestFinished(async () => {
    if (running.result === undefined) await endOf(running.peer);
  });
  return running;
}

async function endOf(peer: RunningPeer['peer']): Promise<void> {
  peer.fail(new Error('the test is over'));
  await peer.close('at once');
}

/** Why others were refused, in its own words. */
export function refusals({ events }: RunningPeer): string[] {
  return events.flatMap((event) => (event.event === 'peer-refused' ? [event.reason] : []));
}
