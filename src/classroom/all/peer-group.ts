import { PEER_END_GRACE_MS } from '../../limits.ts';
import type { ChildExit, ChildProcess } from '../../platform/child-process.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { ListedPeerId } from '../config/project.ts';

/** Several peers of a project, each its own process. */
export interface PeerGroup {
  /** In the order in which they are started. */
  readonly peers: readonly ListedPeerId[];
  start(peer: ListedPeerId): ChildProcess;
  onExit(peer: ListedPeerId, exit: ChildExit): void;
  readonly clock: Clock;
  /** Ends them all: each has its standard input closed, and is killed when it does not end. */
  readonly signal: AbortSignal;
}

/** Resolves when all have ended. None runs on, however this ends. */
export async function runPeerGroup({ peers, start, onExit, clock, signal }: PeerGroup): Promise<void> {
  const running = new Set<ChildProcess>();
  let grace: Timer | undefined;

  function killAll(): void {
    for (const child of running) child.kill();
  }
  function endAll(): void {
    for (const child of running) child.endInput();
    grace = clock.setTimer(PEER_END_GRACE_MS, killAll);
  }
  async function follow(peer: ListedPeerId): Promise<void> {
    const child = start(peer);
    running.add(child);
    const exit = await child.exited;
    running.delete(child);
    onExit(peer, exit);
  }

  signal.throwIfAborted();
  signal.addEventListener('abort', endAll, { once: true });
  try {
    await Promise.all(peers.map(follow));
  } finally {
    signal.removeEventListener('abort', endAll);
    grace?.cancel();
    killAll();
  }
}
