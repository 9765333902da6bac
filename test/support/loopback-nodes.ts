import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Torrent } from '../../src/metainfo/metainfo.ts';
import type { FetchTarget, LanshareNode, NodeEvent, NodeOptions, Share } from '../../src/node/api.ts';
import { createNode } from '../../src/node/create-node.ts';
import { seededRandom } from './seeded-random.ts';
import { TemporaryFolders } from './temporary-folders.ts';

/** A real node, and what it has told. */
export interface LoopbackNode extends LanshareNode {
  readonly events: NodeEvent[];
}

/** Real nodes on this machine that find each other only by the addresses they are given. */
export class LoopbackNodes {
  readonly #nodes: LanshareNode[] = [];
  readonly #folders = new TemporaryFolders();
  #atRest: string[] = [];

  /** Remembers what the process has open without us. */
  async begin(): Promise<void> {
    this.#atRest = await openThings();
  }

  folder(): Promise<string> {
    return this.#folders.make();
  }

  async node(options: NodeOptions = {}): Promise<LoopbackNode> {
    const events: NodeEvent[] = [];
    const node = await createNode({
      cacheDirectory: path.join(await this.folder(), 'cache'),
      platform: { discoveries: [] },
      ...options,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
      },
    });
    this.#nodes.push(node);
    return Object.assign(node, { events });
  }

  /** A node that knows where these are. */
  nodeBeside(others: readonly LanshareNode[], options: NodeOptions = {}): Promise<LoopbackNode> {
    return this.node({ ...options, peers: others.map(({ port }) => ({ host: '127.0.0.1', port })) });
  }

  /** Closes the nodes that a test left open; then nothing may be open that was not before. */
  async end(): Promise<readonly string[]> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.close()));
    await this.#folders.remove();
    let left = await this.#leftOver();
    // The kernel closes a socket some turns of the event loop after it was asked to.
    for (let turn = 0; left.length > 0 && turn < 300; turn++) {
      await setTimeout(10);
      left = await this.#leftOver();
    }
    return left;
  }

  async #leftOver(): Promise<string[]> {
    const rest = [...this.#atRest];
    return (await openThings()).filter((thing) => {
      const at = rest.indexOf(thing);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  }
}

/** What keeps a process alive, or takes one of its descriptors. */
async function openThings(): Promise<string[]> {
  const resources = process.getActiveResourcesInfo().filter((kind) => kind !== 'FSReqPromise');
  const descriptors = process.platform === 'linux' ? await readdir('/proc/self/fd') : [];
  return [...resources, ...descriptors.map(() => 'descriptor')];
}

/** Bytes that do not repeat. */
export function someBytes(length: number, seed = 1): Buffer {
  return Buffer.from(seededRandom(seed).bytes(length));
}

export function byHash({ metainfo }: Share): FetchTarget {
  return { kind: 'infoHash', infoHash: metainfo.infoHash };
}

export function byTorrent({ metainfo }: Share): FetchTarget {
  const torrent: Torrent = {
    metainfo,
    trackers: [],
    webSeeds: [],
    comment: undefined,
    createdBy: undefined,
    creationDate: undefined,
  };
  return { kind: 'torrent', torrent };
}
