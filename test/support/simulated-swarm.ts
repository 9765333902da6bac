import type { LanshareError } from '../../src/errors.ts';
import { checkPiece } from '../../src/hashing/piece-hasher.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import type { WantedFiles } from '../../src/metainfo/choose-files.ts';
import type { Metainfo } from '../../src/metainfo/metainfo.ts';
import { Acceptor } from '../../src/node/acceptor.ts';
import { BufferPool } from '../../src/peer/buffer-pool.ts';
import type { Dialect } from '../../src/peer/link-setup.ts';
import type { PickOrder } from '../../src/pieces/picker.ts';
import { TokenBucket } from '../../src/pieces/token-bucket.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Listener, Network } from '../../src/platform/network.ts';
import type { Random } from '../../src/platform/random.ts';
import type { ChokingSettings } from '../../src/transfer/exchange-options.ts';
import type { OwnEndpoints } from '../../src/transfer/own-endpoints.ts';
import type { RouteOf } from '../../src/transfer/route.ts';
import { type PeerChange, Swarm } from '../../src/transfer/swarm.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryStore } from './memory-store.ts';
import { type SampleContent, sampleContent } from './sample-content.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface SimulatedSwarmOptions {
  readonly seed: number;
  /** What it is about; otherwise a file of `pieces` pieces. */
  readonly content?: SampleContent;
  readonly pieces?: number;
  readonly pieceLength?: number;
  readonly latencyMs?: number;
  readonly uplinkBytesPerSecond?: number;
}

export interface PeerOptions {
  readonly uplinkBytesPerSecond?: number;
  readonly limitUp?: number;
  readonly limitDown?: number;
  readonly order?: PickOrder;
  /** All addresses are alike where it is left out. */
  readonly routeOf?: RouteOf;
  /** Knows of none where it is left out. */
  readonly ownEndpoints?: OwnEndpoints;
  readonly choking?: Partial<ChokingSettings>;
  /** A second network that it is on, with an uplink of its own; the networks are told apart by the first two numbers. */
  readonly alsoAt?: { readonly address: string; readonly uplinkBytesPerSecond: number };
  /** It gets the metainfo from the others. */
  readonly undescribed?: boolean;
  /** Starts with these pieces. */
  readonly holds?: (index: number) => boolean;
  /** Fetches only these files. */
  readonly wanted?: WantedFiles;
}

/** One peer of a simulated swarm and what it has seen. */
export interface SimulatedPeer {
  readonly endpoint: Endpoint;
  readonly peerId: PeerId;
  readonly store: MemoryStore;
  readonly swarm: Swarm;
  readonly listener: Listener;
  readonly changes: PeerChange[];
  readonly faults: LanshareError[];
  /** The metainfo as it came from others. */
  described: Metainfo | undefined;
  /** Virtual milliseconds. */
  completeAt: number | undefined;
}

/** A whole swarm in one process: real links, codecs and decisions; network, disks and time in memory. */
export class SimulatedSwarm {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly content: SampleContent;
  readonly peers: SimulatedPeer[] = [];
  readonly #uplink: number;

