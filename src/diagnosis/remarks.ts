import { CLOCKS_APART_MS } from '../limits.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import type { Cause } from './cause.ts';
import { GROUP_WAYS, hearsItself, type InterfaceFacts, type NetworkFacts } from './facts.ts';

/** What is worth knowing beside the verdict, a sentence each. */
export function remarks(facts: NetworkFacts, cause: Cause): readonly string[] {
  return [
    ...onThisMachine(facts),
    ...(cause === 'others do not answer' ? [] : silentNodes(facts)),
    ...facts.interfaces.flatMap(partlyDeaf),
    ...clocks(facts),
  ];
}

function onThisMachine({ nodes }: NetworkFacts): readonly string[] {
  const ports = nodes.filter(({ here }) => here).map(({ endpoints: [first] }) => first.port);
  return ports.length === 0
    ? []
    : [`another lanshare runs on this machine, on port ${[...new Set(ports)].join(', ')}`];
}

function silentNodes({ nodes }: NetworkFacts): readonly string[] {
  return nodes
    .filter(({ here, dialled }) => !here && dialled !== undefined && dialled !== 'reached')
    .map(({ endpoints: [first] }) => {
      const { port } = first;
      return `${formatEndpoint(first)} is heard but does not answer: open TCP and UDP port ${port} in its firewall`;
    });
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

function clocks({ ownPort: { examined } }: NetworkFacts): readonly string[] {
  if (examined === undefined || Math.abs(examined.clockAheadMs) < CLOCKS_APART_MS) return [];
  const seconds = Math.round(Math.abs(examined.clockAheadMs) / 1_000);
  const direction = examined.clockAheadMs > 0 ? 'ahead of' : 'behind';
  return [
    `the clock of ${examined.by.host} is ${seconds} s ${direction} this one, which does not matter here`,
  ];
}
