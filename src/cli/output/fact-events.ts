import type { Echo, InterfaceFacts, NetworkFacts } from '../../diagnosis/facts.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { CliEvent, InterfaceExamined } from './events.ts';

/** What `doctor` found out, as events. */
export function factEvents(facts: NetworkFacts): readonly CliEvent[] {
  const { interfaces, nodes, named, dropped } = facts;
  return [
    ...interfaces.map(interfaceExamined),
    ...nodes.map(({ peerId, endpoints, here, paths, ways, dialled = null }): CliEvent => {
      const addresses = endpoints.map(formatEndpoint);
      return { event: 'node', peerId, addresses, here, paths, groups: ways, dialled };
    }),
    ...named.map(({ peer, outcome }): CliEvent => {
      return { event: 'named', address: formatEndpoint(peer), dialled: outcome };
    }),
    portExamined(facts),
    ...dropped.map((drop): CliEvent => ({ event: 'dropped', ...drop })),
  ];
}

function interfaceExamined({ name, kind, addresses, used, echoes }: InterfaceFacts): InterfaceExamined {
  const sendErrors = Object.values(echoes).flatMap((echo) => reasonOf(echo) ?? []);
  return {
    event: 'interface',
    name,
    kind,
    addresses,
    used,
    multicastIpv4: echoes['multicast IPv4'].kind,
    multicastIpv6: echoes['multicast IPv6'].kind,
    broadcast: echoes.broadcast.kind,
    sendError: sendErrors[0] ?? null,
  };
}

function reasonOf(echo: Echo): string | undefined {
  return echo.kind === 'not sent' ? echo.reason : undefined;
}

function portExamined({ ownPort, groupPort }: NetworkFacts): CliEvent {
  const { number, udp, examined } = ownPort;
  return {
    event: 'port',
    port: number,
    udp,
    groupPort,
    dialled: examined?.outcome ?? null,
    by: examined === undefined ? null : formatEndpoint(examined.by),
    clockAheadSeconds: examined === undefined ? null : examined.clockAheadMs / 1_000,
  };
}
