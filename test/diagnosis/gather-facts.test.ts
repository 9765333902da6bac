import { describe, expect, it } from 'vitest';
import type { NetworkFacts } from '../../src/diagnosis/facts.ts';
import { type GatherOptions, gatherFacts } from '../../src/diagnosis/gather-facts.ts';
import { takenUdpPort } from '../../src/diagnosis/udp-port.ts';
import { verdictOf } from '../../src/diagnosis/verdict.ts';
import { createBeacon } from '../../src/discovery/beacon/beacon.ts';
import type { Discovery, Examination } from '../../src/discovery/discovery.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { formatEndpoint } from '../../src/platform/endpoint.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type VirtualHost, VirtualLan } from '../support/virtual-lan.ts';

const PORT = 47_470;

/** A LAN under a virtual clock, with nodes that find each other by their beacons. */
class Network {
  readonly clock = new VirtualClock();
  readonly lan = new VirtualLan(this.clock, seededRandom(1));
  readonly #open: Discovery[] = [];
  #peers = 0;

  host(number: number): VirtualHost {
    return this.lan.host({ eth0: [`10.77.0.${number}/24`, `fe80::${number}/64`] });
  }

  async node(host: VirtualHost, port = PORT): Promise<{ beacon: Discovery; peerId: PeerId }> {
    const peerId = String(++this.#peers).padStart(40, '0') as PeerId;
    const beacon = await createBeacon({
      peerId,
      port,
      clock: this.clock,
      random: seededRandom(this.#peers),
      logger: silentLogger,
      peers: [],
      datagrams: host,
      interfaceSource: host.interfaces,
      heard() {},
    });
    this.#open.push(beacon);
    return { beacon, peerId };
  }

  /** A node that shares a file. */
  async sharer(host: VirtualHost, port = PORT): Promise<void> {
    const { beacon, peerId } = await this.node(host, port);
    const infoHash = 'f'.repeat(40) as InfoHash;
    const content = {
      infoHash,
      name: 'movie.txt',
      length: 1,
      pieceCount: 1,
      pieces: { kind: 'all' },
    } as const;
    beacon.announce([{ peerId, port, version: 1, ...content }]);
  }

  /** What a node on this host finds out in the time that it takes. */
  async facts(host: VirtualHost, options: Partial<GatherOptions> & Examining = {}): Promise<NetworkFacts> {
    const { beacon, peerId } = await this.node(host, options.port ?? 50_000);
    const gathering = gatherFacts({
      clock: this.clock,
      random: seededRandom(99),
      datagrams: host,
      interfaceSource: host.interfaces,
      dial: async () => 'reached',
      node: {
        port: options.port ?? 50_000,
        peerId,
        discovery: () => [beacon.describe()],
        list: async () => [],
        examine: async (port) => options.examination?.(port),
      },
      interfaceNames: undefined,
      peers: [],
      takenUdpPort: undefined,
      signal: new AbortController().signal,
      ...options,
    });
    await this.clock.advance(4_000);
    const facts = await gathering;
    await this.close();
    return facts;
  }

  async close(): Promise<void> {
    const closing = this.#open.map((beacon) => beacon.close());
    await this.clock.advance(100);
    await Promise.all(closing);
  }
}

interface Examining {
  readonly port?: number;
  readonly examination?: (port: number) => Examination;
}

function eth0(facts: NetworkFacts) {
  return facts.interfaces.find(({ name }) => name === 'eth0');
}

const BACK = { kind: 'heard back' };
const NOT_BACK = { kind: 'not heard back' };

describe('what doctor finds out', () => {
  it('on a machine alone: each way comes back on its interface, and the loopback is not tried', async () => {
    const network = new Network();
    const host = network.host(2);
    const facts = await network.facts(host);
    expect(eth0(facts)?.echoes).toEqual({
      'multicast IPv4': BACK,
      'multicast IPv6': BACK,
      broadcast: BACK,
    });
    expect(facts.interfaces.find(({ name }) => name === 'lo')?.echoes.broadcast).toEqual({
      kind: 'not tried',
    });
    expect(facts.nodes).toEqual([]);
    expect(verdictOf(facts).cause).toBe('alone');
    expect(host.openSockets).toBe(0);
  });

  it('where nothing comes back', async () => {
    const network = new Network();
    const host = network.host(2);
    host.muted = true;
    const facts = await network.facts(host);
    expect(eth0(facts)?.echoes).toEqual({
      'multicast IPv4': NOT_BACK,
      'multicast IPv6': NOT_BACK,
      broadcast: NOT_BACK,
    });
    expect(verdictOf(facts).cause).toBe('own datagrams not heard');
  });

  it('a sharer: by which ways it answers, and that it can be dialled', async () => {
    const network = new Network();
    await network.sharer(network.host(3));
    const facts = await network.facts(network.host(2));
    expect(facts.nodes).toEqual([
      {
        peerId: expect.any(String),
        endpoints: expect.arrayContaining([{ host: '10.77.0.3', port: PORT }]),
        here: false,
        paths: ['beacon'],
        ways: expect.arrayContaining(['multicast IPv4', 'multicast IPv6', 'broadcast']),
        dialled: 'reached',
      },
    ]);
    expect(verdictOf(facts).cause).toBe('fine');
  });

  it('a node that shares nothing and only searches', async () => {
    const network = new Network();
    const { beacon, peerId } = await network.node(network.host(3));
    beacon.seek({ kind: 'name', name: 'movie.txt' });
    const facts = await network.facts(network.host(2));
    expect(facts.nodes.map((node) => node.peerId)).toEqual([peerId]);
  });

  it('a sharer that is heard and cannot be dialled, each address once', async () => {
    const network = new Network();
    await network.sharer(network.host(3));
    const dialled: string[] = [];
    const dial = async (node: Endpoint) => {
      dialled.push(formatEndpoint(node));
      return 'no answer' as const;
    };
    const facts = await network.facts(network.host(2), { dial });
    expect(new Set(dialled).size).toBe(dialled.length);
    expect(verdictOf(facts).cause).toBe('others do not answer');
  });

  it('a sharer beside a host that claims to be fifty nodes', async () => {
    const network = new Network();
    const liar = network.host(4);
    for (let claimed = 0; claimed < 50; claimed++) await network.sharer(liar, 50_000 + claimed);
    await network.sharer(network.host(3));
    const dial = async ({ host }: Endpoint) => (host === '10.77.0.3' ? 'reached' : 'refused');
    const facts = await network.facts(network.host(2), { dial });
    expect(facts.nodes.filter(({ dialled }) => dialled === 'refused')).toHaveLength(4);
    expect(verdictOf(facts).cause).toBe('fine');
  });

  it('a sharer on this machine, which is not dialled and whose port is the one that others try', async () => {
    const network = new Network();
    const here = network.host(2);
    await network.sharer(here);
    await network.sharer(network.host(3));
    const tried: number[] = [];
    const facts = await network.facts(here, {
      examination: (port) => {
        tried.push(port);
        return { by: { host: '10.77.0.3', port: PORT }, outcome: 'reached', wallTime: 0 };
      },
    });
    expect(facts.nodes.filter((node) => node.here)).toMatchObject([{ dialled: undefined }]);
    expect({ tried, number: facts.ownPort.number }).toEqual({ tried: [PORT], number: PORT });
  });

  it('that others do not reach our port, and how far their clock is from ours', async () => {
    const network = new Network();
    await network.sharer(network.host(3));
    const facts = await network.facts(network.host(2), {
      examination: () => ({
        by: { host: '10.77.0.3', port: PORT },
        outcome: 'no answer',
        wallTime: network.clock.wallTime() + 90_000,
      }),
    });
    expect(facts.ownPort.examined).toMatchObject({ outcome: 'no answer' });
    expect(Math.round((facts.ownPort.examined?.clockAheadMs ?? 0) / 10_000)).toBe(9);
    expect(verdictOf(facts)).toMatchObject({ cause: 'own port not reachable', remarks: [/clock/] });
  });

  it('nobody is asked to dial us where nobody is heard', async () => {
    const network = new Network();
    const facts = await network.facts(network.host(2), {
      examination: () => ({ by: { host: '::1', port: 1 }, outcome: 'refused', wallTime: 0 }),
    });
    expect(facts.ownPort.examined).toBeUndefined();
  });

  it('how peers that were named do', async () => {
    const network = new Network();
    const host = network.host(2);
    host.names.set('nas', '10.0.0.9');
    const peers = [
      { host: 'nas', port: 5_000 },
      { host: 'nowhere', port: 1 },
    ];
    const dial = async ({ host: dialled }: Endpoint) => (dialled === '10.0.0.9' ? 'refused' : 'no answer');
    expect((await network.facts(host, { peers, dial })).named).toEqual([
      { peer: peers[0], outcome: 'refused' },
      { peer: peers[1], outcome: 'unknown name' },
    ]);
  });

  it('that another program has the port of the groups', async () => {
    const network = new Network();
    const host = network.host(2);
    const group = { family: 'IPv4', address: '0.0.0.0', port: 47_471, shared: false } as const;
    await host.open(group, { onDatagram() {}, onError() {} });
    expect((await network.facts(host)).groupPort).toBe('taken');
  });

  it('that another program has our UDP port', async () => {
    const network = new Network();
    const host = network.host(2);
    expect(await takenUdpPort(host, PORT)).toBeUndefined();
    const own = { family: 'IPv4', address: '0.0.0.0', port: PORT, shared: false } as const;
    const other = await host.open(own, { onDatagram() {}, onError() {} });
    const taken = await takenUdpPort(host, PORT);
    expect(taken).toBe(PORT);
    expect((await network.facts(host, { port: PORT, takenUdpPort: taken })).ownPort.udp).toBe('taken');
    await other.close();
  });

  it('only on the interfaces that were named', async () => {
    const network = new Network();
    const host = network.lan.host({ eth0: ['10.77.0.2/24'], eth1: ['10.88.0.2/24'] });
    const facts = await network.facts(host, { interfaceNames: ['eth1'] });
    expect(eth0(facts)).toMatchObject({ used: false, echoes: { broadcast: { kind: 'not tried' } } });
    expect(facts.interfaces.find(({ name }) => name === 'eth1')).toMatchObject({
      used: true,
      echoes: { broadcast: BACK },
    });
  });

  it('that the system cannot send', async () => {
    const network = new Network();
    const host = network.host(2);
    const forbidding: GatherOptions['datagrams'] = {
      resolve: (name) => host.resolve(name),
      async open(options, handlers) {
        const socket = await host.open(options, handlers);
        const error = Object.assign(new Error('EPERM'), { code: 'EPERM' });
        return {
          ...socket,
          local: socket.local,
          join() {},
          leave() {},
          close: () => socket.close(),
          send: (_, to) => handlers.onError(error, to),
        };
      },
    };
    const facts = await network.facts(host, { datagrams: forbidding });
    expect(eth0(facts)?.echoes.broadcast).toEqual({ kind: 'not sent', reason: 'EPERM' });
    expect(verdictOf(facts).cause).toBe('cannot send');
  });

  it('what was dropped, by reason', async () => {
    const network = new Network();
    const other = network.host(3);
    const options = { family: 'IPv4', address: '10.77.0.3', port: 0, shared: false } as const;
    const socket = await other.open(options, { onDatagram() {}, onError() {} });
    const host = network.host(2);
    network.clock.setTimer(500, () =>
      socket.send(Buffer.from('garbage'), { host: '10.77.0.255', port: 47_471 }),
    );
    expect((await network.facts(host)).dropped).toEqual([
      { path: 'beacon', reason: 'not a beacon', count: 1 },
    ]);
  });
});
