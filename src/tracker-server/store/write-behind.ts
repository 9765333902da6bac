import { asLanshareError, type LanshareError } from '../../errors.ts';
import {
  MAX_SAVED_ROWS_PER_BATCH,
  STORE_FLUSH_TIMEOUT_MS,
  STORE_REST_RATIO,
  STORE_RETRY_MAX_MS,
  STORE_RETRY_MIN_MS,
} from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import { CONTENT_ROW_BYTES, PEER_ROW_BYTES } from '../registry/rows.ts';
import type { PeerStore, StoreBatch } from './peer-store.ts';

/** Who has the changes; the registry. */
export interface UnsavedRows {
  /** Those that it has not given yet, at most `mostRows` peers; empty where there are none. */
  takeUnsaved(mostRows: number): StoreBatch;
  /** How many rows that is, of peers and contents. */
  readonly unsaved: number;
}

export interface StoreWriterOptions {
  readonly store: PeerStore;
  readonly rows: UnsavedRows;
  readonly clock: Clock;
  /** Once when the store begins to fail, not for each attempt. */
  readonly onFailing: (fault: LanshareError) => void;
  readonly onRecovered: () => void;
}

/**
 * Saves what has changed, one batch at a time, every `saveIntervalMs`. A batch that cannot be saved is kept and tried
 * again, less and less often; all other changes stay where they are meanwhile, so a failing store costs no memory.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #batch: StoreBatch | undefined;
  #fault: LanshareError | undefined;
  #retryMs = STORE_RETRY_MIN_MS;

  /** Starts at once. */
  constructor(options: StoreWriterOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Why the last attempt failed; undefined while the store works. */
  get fault(): LanshareError | undefined {
    return this.#fault;
  }

  /** Rows that the store has not kept yet: those of the batch under way, and those behind it. */
  get unsaved(): number {
    const { peers, contents } = this.#batch ?? { peers: [], contents: [] };
    const underWay = peers.length / PEER_ROW_BYTES + contents.length / CONTENT_ROW_BYTES;
    return underWay + this.#options.rows.unsaved;
  }

  /** Saves what is left, within STORE_FLUSH_TIMEOUT_MS; a store that is failing is tried once more. The store stays open. */
  async close(): Promise<void> {
    this.#ending.abort();
    const flushed = new AbortController();
    const timeout = sleep(this.#options.clock, STORE_FLUSH_TIMEOUT_MS, flushed.signal);
    const last = this.#running.then(() => this.#saveAll(flushed.signal));
    await Promise.race([last, timeout]);
    flushed.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const delayMs = this.#fault === undefined ? this.#options.store.saveIntervalMs : this.#retryMs;
      await sleep(this.#options.clock, delayMs, signal);
      await this.#saveAll(signal);
    }
  }

  /** Until nothing is left, the store fails, or the signal aborts. At the end there is no time for rests. */
  async #saveAll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      this.#batch ??= this.#take();
      if (this.#batch === undefined) return;
      const startedAt = clock.now();
      if (!(await this.#save(this.#batch))) return;
      this.#batch = undefined;
      // Under a flood a store would else take the processor from those who answer.
      const restMs = (clock.now() - startedAt) * STORE_REST_RATIO;
      if (restMs > 0 && !this.#ending.signal.aborted) await sleep(clock, restMs, this.#ending.signal);
    }
  }

  #take(): StoreBatch | undefined {
    const batch = this.#options.rows.takeUnsaved(MAX_SAVED_ROWS_PER_BATCH);
    return batch.peers.length + batch.contents.length === 0 ? undefined : batch;
  }

  async #save(batch: StoreBatch): Promise<boolean> {
    try {
      await this.#options.store.save(batch);
    } catch (error) {
      this.#failed(asLanshareError(error));
      return false;
    }
    if (this.#fault !== undefined) this.#recovered();
    return true;
  }

  #failed(fault: LanshareError): void {
    const isNew = this.#fault === undefined;
    this.#retryMs = isNew ? STORE_RETRY_MIN_MS : Math.min(this.#retryMs * 2, STORE_RETRY_MAX_MS);
    this.#fault = fault;
    if (isNew) this.#options.onFailing(fault);
  }

  #recovered(): void {
    this.#fault = undefined;
    this.#options.onRecovered();
  }
}
