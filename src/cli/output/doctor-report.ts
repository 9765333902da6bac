import type { Echo, InterfaceFacts, NetworkFacts, NodeFacts } from '../../diagnosis/facts.ts';
import type { Verdict } from '../../diagnosis/verdict.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { InterfaceKind } from '../../platform/interfaces.ts';
import { tableLines } from './table.ts';

const MAX_NODES_SHOWN = 20;

/** What was found, and below it the verdict; quietly the verdict alone. */
export function doctorReport(facts: NetworkFacts, verdict: Verdict, quietly: boolean): string {
  const conclusion = [verdict.sentence, ...verdict.remarks.map((remark) => `  ${remark}`)];
  const paragraphs = quietly
    ? [[verdict.sentence]]
    : [interfaceLines(facts.interfaces), nodeLines(facts.nodes), portLines(facts), conclusion];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${printableName(line)}\n`).join(''))
    .join('\n');
}

function interfaceLines(interfaces: readonly InterfaceFacts[]): readonly string[] {
  if (interfaces.length === 0) return [];
  const rows = interfaces.map(({ name, kind, addresses, used, echoes }) => [
    name,
    used ? KIND_WORDS[kind] : `${KIND_WORDS[kind]}, not used`,
    echoWord(echoes['multicast IPv4']),
    echoWord(echoes['multicast IPv6']),
    echoWord(echoes.broadcast),
    addresses.join(', '),
  ]);
  return tableLines([
    ['INTERFACE', 'KIND', 'MULTICAST IPV4', 'MULTICAST IPV6', 'BROADCAST', 'ADDRESSES'],
    ...rows,
  ]);
}

const KIND_WORDS: Readonly<Record<InterfaceKind, string>> = {
  lan: 'LAN',
  loopback: 'loopback',
  tunnel: 'VPN tunnel',
  'container bridge': 'container bridge',
};

function echoWord(echo: Echo): string {
  switch (echo.kind) {
    case 'heard back':
    case 'not heard back':
      return echo.kind;
    case 'not sent':
      return `not sent: ${echo.reason}`;
    case 'not tried':
      return '-';
  }
}

function nodeLines(nodes: readonly NodeFacts[]): readonly string[] {
  if (nodes.length === 0) return ['no other node was heard'];
  const rows = nodes
    .toSorted((a, b) => Number(b.dialled === 'reached') - Number(a.dialled === 'reached'))
    .slice(0, MAX_NODES_SHOWN)
    .map(({ endpoints: [first], here, paths, ways, dialled }) => [
      formatEndpoint(first),
      paths.join(', '),
      ways.length === 0 ? '-' : ways.join(', '),
      here ? 'on this machine' : (dialled ?? 'not tried'),
    ]);
  const more = nodes.length - rows.length;
  return [
    ...tableLines([['NODE', 'FOUND BY', 'HEARD BY', 'DIALLED'], ...rows]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function portLines({ ownPort, groupPort, named, dropped }: NetworkFacts): readonly string[] {
  const { number, udp, examined } = ownPort;
  const reached =
    examined === undefined ? 'nobody tried it' : `dialled by ${examined.by.host}: ${examined.outcome}`;
  return [
    `TCP port ${number}: ${reached}`,
    ...(udp === 'taken' ? [`UDP port ${number}: taken by another program`] : []),
    ...(groupPort === 'taken' ? ['UDP port of the groups: taken by another program'] : []),
    ...named.map(({ peer, outcome }) => `--peer ${formatEndpoint(peer)}: ${outcome}`),
    ...dropped.map(({ path, reason, count }) => `dropped datagrams (${path}): ${count} ${reason}`),
  ];
}
