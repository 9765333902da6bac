import type { ListedPeerId, Project } from '../../src/classroom/config/project.ts';
import { listedPeerId } from '../../src/classroom/config/project.ts';
import { projectMetainfo } from '../../src/classroom/content/project-metainfo.ts';
import type { LogEvent } from '../../src/classroom/log/log-event.ts';
import { ClassroomPeer } from '../../src/classroom/run/classroom-peer.ts';
import type { ClassroomEvent, RunResult } from '../../src/classroom/run/classroom-peer-api.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Network } from '../../src/platform/network.ts';
import type { Random } from '../../src/platform/random.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryStore } from './memory-store.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface ClassroomSwarmOptions {
  readonly seed: number;
  readonly peers: number;
  /** Places in PeerInfo.cfg of those that have the file; default the first. */
  readonly seeders?: readonly number[];
  readonly pieces?: number;
  readonly pieceSize?: number;
  readonly waitMs?: number;
  readonly uplinkBytesPerSecond?: number;
}

/** A run of one peer, and what it has told. */
export interface RunningPeer {
  readonly id: ListedPeerId;
  readonly store: MemoryStore;
  readonly log: { readonly at: number; readonly event: LogEvent }[];
  readonly events: ClassroomEvent[];
  readonly peer: ClassroomPeer;
  result: RunResult | undefined;
  /** Everything it had open is closed. */
  closed: boolean;
}

/** A whole project in one process: real links, codecs and decisions; network, files and time in memory. */
export class ClassroomSwarm {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly project: Project;
  readonly bytes: Uint8Array;
  readonly waitMs: number;

  constructor(options: ClassroomSwarmOptions) {
    const { seed, peers, seeders = [0], pieces = 40, pieceSize = 1000, waitMs = 60_000 } = options;
    const uplinkBytesPerSecond = options.uplinkBytesPerSecond ?? 100_000;
    this.waitMs = waitMs;
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, uplinkBytesPerSecond });
    // The last piece is short.
    const fileSize = Math.max(0, pieces * pieceSize - Math.floor(pieceSize / 3));
    this.bytes = this.random.bytes(fileSize);
    this.project = {
      common: {
        preferredNeighbors: 2,
        unchokingIntervalSeconds: 1,
        optimisticUnchokingIntervalSeconds: 2,
        fileName: 'thefile',
        fileSize,
        pieceSize,
      },
      peers: Array.from({ length: peers }, (_, place) => ({
        id: listed(1001 + place),
        host: `10.0.0.${place + 1}`,
        port: 6001,
        hasFile: seeders.includes(place),
      })),
    };
  }

  /** The network as the peer at this place of PeerInfo.cfg sees it. */
  hostOf(place: number): Network {
    return this.network.host(this.#listed(place).host);
  }

  async start(place: number): Promise<RunningPeer> {
    const { id, port, hasFile } = this.#listed(place);
    const network = this.hostOf(place);
    const store = new MemoryStore(projectMetainfo(this.project), hasFile ? this.bytes : undefined);
    const log: RunningPeer['log'] = [];
    const events: ClassroomEvent[] = [];
    const peer = new ClassroomPeer({
      project: this.project,
      id,
      waitMs: this.waitMs,
      network,
      clock: this.clock,
      random: this.random,
      logger: silentLogger,
      store,
      log: (event) => log.push({ at: this.clock.now(), event }),
      onEvent: (event) => events.push(event),
    });
    const listener = await network.listen(port, (connection) => peer.accept(connection));
    const running: RunningPeer = { id, store, log, events, peer, result: undefined, closed: false };
    peer.start();
    const onEnd = async (result: RunResult): Promise<void> => {
      running.result = result;
      await listener.close();
      await peer.close('in good order');
      running.closed = true;
    };
    // Who is killed has no result.
    void peer.ended.then(onEnd, () => {});
    return running;
  }

  async startAll(): Promise<RunningPeer[]> {
    const places = this.project.peers.map((_, place) => place);
    return await Promise.all(places.map((place) => this.start(place)));
  }

  /** Its process dies: the others see a reset. */
  async kill(place: number, running: RunningPeer): Promise<void> {
    this.network.kill(this.#listed(place).host);
    running.peer.fail(new Error('killed'));
    await Promise.all([running.peer.close('at once'), this.clock.advance(5)]);
  }

  /** Lets time pass until all these runs are over and closed. */
  async runToEnd(peers: readonly RunningPeer[], limitMs = 600_000): Promise<boolean> {
    return await this.clock.advanceUntil(() => peers.every(({ closed }) => closed), limitMs);
  }

  holdsAll({ store }: RunningPeer): boolean {
    return store.have.complete && Buffer.compare(store.bytes, this.bytes) === 0;
  }

  #listed(place: number): Project['peers'][number] {
    const peer = this.project.peers[place];
    if (peer === undefined) throw new RangeError(`no peer stands at place ${place}`);
    return peer;
  }
}

export function listed(value: number): ListedPeerId {
  const id = listedPeerId(value);
  if (id === undefined) throw new RangeError(`${value} is no ID`);
  return id;
}
