import type { DiscoveryPath } from '../holdings/sighting.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { InterfaceKind } from '../platform/interfaces.ts';

/** What was found out about the network, from one machine; a verdict follows from it, and from nothing else. */
export interface NetworkFacts {
  readonly interfaces: readonly InterfaceFacts[];
  /** Other nodes, those on this machine among them. */
  readonly nodes: readonly NodeFacts[];
  /** Peers that the user named with --peer. */
  readonly named: readonly NamedPeerFacts[];
  /** UDP BEACON_PORT, which all programs that listen to groups have to share. */
  readonly groupPort: 'usable' | 'taken';
  readonly ownPort: OwnPortFacts;
  readonly dropped: readonly DroppedFacts[];
}

export interface InterfaceFacts {
  readonly name: string;
  readonly kind: InterfaceKind;
  readonly addresses: readonly string[];
  /** False where --interface names others. */
  readonly used: boolean;
  readonly echoes: Readonly<Record<GroupWay, Echo>>;
}

/** Ways to reach everybody on a link at once. */
export type GroupWay = 'multicast IPv4' | 'multicast IPv6' | 'broadcast';

export const GROUP_WAYS: readonly GroupWay[] = ['multicast IPv4', 'multicast IPv6', 'broadcast'];

/** What became of our own datagrams on one way. */
export type Echo =
  | { readonly kind: 'heard back' }
  | { readonly kind: 'not heard back' }
  /** `reason`: the system's code, like EPERM. */
  | { readonly kind: 'not sent'; readonly reason: string }
  /** The interface has no address for it, or nobody looked. */
  | { readonly kind: 'not tried' };

/** How a TCP connection to a node went. */
export type DialOutcome = 'reached' | 'refused' | 'no answer';

export interface NodeFacts {
  readonly peerId: string;
  /** Where it was heard; never empty. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  /** On this machine. */
  readonly here: boolean;
  /** Ways to find peers that have found it. */
  readonly paths: readonly DiscoveryPath[];
  /** By which group datagrams passed between it and us, in either direction. */
  readonly ways: readonly GroupWay[];
  /** The outcome of dialling it; undefined where that was not tried. */
  readonly dialled: DialOutcome | undefined;
}

export interface NamedPeerFacts {
  readonly peer: Endpoint;
  /** `unknown name`: its address could not be looked up. */
  readonly outcome: DialOutcome | 'unknown name';
}

export interface OwnPortFacts {
  /** TCP and UDP. */
  readonly number: number;
  readonly udp: 'ours' | 'taken';
  /** What another node said after dialling it; undefined where none did. */
  readonly examined:
    | {
        readonly by: Endpoint;
        readonly outcome: DialOutcome;
        /** Milliseconds that the other's clock is ahead of ours. */
        readonly clockAheadMs: number;
      }
    | undefined;
}

export interface DroppedFacts {
  readonly path: DiscoveryPath;
  readonly reason: string;
  readonly count: number;
}

/** Whether it hears itself on any way; undefined where nothing was tried. */
export function hearsItself({ echoes }: InterfaceFacts): boolean | undefined {
  const tried = Object.values(echoes).filter(({ kind }) => kind !== 'not tried');
  return tried.length === 0 ? undefined : tried.some(({ kind }) => kind === 'heard back');
}
