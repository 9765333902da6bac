import type { DiscoveryReport, Examination } from '../discovery/discovery.ts';
import type { PeerId } from '../holdings/holding.ts';
import {
  DOCTOR_ASK_AT_MS,
  DOCTOR_DIAL_AT_MS,
  DOCTOR_LISTEN_MS,
  MAX_DOCTOR_DIALS,
  MAX_DOCTOR_DIALS_PER_HOST,
} from '../limits.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import { type InterfaceSource, type NetworkInterface, selectInterfaces } from '../platform/interfaces.ts';
import type { Random } from '../platform/random.ts';
import type { DialOutcome, NamedPeerFacts, NetworkFacts, OwnPortFacts } from './facts.ts';
import { LanProbe } from './lan-probe.ts';
import { type ListedNode, mergeNodes } from './merge-nodes.ts';
import { droppedFacts, interfaceFacts } from './passive-facts.ts';

/** What is needed of a running node. */
export interface DiagnosedNode {
  readonly port: number;
  readonly peerId: PeerId;
  discovery(): readonly DiscoveryReport[];
  list(options: { waitMs: number; signal: AbortSignal }): Promise<readonly ListedContent[]>;
  examine(port: number, signal: AbortSignal): Promise<Examination | undefined>;
}

export interface ListedContent {
  readonly holders: readonly ListedNode[];
}

export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
  readonly interfaceSource: InterfaceSource;
  /** Whether a TCP connection comes about; it is closed again at once. Never rejects. */
  dial(node: Endpoint): Promise<DialOutcome>;
}

export interface GatherOptions extends Surroundings {
  readonly node: DiagnosedNode;
  /** Of --interface; undefined for all. */
  readonly interfaceNames: readonly string[] | undefined;
  /** Of --peer. */
  readonly peers: readonly Endpoint[];
  /** The UDP port that another program had before the node was started. */
  readonly takenUdpPort: number | undefined;
  readonly signal: AbortSignal;
}

/** Looks at the network from all sides, for DOCTOR_LISTEN_MS and as long as the last dialling takes. */
export async function gatherFacts(options: GatherOptions): Promise<NetworkFacts> {
  return await new Gathering(options).run();
}

class Gathering {
  readonly #options: GatherOptions;
  readonly #interfaces: readonly NetworkInterface[];
  readonly #dials = new Map<string, Promise<DialOutcome>>();
  readonly #dialsOfHost = new Map<string, number>();
  #examination: Promise<OwnPortFacts['examined']> | undefined;
  #listed: readonly ListedNode[] = [];

  constructor(options: GatherOptions) {
    this.#options = options;
    this.#interfaces = options.interfaceSource();
  }

  async run(): Promise<NetworkFacts> {
    const { node, random, datagrams, interfaceNames } = this.#options;
    const interfaces = selectInterfaces(this.#interfaces, interfaceNames);
    const { peerId, port } = node;
    const probe = await LanProbe.open({ peerId, port, random, datagrams, interfaces });
    const named = Promise.all(this.#options.peers.map((peer) => this.#named(peer)));
    try {
      await this.#listen(probe);
      return await this.#facts(probe, await named);
    } finally {
      await probe.close();
    }
  }

  async #listen(probe: LanProbe): Promise<void> {
    const { node, signal } = this.#options;
    await Promise.all([
      node.list({ waitMs: DOCTOR_LISTEN_MS, signal }).then((contents) => this.#takeList(contents)),
      ...DOCTOR_ASK_AT_MS.map((atMs) => this.#at(atMs, () => probe.ask())),
      ...DOCTOR_DIAL_AT_MS.map((atMs) => this.#at(atMs, () => this.#tryToReach(probe))),
    ]);
    this.#tryToReach(probe);
  }

  #takeList(contents: readonly ListedContent[]): void {
    this.#listed = contents.flatMap(({ holders }) => holders);
  }

  async #at(delayMs: number, act: () => void): Promise<void> {
    const { clock, signal } = this.#options;
    await sleep(clock, delayMs, signal);
    if (!signal.aborted) act();
  }

  #nodes(probe: LanProbe) {
    const reports = this.#options.node.discovery();
    return mergeNodes(this.#interfaces, this.#listed, reports, probe.nodes);
  }

  /** Dials who was heard since the last time, and asks one of them to dial us. */
  #tryToReach(probe: LanProbe): void {
    const nodes = this.#nodes(probe);
    for (const { here, endpoints } of nodes) if (!here) this.#dial(endpoints[0]);
    if (this.#examination !== undefined || nodes.every(({ here }) => here)) return;
    this.#examination = this.#examine(examinedPort(this.#options.node, nodes));
  }

  async #examine(port: number): Promise<OwnPortFacts['examined']> {
    const { node, clock, signal } = this.#options;
    const examination = await node.examine(port, signal);
    if (examination === undefined) return undefined;
    const { by, outcome, wallTime } = examination;
    return { by, outcome, clockAheadMs: wallTime - clock.wallTime() };
  }

  #dial(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    const ofHost = this.#dialsOfHost.get(endpoint.host) ?? 0;
    if (this.#dials.has(key) || this.#dials.size >= MAX_DOCTOR_DIALS) return;
    if (ofHost >= MAX_DOCTOR_DIALS_PER_HOST) return;
    this.#dialsOfHost.set(endpoint.host, ofHost + 1);
    this.#dials.set(key, this.#options.dial(endpoint));
  }

  async #facts(probe: LanProbe, named: readonly NamedPeerFacts[]): Promise<NetworkFacts> {
    const { node, interfaceNames, takenUdpPort } = this.#options;
    const dialled = new Map<string, DialOutcome>();
    for (const [key, outcome] of this.#dials) dialled.set(key, await outcome);
    const nodes = this.#nodes(probe).map((one) => {
      const outcomes = one.endpoints.flatMap((endpoint) => dialled.get(formatEndpoint(endpoint)) ?? []);
      return { ...one, dialled: outcomes.find((outcome) => outcome === 'reached') ?? outcomes[0] };
    });
    return {
      interfaces: this.#interfaces.map((one) => ({
        ...interfaceFacts(one, interfaceNames),
        echoes: probe.echoes(one.name),
      })),
      nodes,
      named,
      groupPort: probe.groupPort,
      ownPort: {
        number: examinedPort(node, nodes),
        udp: takenUdpPort === node.port ? 'taken' : 'ours',
        examined: await this.#examination,
      },
      dropped: droppedFacts(node.discovery()),
    };
  }

  async #named(peer: Endpoint): Promise<NamedPeerFacts> {
    const { datagrams, dial } = this.#options;
    try {
      const [host] = await datagrams.resolve(peer.host);
      if (host === undefined) return { peer, outcome: 'unknown name' };
      return { peer, outcome: await dial({ host, port: peer.port }) };
    } catch {
      return { peer, outcome: 'unknown name' };
    }
  }
}

/** Where a sharer runs on this machine, its port is the one that must be open. */
function examinedPort(
  { port }: DiagnosedNode,
  nodes: readonly { here: boolean; endpoints: readonly [Endpoint, ...Endpoint[]] }[],
): number {
  return nodes.find(({ here }) => here)?.endpoints[0].port ?? port;
}
