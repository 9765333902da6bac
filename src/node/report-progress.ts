import { type Clock, repeat } from '../platform/clock.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeEvent } from './api.ts';

const PROGRESS_INTERVAL_MS = 500;

export interface ProgressReport {
  /** Emits it now, if anything is new. */
  tell(): void;
  /** Emits the last one. */
  stop(): void;
}

/** Emits `progress` while bytes move, until it is stopped. */
export function reportProgress(
  clock: Clock,
  swarm: Swarm,
  store: ContentStore,
  emit: (event: NodeEvent) => void,
): ProgressReport {
  let told = '';
  const tell = (): void => {
    const progress = progressOf(clock, swarm, store);
    const { bytesDone, uploadedBytes, peers, downBytesPerSecond, upBytesPerSecond } = progress;
    const state = `${bytesDone} ${uploadedBytes} ${peers} ${downBytesPerSecond} ${upBytesPerSecond}`;
    if (state === told) return;
    told = state;
    emit(progress);
  };
  const timer = repeat(clock, PROGRESS_INTERVAL_MS, tell);
  return {
    tell,
    stop() {
      timer.cancel();
      tell();
    },
  };
}

function progressOf(
  clock: Clock,
  { counters, peerCount }: Swarm,
  store: ContentStore,
): Extract<NodeEvent, { event: 'progress' }> {
  const now = clock.now();
  const { metainfo } = store;
  const { bytesDone, bytesTotal } = store.goal;
  // The average of the last seconds says nothing any more when everybody has left.
  const alone = peerCount === 0;
  const downBytesPerSecond = alone ? 0 : Math.round(counters.down.bytesPerSecond(now));
  const missing = bytesTotal - bytesDone;
  return {
    event: 'progress',
    infoHash: metainfo.infoHash,
    name: metainfo.name,
    bytesDone,
    bytesTotal,
    downBytesPerSecond,
    upBytesPerSecond: alone ? 0 : Math.round(counters.up.bytesPerSecond(now)),
    uploadedBytes: counters.uploadedBytes,
    peers: peerCount,
    etaSeconds: missing > 0 && downBytesPerSecond > 0 ? Math.ceil(missing / downBytesPerSecond) : undefined,
  };
}
