import { peerIdToBytes } from '../holdings/holding.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { TrackerStatus } from '../trackers/tracker-status.ts';
import type { Trackers } from '../trackers/trackers.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeContext } from './context.ts';
import type { Tracking } from './tracking.ts';

/** One content at some trackers, from when their code is loaded until they are told that this node has left. */
export interface Announcing {
  /** All that is wanted has come just now. */
  completed(): void;
  close(): Promise<void>;
}

export interface AnnouncingOptions {
  /** The name that the content is announced by. Peers are heard to use the same. */
  readonly infoHash: InfoHash;
  /** As in a .torrent (BEP 12). */
  readonly tiers: readonly (readonly string[])[];
  /** All these trackers, after each change. */
  onStatus(rows: readonly TrackerStatus[]): void;
}

/** Tells these trackers of this node, and the swarm of the peers that they name. */
export function announceAt(context: NodeContext, swarm: Swarm, options: AnnouncingOptions): Announcing {
  const { tracking } = context;
  let closed = false;
  const started = tracking.start(trackersOptions(context, swarm, options), () => !closed);
  const whenStarted = async (use: (trackers: Trackers) => Promise<void> | void): Promise<void> => {
    const trackers = await started;
    if (trackers !== undefined) await use(trackers);
  };
  return {
    completed() {
      // Of a choice of files there may be more to come: then the content is not completed (BEP 21).
      if (swarm.bytesLeft === 0) void whenStarted((trackers) => trackers.completed());
    },
    async close() {
      closed = true;
      await whenStarted((trackers) => tracking.stop(trackers));
    },
  };
}

function trackersOptions(
  { local, logger }: NodeContext,
  swarm: Swarm,
  { infoHash, tiers, onStatus }: AnnouncingOptions,
): Parameters<Tracking['start']>[0] {
  return {
    infoHash,
    peerId: peerIdToBytes(local.peerId),
    port: local.port,
    tiers,
    logger,
    statistics: () => ({
      uploaded: swarm.counters.uploadedBytes,
      downloaded: swarm.counters.downloadedBytes,
      left: swarm.bytesLeft,
    }),
    onPeers: (endpoints) => {
      for (const endpoint of endpoints) swarm.learn(endpoint, undefined, 'bittorrent', infoHash);
    },
    onStatus,
  };
}
