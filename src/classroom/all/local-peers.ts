import { PEER_HOST_LOOK_UP_TIMEOUT_MS } from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import { isThisMachine, type Machine } from '../../platform/this-machine.ts';
import type { ListedPeer, Project } from '../config/project.ts';

/** The peers of a project by where they run, each part in the order of PeerInfo.cfg. */
export interface PeersByPlace {
  readonly here: readonly ListedPeer[];
  readonly elsewhere: readonly ListedPeer[];
}

/** What is not known to be here is elsewhere, also when the signal aborts. */
export async function peersByPlace(
  { peers }: Pick<Project, 'peers'>,
  machine: Machine,
  clock: Clock,
  signal: AbortSignal,
): Promise<PeersByPlace> {
  const here = new Set<string>();
  const hosts = [...new Set(peers.map(({ host }) => host))];
  const answered = hosts.map(async (host) => {
    if (await isThisMachine(host, machine)) here.add(host);
  });
  await inTime(Promise.all(answered), clock, signal);
  return {
    here: peers.filter(({ host }) => here.has(host)),
    elsewhere: peers.filter(({ host }) => !here.has(host)),
  };
}

async function inTime(answers: Promise<unknown>, clock: Clock, signal: AbortSignal): Promise<void> {
  const answered = new AbortController();
  const enough = AbortSignal.any([signal, answered.signal]);
  try {
    await Promise.race([answers, sleep(clock, PEER_HOST_LOOK_UP_TIMEOUT_MS, enough)]);
  } finally {
    answered.abort();
  }
}