  constructor(options: SimulatedSwarmOptions) {
    const {
      seed,
      pieces = 64,
      pieceLength = 16 * 1024,
      latencyMs = 0.2,
      uplinkBytesPerSecond = 10_000_000,
    } = options;
    this.random = seededRandom(seed);
    this.#uplink = uplinkBytesPerSecond;
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.random,
      latencyMs,
      uplinkBytesPerSecond,
    });
    // The last piece is short, as it mostly is.
    this.content =
      options.content ?? sampleContent({ length: pieces * pieceLength - 100, pieceLength, seed });
  }

  get metainfo(): Metainfo {
    return this.content.metainfo;
  }

  async addSeed(options: PeerOptions = {}): Promise<SimulatedPeer> {
    return this.#add(new MemoryStore(this.metainfo, this.content.bytes), options);
  }

  async addFetcher(options: PeerOptions = {}): Promise<SimulatedPeer> {
    const store = new MemoryStore(this.metainfo, undefined, options.wanted);
    for (let index = 0; index < this.metainfo.pieceCount; index++) {
      if (options.holds?.(index) !== true) continue;
      const start = index * this.metainfo.pieceLength;
      const bytes = this.content.bytes.subarray(start, start + this.metainfo.pieceLength);
      await store.write(index as Parameters<MemoryStore['write']>[0], bytes, this.content.crc32s[index] ?? 0);
    }
    return this.#add(store, options);
  }

  /** As after discovery: each fetcher knows where all others are. */
  introduceAll(dialect: Dialect = 'lan'): void {
    for (const peer of this.peers) {
      for (const other of this.peers)
        if (other !== peer) peer.swarm.learn(other.endpoint, other.peerId, dialect);
    }
  }

  /** Runs until every fetcher has all that it wants; false where it takes longer than `limitMs` of virtual time. */
  run(limitMs = 60_000, who: readonly SimulatedPeer[] = this.peers): Promise<boolean> {
    return this.clock.advanceUntil(() => who.every((peer) => peer.store.goal.reached), limitMs);
  }

  async close(): Promise<void> {
    for (const { swarm, listener } of this.peers) {
      await swarm.close();
      await listener.close();
    }
    // What a slow uplink still had to send is over by then.
    await this.clock.advance(120_000);
  }

  /** Bytes that this peer has sent, as a multiple of the content. */
  copiesSentBy(peer: SimulatedPeer): number {
    return peer.swarm.counters.uploadedBytes / this.metainfo.length;
  }

  async #add(store: MemoryStore, options: PeerOptions): Promise<SimulatedPeer> {
    const address = `10.0.${Math.floor(this.peers.length / 250)}.${(this.peers.length % 250) + 1}`;
    const networks = [this.network.host(address, options.uplinkBytesPerSecond ?? this.#uplink)];
    const { alsoAt } = options;
    if (alsoAt !== undefined) networks.push(this.network.host(alsoAt.address, alsoAt.uplinkBytesPerSecond));
    const network = joined(networks, [address, ...(alsoAt === undefined ? [] : [alsoAt.address])]);
    const { clock, random } = this;
    const local = { peerId: peerIdFromBytes(random.bytes(20)), port: 47_470 };
    const buffers = new BufferPool(256 * 1024, 8 * 1024 * 1024);
    const changes: PeerChange[] = [];
    const faults: LanshareError[] = [];
    const { infoHash } = this.metainfo;
    const swarm: Swarm = new Swarm({
      infoHash,
      local,
      network,
      clock,
      random,
      logger: silentLogger,
      buffers,
      ownEndpoints: options.ownEndpoints ?? { has: () => false, met() {} },
      routeOf: options.routeOf ?? (() => ({ preference: 0, lan: undefined, lastResort: false })),
      order: options.order ?? 'rarest first',
      choking: { uploadSlots: 24, intervalMs: 10_000, optimisticIntervalMs: 30_000, ...options.choking },
      uploadLimit: new TokenBucket(options.limitUp ?? Number.POSITIVE_INFINITY, clock.now()),
      downloadLimit: new TokenBucket(options.limitDown ?? Number.POSITIVE_INFINITY, clock.now()),
      check: async (bytes, digest) => checkPiece(bytes, digest),
      events: {
        onMetainfo: (metainfo) => {
          peer.described = metainfo;
          swarm.activate(store);
        },
        onFault: (error) => faults.push(error),
        onSourceFault: (error) => faults.push(error),
        onPiece() {},
        onComplete() {
          peer.completeAt = clock.now();
        },
        onPeer: (change) => changes.push(change),
      },
    });
    const acceptor = new Acceptor({
      local,
      clock,
      logger: silentLogger,
      buffers,
      swarmOf: (asked) => (swarm.isNamed(asked) ? swarm : undefined),
    });
    const listener = await network.listen(local.port, (connection) => acceptor.accept(connection));
    const endpoint = { host: address, port: local.port };
    const peer: SimulatedPeer = {
      endpoint,
      peerId: local.peerId,
      store,
      swarm,
      listener,
      changes,
      faults,
      described: undefined,
      completeAt: undefined,
    };
    if (options.undescribed !== true) swarm.activate(store);
    this.peers.push(peer);
    return peer;
  }
}

/** A host on several networks: it dials from the address on the same one, and listens on all. */
function joined(networks: readonly Network[], addresses: readonly string[]): Network {
  const networkOf = (host: string): Network | undefined =>
    networks[
      Math.max(
        0,
        addresses.findIndex((own) => lanOf(own) === lanOf(host)),
      )
    ];
  return {
    dial(endpoint, signal) {
      const network = networkOf(endpoint.host);
      return network === undefined
        ? Promise.reject(new Error('ENETUNREACH'))
        : network.dial(endpoint, signal);
    },
    async listen(port, onConnection) {
      const listeners = await Promise.all(networks.map((network) => network.listen(port, onConnection)));
      return {
        port: listeners[0]?.port ?? port,
        close: async () => void (await Promise.all(listeners.map((listener) => listener.close()))),
      };
    },
  };
}

/** The first two numbers of an address. */
export function lanOf(host: string): string {
  return host.split('.').slice(0, 2).join('.');
}
