import type { Holder } from '../holdings/known-content.ts';
import {
  DEFAULT_CHOKE_INTERVAL_MS,
  DEFAULT_OPTIMISTIC_INTERVAL_MS,
  DEFAULT_UPLOAD_SLOTS,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { PickOrder } from '../pieces/picker.ts';
import { repeat } from '../platform/clock.ts';
import { addressBytes, type Endpoint } from '../platform/endpoint.ts';
import { systemInterfaces } from '../platform/interfaces.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { Swarm, type SwarmEvents } from '../transfer/swarm.ts';
import { announceToTrackers } from './announce-to-trackers.ts';
import type { NodeContext } from './context.ts';
import { followLocated } from './located-peers.ts';
import { meetingPoint } from './meeting-point.ts';
import { routesBy } from './routes.ts';

export interface OpenSwarmOptions {
  readonly infoHash: InfoHash;
  readonly order?: PickOrder;
  /** Of a magnet link: BitTorrent clients, mostly. */
  readonly peers?: readonly Endpoint[];
  /** Tiers (BEP 12), beside those that the node was given. */
  readonly trackers?: readonly (readonly string[])[];
  /** BEP 27: nobody on the LAN is asked for it. Where only the metainfo tells, they are not asked any more. */
  readonly private?: boolean;
  readonly events: Omit<SwarmEvents, 'onPeer'>;
}

export interface OpenedSwarm {
  readonly swarm: Swarm;
  /** The store is open: pieces can be exchanged. */
  activate(store: ContentStore): void;
  /** Looks for peers and hands the swarm everybody who is heard to hold the content, until it is stopped. */
  seekPeers(): () => void;
  close(reason?: 'closing' | 'withdrawn'): Promise<void>;
}

/** A swarm with this node's surroundings, registered so that incoming links find it. */
export function openSwarm(context: NodeContext, options: OpenSwarmOptions): OpenedSwarm {
  const { local, clock, random, network, logger, buffers, contents, finder, peers } = context;
  const { infoHash, events } = options;
  const swarm = new Swarm({
    infoHash,
    local,
    network,
    clock,
    random,
    logger,
    buffers,
    routeOf: routesBy(systemInterfaces, clock),
    ownEndpoints: context.ownEndpoints,
    dialect: context.dialect,
    order: options.order ?? 'rarest first',
    choking: {
      uploadSlots: DEFAULT_UPLOAD_SLOTS,
      intervalMs: DEFAULT_CHOKE_INTERVAL_MS,
      optimisticIntervalMs: DEFAULT_OPTIMISTIC_INTERVAL_MS,
    },
    uploadLimit: context.uploadLimit,
    downloadLimit: context.downloadLimit,
    check: (bytes, digest) => context.hasher.check(bytes, digest),
    events: {
      ...events,
      onComplete() {
        // With a choice of files the whole is not here, and to a tracker a seed has it (BEP 3).
        if (swarm.bytesLeft === 0) trackers.completed();
        events.onComplete();
      },
      onMetainfo(metainfo) {
        trackers.described(metainfo);
        events.onMetainfo(metainfo);
      },
      onPeer: (change) => context.emit({ event: 'peer', infoHash, ...change }),
    },
  });
  const isPrivate = (): boolean => options.private === true || swarm.isPrivate;
  const tiers = [...(options.trackers ?? []), ...context.trackers];
  const trackers = announceToTrackers(context, swarm, { infoHash, tiers, isPrivate });
  if (!isPrivate()) meetAtTrackers(context, options.trackers ?? []);
  contents.add(infoHash, swarm);
  const stopLocating = followLocated(context, swarm, infoHash, isPrivate);
  return {
    swarm,
    activate(store) {
      swarm.activate(store);
      trackers.activated(store.metainfo);
    },
    seekPeers() {
      for (const endpoint of peers) swarm.learn(endpoint, undefined);
      for (const endpoint of options.peers ?? []) swarm.learn(endpoint, undefined, 'bittorrent');
      if (isPrivate()) return () => {};
      for (const holder of finder.table.holdersOf(infoHash)) learnHolder(swarm, holder);
      const stopListening = finder.table.onChange((change) => {
        if (isPrivate()) return;
        if (change.kind === 'gone') {
          if (change.infoHash === infoHash) swarm.forget(change.peerId);
        } else if (change.holder.holding.infoHash === infoHash) learnHolder(swarm, change.holder);
      });
      const stopSeeking = seekWhileAlone(context, swarm, infoHash);
      return () => {
        stopSeeking();
        stopListening();
      };
    },
    async close(reason) {
      stopLocating();
      contents.remove(infoHash);
      await Promise.all([swarm.close(reason), trackers.close()]);
    },
  };
}

/** Whoever wrote a .torrent may name many hosts: those whose names would have to be looked up are not greeted. */
function meetAtTrackers({ finder }: NodeContext, tiers: readonly (readonly string[])[]): void {
  for (const tracker of tiers.flat()) {
    const place = meetingPoint(tracker);
    if (place !== undefined && addressBytes(place.host) !== undefined) finder.meetAt(place);
  }
}

/**
 * Asks the LAN while nobody is linked. After that others are heard when they announce themselves, and a room full
 * of fetchers does not ask all the time.
 */
function seekWhileAlone({ finder, clock }: NodeContext, swarm: Swarm, infoHash: InfoHash): () => void {
  let stop: (() => void) | undefined = finder.seek({ kind: 'infoHash', infoHash });
  const looking = repeat(clock, SEEK_CHECK_INTERVAL_MS, () => {
    const alone = swarm.sessions.size === 0;
    if (alone && !swarm.isPrivate) stop ??= finder.seek({ kind: 'infoHash', infoHash });
    else {
      stop?.();
      stop = undefined;
    }
  });
  return () => {
    looking.cancel();
    stop?.();
  };
}

const SEEK_CHECK_INTERVAL_MS = 250;

function learnHolder(swarm: Swarm, { peerId, addresses, holding }: Holder): void {
  const { pieceCount, pieces } = holding;
  swarm.heard({ peerId, addresses: addresses.map(({ endpoint }) => endpoint), pieceCount, pieces });
}
