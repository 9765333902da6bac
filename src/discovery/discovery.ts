import type { DialOutcome } from '../gossip/gossip-message.ts';
import type { Holding, PeerId } from '../holdings/holding.ts';
import type { Query } from '../holdings/query.ts';
import type { DiscoveryPath } from '../holdings/sighting.ts';
import type { Endpoint } from '../platform/endpoint.ts';

export type { Query } from '../holdings/query.ts';
export type { DiscoveryPath, Sighting } from '../holdings/sighting.ts';

/**
 * One way to find peers. Each hands its sightings to one place (the holdings table); gossip and the
 * tracker client are further implementations.
 */
export interface Discovery {
  readonly path: DiscoveryPath;
  /** Says from now on that we hold these; called again on every change. Bursts are merged inside. */
  announce(holdings: readonly Holding[]): void;
  /** Asks now, and again at growing intervals until the returned function is called. */
  seek(query: Query): () => void;
  /** Says that other nodes may be met at this tracker; the host may be a name. */
  meetAt?(tracker: Endpoint): void;
  /** Asks another node to dial this TCP port of ours; undefined where none says how it went. */
  examine?(port: number, signal: AbortSignal): Promise<Examination | undefined>;
  /** What was used, for messages to the user: `eth0 (10.77.0.2, fd77::2)`. */
  describe(): DiscoveryReport;
  /** Says goodbye and closes the sockets; nothing is done from then on. Called again, it resolves when that is done. */
  close(): Promise<void>;
}

export interface DiscoveryReport {
  readonly path: DiscoveryPath;
  readonly interfaces: readonly string[];
  /** Why it could not be used somewhere, in words. */
  readonly problems: readonly string[];
  /** The UDP port that should be ours and that another program has. */
  readonly takenPort?: number | undefined;
  /** Datagrams that were dropped so far, by reason. */
  readonly dropped?: ReadonlyMap<string, number>;
  /** Other nodes that were heard, whatever they hold. */
  readonly nodes?: readonly HeardNode[];
  /** Own addresses that our multicast or broadcast was heard back from. */
  readonly heardBack?: readonly string[];
}

/** Another node, at the address it was heard from. */
export interface HeardNode {
  readonly peerId: PeerId;
  readonly endpoint: Endpoint;
}

/** What another node says of reaching us. */
export interface Examination {
  readonly by: Endpoint;
  readonly outcome: DialOutcome;
  /** Milliseconds since 1970, by its clock. */
  readonly wallTime: number;
}

export type { DialOutcome } from '../gossip/gossip-message.ts';
