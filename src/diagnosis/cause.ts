import { hearsItself, type InterfaceFacts, type NetworkFacts, type NodeFacts } from './facts.ts';

/** What is the matter, as one word for programs. */
export type Cause =
  | 'fine'
  /** It works, without multicast. */
  | 'broadcast only'
  /** It works, for peers that were named and those they know. */
  | 'unicast only'
  | 'no interface'
  | 'only loopback'
  | 'interface left out'
  | 'only tunnel or bridge'
  | 'group port taken'
  | 'own port taken'
  | 'cannot send'
  | 'own datagrams not heard'
  | 'named peer silent'
  | 'alone'
  | 'others do not answer'
  | 'own port not reachable';

/** Others are found and can be reached. */
export function isHealthy(cause: Cause): boolean {
  return cause === 'fine' || cause === 'broadcast only' || cause === 'unicast only';
}

/** What explains the facts best. Pure. */
export function causeOf(facts: NetworkFacts): Cause {
  const others = facts.nodes.filter(({ here }) => !here);
  return others.length === 0 ? whyNobody(facts) : howWellOthers(facts, others);
}

/** Nobody is heard: the first thing that explains it, from this machine outwards. */
function whyNobody(facts: NetworkFacts): Cause {
  const { interfaces, groupPort, named } = facts;
  if (interfaces.length === 0) return 'no interface';
  const used = interfaces.filter((one) => one.used && one.kind !== 'loopback');
  const leftOut = interfaces.filter((one) => !one.used && one.kind === 'lan');
  const lans = used.filter(({ kind }) => kind === 'lan');
  if (lans.length === 0 && leftOut.length > 0) return 'interface left out';
  if (used.length === 0) return 'only loopback';
  if (named.length > 0) return 'named peer silent';
  if (groupPort === 'taken') return 'group port taken';
  if (lans.length === 0) return 'only tunnel or bridge';
  return whyNobodyOn(lans);
}

function whyNobodyOn(lans: readonly InterfaceFacts[]): Cause {
  if (lans.some((lan) => hearsItself(lan) !== false)) return 'alone';
  const outcomes = lans.flatMap(({ echoes }) => Object.values(echoes)).map(({ kind }) => kind);
  return outcomes.includes('not heard back') ? 'own datagrams not heard' : 'cannot send';
}

/** Others are heard: whether both sides reach each other, and how well they are found. */
function howWellOthers({ ownPort }: NetworkFacts, others: readonly NodeFacts[]): Cause {
  const dialled = others.filter((other) => other.dialled !== undefined);
  if (dialled.length > 0 && dialled.every((other) => other.dialled !== 'reached'))
    return 'others do not answer';
  if (ownPort.udp === 'taken') return 'own port taken';
  if (ownPort.examined !== undefined && ownPort.examined.outcome !== 'reached')
    return 'own port not reachable';
  if (others.some(isFoundByMulticast)) return 'fine';
  return others.some(({ ways }) => ways.includes('broadcast')) ? 'broadcast only' : 'unicast only';
}

function isFoundByMulticast({ ways, paths }: NodeFacts): boolean {
  return paths.includes('mdns') || ways.includes('multicast IPv4') || ways.includes('multicast IPv6');
}
