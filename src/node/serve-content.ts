import { LanshareError } from '../errors.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { repeat, type Timer } from '../platform/clock.ts';
import type { SourceStore } from '../storage/source-store.ts';
import type { SeedGoal, Share } from './api.ts';
import type { NodeContext } from './context.ts';
import { type OpenedSwarm, openSwarm } from './open-swarm.ts';
import { type ProgressReport, reportProgress } from './report-progress.ts';
import { seedUntil } from './seed-until.ts';

/** How often a share looks whether its files are still what was hashed, while nobody fetches it. */
const SOURCE_WATCH_INTERVAL_MS = 2_000;

/** What is served, and how it is told. */
export interface ServedContent {
  readonly store: SourceStore;
  /** Where it lies, for people. */
  readonly path: string;
  /** Tiers (BEP 12), beside those of the node. */
  readonly trackers?: readonly (readonly string[])[];
  /** Default: never. */
  readonly until?: SeedGoal | undefined;
}

/** Serves and announces a content until the share or the node is closed, it changes, or its goal is reached. */
export function serveContent(context: NodeContext, content: ServedContent): Share {
  const serving = new Serving(context, content);
  const { metainfo, path } = serving;
  context.emit({ event: 'sharing', metainfo, path, port: context.local.port });
  if (content.until !== undefined) void serving.endAt(content.until);
  return serving;
}

class Serving implements Share {
  readonly metainfo: Metainfo;
  readonly path: string;
  readonly #context: NodeContext;
  readonly #store: SourceStore;
  readonly #opened: OpenedSwarm;
  readonly #progress: ProgressReport;
  readonly #watching: Timer;
  readonly #ending = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(context: NodeContext, { store, path, trackers = [] }: ServedContent) {
    const { clock, contents, emit } = context;
    const { infoHash } = store.metainfo;
    this.metainfo = store.metainfo;
    this.path = path;
    this.#context = context;
    this.#store = store;
    this.#opened = openSwarm(context, {
      infoHash,
      trackers,
      private: store.metainfo.private,
      events: {
        onMetainfo() {},
        onFault() {},
        onPiece() {},
        onComplete() {},
        onSourceFault: (error) => this.#onSourceFault(error),
      },
    });
    this.#opened.activate(store);
    contents.hold(infoHash, store);
    this.#progress = reportProgress(clock, this.#opened.swarm, store, emit);
    this.#watching = repeat(clock, SOURCE_WATCH_INTERVAL_MS, () => void this.#look());
  }

  get uploadedBytes(): number {
    return this.#opened.swarm.counters.uploadedBytes;
  }

  async endAt(goal: SeedGoal): Promise<void> {
    const { clock, emit } = this.#context;
    const served = { clock, swarm: this.#opened.swarm, store: this.#store };
    const seeded = await seedUntil(goal, served, this.#ending.signal);
    if (seeded === undefined) return;
    await this.close();
    emit(seeded);
  }

  close(): Promise<void> {
    return this.#close('closing');
  }

  #close(reason: 'closing' | 'withdrawn'): Promise<void> {
    this.#closed ??= this.#stop(reason);
    return this.#closed;
  }

  async #stop(reason: 'closing' | 'withdrawn'): Promise<void> {
    this.#ending.abort();
    this.#watching.cancel();
    this.#progress.stop();
    await this.#opened.close(reason);
    await this.#store.close();
  }

  async #look(): Promise<void> {
    try {
      await this.#store.check();
    } catch (error) {
      // What cannot be looked at now may be later.
      if (error instanceof LanshareError && error.code === 'SHARE_CHANGED') this.#withdraw(error);
    }
  }

  #onSourceFault(error: LanshareError): void {
    if (error.code === 'SHARE_CHANGED') this.#withdraw(error);
    else this.#context.logger.warn({ path: this.path, error: error.message }, 'a piece could not be read');
  }

  #withdraw(error: LanshareError): void {
    if (this.#closed !== undefined) return;
    void this.#close('withdrawn');
    const { infoHash } = this.metainfo;
    this.#context.emit({ event: 'withdrawn', infoHash, path: this.path, error });
  }
}
