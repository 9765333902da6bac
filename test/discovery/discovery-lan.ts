import { afterEach, expect } from 'vitest';
import type { Discovery, Sighting } from '../../src/discovery/discovery.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import { HoldingsTable } from '../../src/holdings/holdings-table.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { type Clock, repeat, type Timer } from '../../src/platform/clock.ts';
import type { DatagramNetwork } from '../../src/platform/datagram.ts';
import type { InterfaceSource } from '../../src/platform/interfaces.ts';
import { type Logger, silentLogger } from '../../src/platform/logger.ts';
import type { Random } from '../../src/platform/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type VirtualHost, VirtualLan } from '../support/virtual-lan.ts';

export const PORT = 47_470;

export const hash = (number: number): InfoHash => `f${number.toString(16).padStart(39, '0')}` as InfoHash;

/** What every discovery is made of. */
export interface Setting {
  readonly peerId: PeerId;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly datagrams: DatagramNetwork;
  readonly interfaceSource: InterfaceSource;
  heard(sighting: Sighting): void;
}

/** A discovery on a host of its own, with all that it has heard. */
export interface DiscoveryNode<D extends Discovery = Discovery> {
  readonly discovery: D;
  readonly peerId: PeerId;
  readonly host: VirtualHost;
  readonly sightings: readonly Sighting[];
  readonly table: HoldingsTable;
  /** Announces these; the version grows by itself. */
  hold(...contents: Partial<Holding>[]): void;
}

/** Nodes with one kind of discovery on a virtual LAN, under a virtual clock. */
export class DiscoveryLan<D extends Discovery = Discovery> {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly lan: VirtualLan;
  readonly nodes: DiscoveryNode<D>[] = [];
  readonly #timers: Timer[] = [];
  #hosts = 0;
  #peers = 0;
  #version = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.lan = new VirtualLan(this.clock, this.random);
  }

  /** The first one is 10.77.0.1 and fe80::1. */
  host(): VirtualHost {
    const number = ++this.#hosts;
    const high = Math.floor(number / 200);
    return this.lan.host({ eth0: [`10.77.${high}.${number % 200}/16`, `fe80::${number.toString(16)}/64`] });
  }

  setting(host: VirtualHost, port = PORT, heard: (sighting: Sighting) => void = () => {}): Setting {
    const { clock, random } = this;
    const peerId = (++this.#peers).toString(16).padStart(40, '0') as PeerId;
    const { interfaces: interfaceSource } = host;
    return { peerId, port, clock, random, logger: silentLogger, datagrams: host, interfaceSource, heard };
  }

  async open(
    create: (setting: Setting) => Promise<D>,
    host: VirtualHost,
    port = PORT,
  ): Promise<DiscoveryNode<D>> {
    const { clock } = this;
    const sightings: Sighting[] = [];
    const setting = this.setting(host, port, (sighting) => {
      sightings.push(sighting);
      table.observe(sighting, clock.now());
    });
    const { peerId } = setting;
    const table = new HoldingsTable(peerId);
    const discovery = await create(setting);
    this.#timers.push(repeat(clock, 500, () => table.expire(clock.now())));
    const hold = (...contents: Partial<Holding>[]): void =>
      discovery.announce(contents.map((content) => this.holding({ peerId, port, ...content })));
    const node = { discovery, peerId, host, sightings, table, hold };
    this.nodes.push(node);
    return node;
  }

  holding(content: Partial<Holding> & Pick<Holding, 'peerId' | 'port'>): Holding {
    return {
      infoHash: hash(1),
      name: 'movie.txt',
      length: 10_000,
      pieceCount: 100,
      pieces: { kind: 'all' },
      version: ++this.#version,
      ...content,
    };
  }

  /** Lets time pass until the goodbyes are said. */
  async closed(...discoveries: readonly Discovery[]): Promise<void> {
    const closing = Promise.all(discoveries.map((discovery) => discovery.close()));
    await this.clock.advance(1_000);
    await closing;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await this.closed(...this.nodes.map(({ discovery }) => discovery));
    expect(this.clock.pending, 'timers left').toBe(0);
  }
}

/** Makes the LANs of one test file; they are closed after each test. */
export function lansOf<L extends DiscoveryLan>(make: () => L): () => L {
  const lans: L[] = [];
  afterEach(async () => {
    for (const lan of lans.splice(0)) await lan.close();
  });
  return () => {
    const lan = make();
    lans.push(lan);
    return lan;
  };
}
