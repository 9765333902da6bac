import { LanshareError } from '../errors.ts';
import type { FileChoice } from '../metainfo/choose-files.ts';
import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { FetchRun } from './fetch-run.ts';
import type { GivenSources } from './given-sources.ts';
import { openSwarm } from './open-swarm.ts';
import { refuseWithoutWay } from './resolve-name.ts';
import { Deferred, Scope } from './scope.ts';

/** A content that is to be fetched. */
export interface Target {
  readonly infoHash: InfoHash;
  /** As the user knows it. */
  readonly name: string;
  readonly metainfo: Metainfo | undefined;
  readonly sources: GivenSources;
  /** BEP 27, where a .torrent says so before the metainfo is whole. */
  readonly isPrivate?: boolean;
  /** The files that its link chooses; undefined where it says nothing of that. */
  readonly select?: FileChoice | undefined;
  /** The swarm, where it was joined before the name was certain. */
  readonly joined?: Received | undefined;
}

/** What comes from the swarm while it is joined. */
export interface Received {
  readonly swarm: Swarm;
  readonly metainfo: Deferred<Metainfo>;
  readonly complete: Deferred<void>;
  /** Set once the content has a place. */
  onPiece: () => void;
  /** The store is open: pieces can be exchanged. */
  activate(store: ContentStore): void;
  readonly sources: GivenSources;
  leave(): Promise<void>;
}

/** Joins a content's swarm until the fetch is over or it is left. Throws USAGE where this node has it in work already. */
export function joinSwarm(run: FetchRun, target: Target, stopSearching: () => void): Received {
  const { infoHash, name, sources } = target;
  const { context, options, scope, failure } = run;
  if (context.contents.swarm(infoHash) !== undefined) {
    throw new LanshareError(
      'USAGE',
      `${name} is being shared or fetched by this node already`,
      'wait until it is done',
    );
  }
  const isTracked = sources.trackers.length + context.trackers.length + sources.webSeeds.length > 0;
  if (!isTracked) refuseWithoutWay({ ...context, peers: [...context.peers, ...sources.peers] });
  const metainfo = new Deferred<Metainfo>();
  const complete = new Deferred<void>();
  const opened = openSwarm(context, {
    infoHash,
    peers: sources.peers,
    trackers: sources.trackers,
    private: target.isPrivate ?? false,
    order: options.sink === undefined ? (options.order ?? 'rarest first') : 'in order',
    events: {
      onMetainfo: (arrived) => metainfo.resolve(arrived),
      onFault: (error) => failure.reject(error),
      onComplete: () => complete.resolve(),
      onPiece: () => {
        stopSearching();
        received.onPiece();
      },
      onSourceFault: (error) => context.logger.warn({ error: error.message }, 'a piece could not be read'),
    },
  });
  const joined = new Scope();
  joined.add(() => opened.close());
  joined.add(opened.seekPeers());
  const leave = (): Promise<void> => joined.close();
  scope.add(leave);
  const { swarm, activate } = opened;
  const received: Received = { swarm, metainfo, complete, onPiece() {}, activate, sources, leave };
  return received;
}
