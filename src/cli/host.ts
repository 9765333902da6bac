import type { Writable } from 'node:stream';
import type { LanshareNode, NodeOptions } from '../node/api.ts';
import type { Clock } from '../platform/clock.ts';

/** The process as a command sees it; tests hand in another one. */
export interface Host {
  readonly env: Environment;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Emits SIGINT, SIGTERM and uncaughtException. */
  readonly events: NodeJS.EventEmitter;
  readonly clock: Clock;
  /** Names of this machine that another one can dial, best first. */
  readonly addresses: () => readonly string[];
  readonly createNode: (options: NodeOptions) => Promise<LanshareNode>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal (`tty.WriteStream`). */
export interface Output extends Writable {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}
