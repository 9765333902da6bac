import { BEACON_PORT, DEFAULT_NODE_PORT, MDNS_PORT } from '../limits.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import type { Cause } from './cause.ts';
import type { InterfaceFacts, NamedPeerFacts, NetworkFacts, NodeFacts } from './facts.ts';

const FIREWALLS = "ufw, firewalld, or Windows' Public profile";
const NAME_IT = 'name the other machine with --peer HOST';

/** The sentence of a cause: what is the matter, and what to do next. */
export function advice(cause: Cause, facts: NetworkFacts): string {
  const { ownPort } = facts;
  switch (cause) {
    case 'fine':
      return `everything works: ${othersAnswer(facts)}`;
    case 'broadcast only':
      return `it works, by broadcast only: ${othersAnswer(facts)}, and nothing needs to be done, but multicast does not get through (IGMP snooping in a switch or access point is a usual reason)`;
    case 'unicast only':
      return unicastOnly(facts);
    case 'no interface':
      return 'this machine is on no network: plug in a cable or join the Wi-Fi';
    case 'only loopback':
      return 'this machine has no network beside its loopback interface: plug in a cable or join the Wi-Fi; until then only programs on this machine are found';
    case 'interface left out':
      return leftOut(facts);
    case 'only tunnel or bridge':
      return onlyTunnelOrBridge(facts);
    case 'group port taken':
      return `UDP port ${BEACON_PORT} is taken by a program that does not share it, so nobody can be heard: end that program, or ${NAME_IT}`;
    case 'own port taken':
      return `UDP port ${ownPort.number} is taken by another program, so others cannot ask this machine: end that program, or choose another port with --port`;
    case 'cannot send':
      return cannotSend(facts);
    case 'own datagrams not heard':
      return `${lanNames(facts)} does not hear what it sends to everybody, so a firewall on this machine (${FIREWALLS}) seems to drop it: open UDP ports ${BEACON_PORT} and ${MDNS_PORT} and TCP and UDP port ${ownPort.number} there, or ${NAME_IT}`;
    case 'named peer silent':
      return namedSilent(facts.named, ownPort.number);
    case 'alone':
      return `no other lanshare is heard on ${lanNames(facts)}: check that one runs on the same network, then ${NAME_IT}, as guest Wi-Fi, VLANs and some switches hide machines from each other, then open TCP and UDP port ${DEFAULT_NODE_PORT} in the firewall there`;
    case 'others do not answer':
      return othersDoNotAnswer(facts);
    case 'own port not reachable':
      return `others cannot reach TCP port ${ownPort.number} of this machine (${examiner(facts)}): open TCP and UDP port ${ownPort.number} in its firewall (${FIREWALLS})`;
  }
}

function othersAnswer({ nodes, ownPort }: NetworkFacts): string {
  const others = nodes.filter(({ here }) => !here);
  const answering = others.filter(({ dialled }) => dialled === 'reached').length;
  const heard = answering === 0 ? `${count(others.length)} heard` : `${count(answering)} heard and answering`;
  const reached = ownPort.examined?.outcome === 'reached' ? ', and this machine can be reached' : '';
  return `${heard}${reached}`;
}

/** Without a peer that was named: nodes on this machine know them, or they know this machine from before. */
function unicastOnly(facts: NetworkFacts): string {
  const named = facts.named.some(({ outcome }) => outcome === 'reached');
  const [how, next] = named
    ? ['by way of peers that were named', 'go on giving one --peer HOST']
    : ['by way of nodes that know of this machine', NAME_IT];
  return `it works, but only ${how}: ${othersAnswer(facts)}; multicast and broadcast do not get through here, so ${next}`;
}

function count(nodes: number): string {
  return nodes === 1 ? 'one other node is' : `${nodes} other nodes are`;
}

function examiner({ ownPort: { examined } }: NetworkFacts): string {
  if (examined === undefined) return 'not tried';
  const { by, outcome } = examined;
  return outcome === 'refused' ? `${by.host} was refused` : `${by.host} got no answer`;
}

