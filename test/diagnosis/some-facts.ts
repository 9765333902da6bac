import type {
  Echo,
  GroupWay,
  InterfaceFacts,
  NetworkFacts,
  NodeFacts,
  OwnPortFacts,
} from '../../src/diagnosis/facts.ts';

export const HEARD: Echo = { kind: 'heard back' };
export const DEAF: Echo = { kind: 'not heard back' };
export const UNTRIED: Echo = { kind: 'not tried' };
export const FORBIDDEN: Echo = { kind: 'not sent', reason: 'EPERM' };

export function echoes(all: Echo, changes: Partial<Record<GroupWay, Echo>> = {}): Record<GroupWay, Echo> {
  return { 'multicast IPv4': all, 'multicast IPv6': all, broadcast: all, ...changes };
}

/** A LAN interface that hears itself. */
export function networkInterface(name: string, changes: Partial<InterfaceFacts> = {}): InterfaceFacts {
  return { name, kind: 'lan', addresses: ['10.77.0.2'], used: true, echoes: echoes(HEARD), ...changes };
}

export const loopback = networkInterface('lo', {
  kind: 'loopback',
  addresses: ['127.0.0.1'],
  echoes: echoes(UNTRIED),
});

/** The node at 10.77.0.`number`, heard in every way and answering. */
export function node(number: number, changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    peerId: String(number).padStart(40, '0'),
    endpoints: [{ host: `10.77.0.${number}`, port: 47_470 }],
    here: false,
    paths: ['beacon', 'mdns'],
    ways: ['multicast IPv4', 'broadcast'],
    dialled: 'reached',
    ...changes,
  };
}

export function ownPort(changes: Partial<OwnPortFacts> = {}): OwnPortFacts {
  return { number: 47_470, udp: 'ours', examined: undefined, ...changes };
}

export function examined(outcome: 'reached' | 'refused' | 'no answer', clockAheadMs = 0): OwnPortFacts {
  return ownPort({ examined: { by: { host: '10.77.0.3', port: 47_470 }, outcome, clockAheadMs } });
}

/** A machine on a LAN where all is well and nobody else is. */
export function facts(changes: Partial<NetworkFacts> = {}): NetworkFacts {
  return {
    interfaces: [networkInterface('eth0'), loopback],
    nodes: [],
    named: [],
    groupPort: 'usable',
    ownPort: ownPort(),
    dropped: [],
    ...changes,
  };
}
