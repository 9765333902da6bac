import { BEACON_PORT, CLOCKS_APART_MS, MDNS_PORT } from '../limits.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import { type Cause, isHealthy } from './cause.ts';
import { GROUP_WAYS, hearsItself, type InterfaceFacts, type NetworkFacts } from './facts.ts';

const MAX_SILENT_NODES_SHOWN = 5;

/** What is worth knowing beside the verdict, a sentence each. */
export function remarks(facts: NetworkFacts, cause: Cause): readonly string[] {
  return [
    ...onThisMachine(facts),
    ...(cause === 'others do not answer' ? [] : silentNodes(facts)),
    ...facts.interfaces.flatMap(partlyDeaf),
    ...(isHealthy(cause) ? facts.interfaces.flatMap(deaf) : []),
    ...(cause === 'own port taken' ? [] : takenPort(facts)),
    ...clocks(facts),
  ];
}

function onThisMachine({ nodes }: NetworkFacts): readonly string[] {
  const here = nodes.filter((node) => node.here);
  if (here.length === 0) return [];
  const ports = [...new Set(here.map(({ endpoints: [first] }) => first.port))];
  const who = here.length === 1 ? 'another lanshare runs' : `${here.length} other lanshares run`;
  return [`${who} on this machine, on port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`];
}

/** A few tell what to do; one address may stand for several nodes. */
function silentNodes({ nodes }: NetworkFacts): readonly string[] {
  const silent = nodes.filter(({ here, dialled }) => !here && dialled !== undefined && dialled !== 'reached');
  const places = new Map(silent.map(({ endpoints: [first] }) => [formatEndpoint(first), first]));
  const sentences = [...places].map(
    ([where, { port }]) =>
      `${where} is heard but does not answer: open TCP and UDP port ${port} in its firewall`,
  );
  const shown = sentences.slice(0, MAX_SILENT_NODES_SHOWN);
  const more = sentences.length - shown.length;
  return more === 0 ? shown : [...shown, `${more} more are heard but do not answer`];
}

/** Some ways work and some do not. Where none does, that is the verdict's matter. */
function partlyDeaf(one: InterfaceFacts): readonly string[] {
  if (!one.used || hearsItself(one) !== true) return [];
  const deaf = GROUP_WAYS.filter((way) => {
    const { kind } = one.echoes[way];
    return kind === 'not heard back' || kind === 'not sent';
  });
  return deaf.length === 0 ? [] : [`${one.name} does not hear its own ${deaf.join(' and ')}`];
}

/** Others are found all the same, by their answers; but they may not find this machine. */
function deaf(one: InterfaceFacts): readonly string[] {
  if (!one.used || one.kind !== 'lan' || hearsItself(one) !== false) return [];
  return Object.values(one.echoes).some(({ kind }) => kind === 'not heard back')
    ? [
        `${one.name} does not hear what it sends to everybody, so others may not find what this machine shares: open UDP ports ${BEACON_PORT} and ${MDNS_PORT} in its firewall`,
      ]
    : [`${one.name} cannot send to everybody, so others may not find what this machine shares`];
}

function takenPort({ ownPort: { number, udp } }: NetworkFacts): readonly string[] {
  return udp === 'ours'
    ? []
    : [`UDP port ${number} is taken by another program, so --peer does not find this machine`];
}

function clocks({ ownPort: { examined } }: NetworkFacts): readonly string[] {
  if (examined === undefined || Math.abs(examined.clockAheadMs) < CLOCKS_APART_MS) return [];
  const seconds = Math.round(Math.abs(examined.clockAheadMs) / 1_000);
  const direction = examined.clockAheadMs > 0 ? 'ahead of' : 'behind';
  return [
    `the clock of ${examined.by.host} is ${seconds} s ${direction} this one, which does not matter here`,
  ];
}
