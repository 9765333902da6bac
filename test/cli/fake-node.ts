import { createHash } from 'node:crypto';
import type { DiscoveryReport } from '../../src/discovery/discovery.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import { buildInfo } from '../../src/metainfo/create-torrent.ts';
import type { Metainfo, Torrent } from '../../src/metainfo/metainfo.ts';
import { parseInfo } from '../../src/metainfo/parse-torrent.ts';
import type {
  FetchOptions,
  FetchResult,
  FetchTarget,
  HolderChange,
  LanshareNode,
  Listing,
  NodeEvent,
  NodeOptions,
  SeedOptions,
  Share,
  ShareOptions,
} from '../../src/node/api.ts';

export const PEER_ID = 'ab'.repeat(20) as PeerId;

/** What a fake node does instead of network and disk. */
export interface Script {
  readonly fetch?: (what: FetchTarget, options: FetchOptions, tell: Tell) => Promise<FetchResult>;
  readonly share?: (path: string, options: ShareOptions, tell: Tell) => Promise<Share>;
  readonly seed?: (metainfo: Metainfo, path: string, options: SeedOptions, tell: Tell) => Promise<Share>;
  readonly list?: (options?: { waitMs?: number }) => Promise<readonly Listing[]>;
  readonly discovery?: readonly DiscoveryReport[];
  readonly watch?: (onChange: (change: HolderChange) => void, signal: AbortSignal) => Promise<void>;
  readonly nodesHeard?: number;
  readonly trackersFound?: readonly string[];
}

export type Tell = (event: NodeEvent) => void;

/** A node that follows a script and remembers what it was asked. */
export class FakeNode implements LanshareNode {
  readonly port = 47_470;
  readonly peerId = PEER_ID;
  readonly calls: string[] = [];
  readonly options: NodeOptions;
  readonly #script: Script;

  constructor(script: Script, options: NodeOptions) {
    this.#script = script;
    this.options = options;
    this.tell({ event: 'listening', port: this.port, interfaces: ['eth0 (10.77.0.2)'] });
  }

  readonly tell: Tell = (event) => this.options.onEvent?.(event);

  discovery(): readonly DiscoveryReport[] {
    return this.#script.discovery ?? [{ path: 'mdns', interfaces: ['eth0 (10.77.0.2)'], problems: [] }];
  }

  async share(path: string, options: ShareOptions = {}): Promise<Share> {
    this.calls.push(`share ${path}`);
    return (this.#script.share ?? shareAsIs)(path, options, this.tell);
  }

  async seed({ metainfo }: Torrent, path: string, options: SeedOptions = {}): Promise<Share> {
    this.calls.push(`seed ${path}`);
    return (this.#script.seed ?? seedWhole)(metainfo, path, options, this.tell);
  }

  async fetch(what: FetchTarget, options: FetchOptions = {}): Promise<FetchResult> {
    this.calls.push(`fetch ${what.kind}`);
    if (this.#script.fetch === undefined) throw new Error('this test does not fetch');
    return this.#script.fetch(what, options, this.tell);
  }

  trackersFound(): readonly string[] {
    return this.#script.trackersFound ?? [];
  }

  async list(options?: { waitMs?: number }): Promise<readonly Listing[]> {
    this.calls.push('list');
    return this.#script.list?.(options) ?? [];
  }

  async watch(
    onChange: (change: HolderChange) => void,
    signal = new AbortController().signal,
  ): Promise<void> {
    this.calls.push('watch');
    await this.#script.watch?.(onChange, signal);
  }

  nodesHeard(): number {
    return this.#script.nodesHeard ?? 0;
  }

  async examine(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

/** A `createNode` for a host, and the nodes it made. */
export function scripted(script: Script) {
  const nodes: FakeNode[] = [];
  const createNode = async (options: NodeOptions): Promise<LanshareNode> => {
    const node = new FakeNode(script, options);
    nodes.push(node);
    return node;
  };
  return { nodes, createNode };
}

/** The description of a single file with this name and content. */
export function metainfoOf(name: string, content = `content of ${name}`): Metainfo {
  const bytes = Buffer.from(content);
  return parseInfo(
    buildInfo({
      name,
      kind: 'file',
      files: [{ path: [], length: bytes.length, executable: false }],
      pieceLength: 256 * 1024,
      pieceHashes: createHash('sha1').update(bytes).digest(),
    }),
  );
}

export async function shareAsIs(path: string, { name }: ShareOptions): Promise<Share> {
  const metainfo = metainfoOf(name ?? path.slice(path.lastIndexOf('/') + 1));
  return { metainfo, path, uploadedBytes: 5_000_000, close: async () => {} };
}

export async function seedWhole(metainfo: Metainfo, path: string): Promise<Share> {
  return { metainfo, path, uploadedBytes: 5_000_000, close: async () => {} };
}

/** The end of a fetch, as a node tells and returns it. */
export function wholeFetch(metainfo: Metainfo, path: string, tell: Tell): FetchResult {
  const done = {
    path,
    bytes: metainfo.length,
    downloadedBytes: metainfo.length,
    seconds: 2.5,
    peers: 3,
    alreadyThere: false,
    remains: undefined,
  };
  tell({ event: 'done', infoHash: metainfo.infoHash, name: metainfo.name, ...done });
  return { metainfo, ...done, seeded: Promise.resolve() };
}