function leftOut({ interfaces }: NetworkFacts): string {
  const left = interfaces.filter(({ used, kind }) => !used && kind === 'lan').map(({ name }) => name);
  const used = interfaces.filter((one) => one.used).map(({ name }) => name);
  const usable = left.map((name) => `--interface ${name}`).join(' or ');
  return `only ${list(used)} is used, which is no LAN, and --interface leaves ${list(left)} out: use ${usable}, or leave --interface out`;
}

function onlyTunnelOrBridge({ interfaces }: NetworkFacts): string {
  const used = interfaces.filter((one) => one.used && one.kind !== 'loopback');
  const names = list(used.map(({ name }) => name));
  const tunnel = used.some(({ kind }) => kind === 'tunnel');
  return tunnel
    ? `the only network here is a VPN tunnel (${names}), which mostly carries no multicast: ${NAME_IT}, or connect this machine to the LAN`
    : `the only network here is a bridge to containers or virtual machines (${names}): connect this machine to the LAN, or ${NAME_IT}`;
}

function cannotSend(facts: NetworkFacts): string {
  const reasons = lans(facts)
    .flatMap(({ echoes }) => Object.values(echoes))
    .flatMap((echo) => (echo.kind === 'not sent' ? [echo.reason] : []));
  const names = `${lanNames(facts)} (${list([...new Set(reasons)])})`;
  return reasons.includes('EPERM') || reasons.includes('EACCES')
    ? `a firewall on this machine stops what is sent to everybody on ${names}: allow UDP to ports ${BEACON_PORT} and ${MDNS_PORT} in it, or ${NAME_IT}`
    : `the system cannot send to everybody on ${names}: check its routes for multicast and broadcast, or ${NAME_IT}`;
}

/** Of several, the one that came nearest to answering. */
function namedSilent(named: readonly NamedPeerFacts[], port: number): string {
  const one =
    named.find(({ outcome }) => outcome === 'reached') ??
    named.find(({ outcome }) => outcome === 'refused') ??
    named.find(({ outcome }) => outcome === 'no answer') ??
    named[0];
  if (one === undefined) return `no peer was named: ${NAME_IT}`;
  const who = `${formatEndpoint(one.peer)}, named with --peer,`;
  switch (one.outcome) {
    case 'unknown name':
      return `the address of ${one.peer.host}, named with --peer, is not known here: give its address instead, which "lanshare share" shows there`;
    case 'refused':
      return `${who} is there, but no lanshare listens on that port: start it there, or give the port that "lanshare share" shows there`;
    case 'reached':
      return `${who} answers by TCP but not by UDP: open UDP port ${one.peer.port} in its firewall (${FIREWALLS}), and check that it is a lanshare that listens there`;
    case 'no answer':
      return `${who} does not answer: check its address, then open TCP and UDP port ${one.peer.port} in its firewall (${FIREWALLS}), then port ${port} in the one here`;
  }
}

function othersDoNotAnswer({ nodes }: NetworkFacts): string {
  const silent = nodes.filter(
    (node) => !node.here && node.dialled !== undefined && node.dialled !== 'reached',
  );
  const [first, ...more] = silent;
  if (first === undefined) return 'others are heard but do not answer';
  const where = formatEndpoint(first.endpoints[0]);
  if (more.length === 0)
    return `${where} is heard but does not answer: open TCP and UDP port ${portOf(first)} in its firewall (${FIREWALLS})`;
  return `${silent.length} nodes are heard but none answers (${where} for one): the network lets no machine call another (access points call it client isolation), or each has a firewall (${FIREWALLS}) that needs TCP and UDP port ${portOf(first)} opened`;
}

function portOf({ endpoints: [first] }: NodeFacts): number {
  return first.port;
}

function lans({ interfaces }: NetworkFacts): readonly InterfaceFacts[] {
  return interfaces.filter(({ used, kind }) => used && kind === 'lan');
}

function lanNames(facts: NetworkFacts): string {
  return list(lans(facts).map(({ name }) => name));
}

/** `a`, `a and b`, `a, b and c`. */
function list(names: readonly string[]): string {
  const last = names.at(-1) ?? 'no interface';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
