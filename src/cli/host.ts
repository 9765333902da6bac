import type { Readable, Writable } from 'node:stream';
import type { Surroundings } from '../diagnosis/gather-facts.ts';
import type { LanshareNode, NodeOptions } from '../node/api.ts';
import type { Clock } from '../platform/clock.ts';
import type { OpenStoreOptions } from '../tracker-server/store/open-store.ts';
import type { PeerStore } from '../tracker-server/store/peer-store.ts';
import type { TrackerServer, TrackerServerOptions } from '../tracker-server/tracker-server-api.ts';
import type { Classroom } from './classroom.ts';

/** The process as a command sees it; tests hand in another one. */
export interface Host {
  readonly env: Environment;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  /** Opened by the call. */
  readonly stdin: () => Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Emits SIGINT, SIGTERM and uncaughtException. */
  readonly events: NodeJS.EventEmitter;
  readonly clock: Clock;
  /** Names of this machine that another one can dial, best first. */
  readonly addresses: () => readonly string[];
  readonly createNode: (options: NodeOptions) => Promise<LanshareNode>;
  readonly createTrackerServer: (options: TrackerServerOptions) => Promise<TrackerServer>;
  readonly openStore: (url: string, options: OpenStoreOptions) => Promise<PeerStore | undefined>;
  /** The network as `doctor` looks at it. */
  readonly surroundings: () => Promise<Surroundings>;
  /** The network and the processes as `peer` uses them. */
  readonly classroom: () => Promise<Classroom>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal (`tty.WriteStream`). */
export interface Output extends Writable {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}
