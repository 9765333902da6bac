import { senders } from '../discovery/lan/socket-plan.ts';
import { BEACON_GROUP_IPV4, BEACON_GROUP_IPV6, BEACON_PORT } from '../limits.ts';
import type { DatagramOptions } from '../platform/datagram.ts';
import type { NetworkInterface } from '../platform/interfaces.ts';
import type { GroupWay } from './facts.ts';

/** One way to reach everybody on the link of one interface. */
export interface ProbedWay {
  readonly kind: GroupWay;
  readonly interfaceName: string;
  /** The group or broadcast address. */
  readonly to: string;
  /** What it is sent from: as the node sends it. */
  readonly sender: DatagramOptions;
}

/** The ways of a node on this interface. The loopback interface leads nowhere. */
export function probedWays(one: NetworkInterface): readonly ProbedWay[] {
  if (one.kind === 'loopback') return [];
  return senders(one).flatMap(({ socket, to }) =>
    to.map((host) => ({ kind: wayTo(host), interfaceName: one.name, to: host, sender: socket.options })),
  );
}

function wayTo(host: string): GroupWay {
  if (host.includes(':')) return 'multicast IPv6';
  return host === BEACON_GROUP_IPV4 ? 'multicast IPv4' : 'broadcast';
}

export interface GroupListener {
  readonly options: DatagramOptions;
  readonly membership: { readonly group: string; readonly on: string } | undefined;
}

/**
 * Bound to the group or the broadcast address itself, so that what it hears came by this way. A system that binds to
 * neither hears nothing on it, which is told by nobody: the question's transaction then says what has come back.
 */
export function groupListener({ kind, to, sender }: ProbedWay): GroupListener {
  const { family, multicastInterface } = sender;
  const options = { family, address: to, port: BEACON_PORT, shared: true } as const;
  if (kind === 'broadcast' || multicastInterface === undefined) return { options, membership: undefined };
  const group = kind === 'multicast IPv4' ? BEACON_GROUP_IPV4 : BEACON_GROUP_IPV6;
  return { options, membership: { group, on: multicastInterface } };
}
