import { LanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import type { Torrent } from '../metainfo/metainfo.ts';
import type { Listener } from '../platform/network.ts';
import type { Acceptor } from './acceptor.ts';
import type {
  FetchOptions,
  FetchResult,
  FetchTarget,
  HolderChange,
  LanshareNode,
  Listing,
  SeedOptions,
  Share,
  ShareOptions,
} from './api.ts';
import type { NodeContext } from './context.ts';
import { fetchContent } from './fetch-content.ts';
import { listContents } from './list-contents.ts';
import { seedContent } from './seed-content.ts';
import { shareContent } from './share-content.ts';
import { watchContents } from './watch-contents.ts';

/** A node that listens, and what is under way on it. */
export class RunningNode implements LanshareNode {
  readonly #context: NodeContext;
  readonly #listener: Listener;
  readonly #acceptor: Acceptor;
  readonly #closing: AbortController;
  /** Shares and fetches under way, which close by themselves when the node does. */
  readonly #shares = new Set<Share>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(
    context: NodeContext,
    listener: Listener,
    acceptor: Acceptor,
    closing: AbortController,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context;
    this.#listener = listener;
    this.#acceptor = acceptor;
    this.#closing = closing;
    if (signal?.aborted === true) void this.close();
    signal?.addEventListener('abort', () => void this.close(), { once: true, signal: closing.signal });
  }

  get port(): number {
    return this.#listener.port;
  }

  get peerId(): PeerId {
    return this.#context.local.peerId;
  }

  discovery() {
    return this.#context.finder.reports();
  }

  async share(path: string, options: ShareOptions = {}): Promise<Share> {
    this.#refuseClosed();
    const share = await this.#track(shareContent(this.#context, path, options));
    this.#shares.add(share);
    return share;
  }

  async seed(torrent: Torrent, path: string, options: SeedOptions = {}): Promise<Share> {
    this.#refuseClosed();
    const share = await this.#track(seedContent(this.#context, torrent, path, options));
    this.#shares.add(share);
    return share;
  }

  async fetch(what: FetchTarget, options: FetchOptions = {}): Promise<FetchResult> {
    this.#refuseClosed();
    const result = await this.#track(fetchContent(this.#context, what, options));
    void this.#track(result.seeded);
    return result;
  }

  async list(options: { waitMs?: number; signal?: AbortSignal } = {}): Promise<readonly Listing[]> {
    this.#refuseClosed();
    return this.#track(listContents(this.#context, options.waitMs, this.#until(options.signal)));
  }

  async watch(onChange: (change: HolderChange) => void, signal?: AbortSignal): Promise<void> {
    this.#refuseClosed();
    return this.#track(watchContents(this.#context, onChange, this.#until(signal)));
  }

  nodesHeard() {
    return this.#context.finder.nodesHeard();
  }

  trackersFound() {
    return this.#context.finder.trackers.urls();
  }

  examine(port: number, signal: AbortSignal) {
    return this.#context.finder.examine(port, this.#until(signal));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { finder, contents, tracking, hasher } = this.#context;
    this.#closing.abort(new LanshareError('INTERRUPTED', 'the node was closed'));
    contents.stop();
    this.#logDrops();
    const goodbye = finder.close();
    // A fetch that is whole still has its seeding to end.
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await Promise.allSettled([...this.#shares].map((share) => share.close()));
    this.#acceptor.close();
    await Promise.all([goodbye, tracking.close(), this.#listener.close(), hasher.close()]);
  }

  #logDrops(): void {
    const { finder, logger } = this.#context;
    for (const { path, dropped } of finder.reports())
      if (dropped !== undefined && dropped.size > 0)
        logger.debug({ path, dropped: Object.fromEntries(dropped) }, 'datagrams dropped in all');
  }

  /** Aborts with the caller's signal, and when the node closes. */
  #until(signal: AbortSignal | undefined): AbortSignal {
    const { closing } = this.#context;
    return signal === undefined ? closing : AbortSignal.any([closing, signal]);
  }

  #refuseClosed(): void {
    if (this.#closed !== undefined) throw new LanshareError('INTERRUPTED', 'the node is closed');
  }

  /** Closing waits for it. Its failure is the caller's to see. */
  #track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => {},
      () => {},
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return work;
  }
}
