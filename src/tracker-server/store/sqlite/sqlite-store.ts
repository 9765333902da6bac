import {
  COMPLETED_KEPT_SECONDS,
  LOCAL_SAVE_INTERVAL_MS,
  MAX_LOADED_ROWS_PER_BATCH,
  SQLITE_CACHE_BYTES,
  STORE_PURGE_INTERVAL_SECONDS,
} from '../../../limits.ts';
import { throwIfInterrupted } from '../../interrupted.ts';
import { CONTENT_ROW_BYTES, PEER_ROW_BYTES } from '../../registry/rows.ts';
import type { PeerStore, StoreBatch } from '../peer-store.ts';
import {
  APPLICATION_ID,
  CREATE,
  contentsAfter,
  peersAfter,
  purge,
  SCHEMA_VERSION,
  saveContents,
  savePeers,
} from './peer-database.ts';
import { damagedFile, foreignFile, newerFile, sqliteError } from './sqlite-faults.ts';
import { SqliteThread, type SqlStep } from './sqlite-thread.ts';

export interface SqliteStoreOptions {
  readonly path: string;
  /** How long a peer is kept that is not saved again. */
  readonly keepSeconds: number;
  /** Unix time. */
  readonly nowSeconds: () => number;
}

/**
 * A file that survives the process. Write-ahead logging with `synchronous = NORMAL`: a killed process loses nothing that
 * was saved, a power cut the last of it, and neither damages the file (sqlite.org/wal.html).
 *
 * Rejects where the file cannot be used: NO_SUCH_PATH, NOT_PERMITTED, IN_USE by another tracker, DISK where it is damaged
 * or somebody else's. It is never changed or deleted then.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<PeerStore> {
  const thread = new SqliteThread();
  try {
    await thread.open(options.path);
    await prepare(thread, options.path);
    return new SqliteStore(thread, options);
  } catch (error) {
    await thread.close();
    throw sqliteError(error, 'open', options.path);
  }
}

async function prepare(thread: SqliteThread, path: string): Promise<void> {
  // The lock is the system's: it goes with the process, however that ends.
  await thread.ask('PRAGMA locking_mode = EXCLUSIVE');
  const isNew = (await thread.ask('SELECT count(*) FROM sqlite_schema')) === 0;
  if (!isNew && (await thread.ask('PRAGMA application_id')) !== APPLICATION_ID) throw foreignFile(path);
  if (!isNew && Number(await thread.ask('PRAGMA user_version')) > SCHEMA_VERSION) throw newerFile(path);
  await thread.ask('PRAGMA journal_mode = WAL');
  await thread.ask('PRAGMA synchronous = NORMAL');
  await thread.ask(`PRAGMA cache_size = ${-SQLITE_CACHE_BYTES / 1024}`);
  // 0.4 s for a million peers.
  const checked = await thread.ask('PRAGMA quick_check(1)');
  if (checked !== 'ok')
    throw damagedFile(
      path,
      String(checked)
        .replaceAll(/\*{3}.*\*{3}\s*/g, '')
        .trim(),
    );
  await thread.transact(isNew ? CREATE.map((sql) => ({ sql, values: [] })) : []);
}

class SqliteStore implements PeerStore {
  readonly kind = 'sqlite';
  readonly saveIntervalMs = LOCAL_SAVE_INTERVAL_MS;
  readonly #thread: SqliteThread;
  readonly #options: SqliteStoreOptions;
  #purgedAt = 0;

  constructor(thread: SqliteThread, options: SqliteStoreOptions) {
    this.#thread = thread;
    this.#options = options;
  }

  async load(sinceSeconds: number, take: (batch: StoreBatch) => void, signal: AbortSignal): Promise<void> {
    const most = MAX_LOADED_ROWS_PER_BATCH;
    const none = new Uint8Array(0);
    const peers = this.#pages((last) => peersAfter(last, sinceSeconds, most), PEER_ROW_BYTES, signal);
    for await (const page of peers) take({ peers: page, contents: none });
    const contents = this.#pages((last) => contentsAfter(last, most), CONTENT_ROW_BYTES, signal);
    for await (const page of contents) take({ peers: none, contents: page });
  }

  async save({ peers, contents }: StoreBatch): Promise<void> {
    const nowSeconds = this.#options.nowSeconds();
    const steps: SqlStep[] = [];
    // Copies: after a failure the caller has the rows still.
    if (peers.length > 0) steps.push(...savePeers(Uint8Array.from(peers), peers.length / PEER_ROW_BYTES));
    if (contents.length > 0)
      steps.push(...saveContents(Uint8Array.from(contents), contents.length / CONTENT_ROW_BYTES, nowSeconds));
    const isPurged = nowSeconds - this.#purgedAt < STORE_PURGE_INTERVAL_SECONDS;
    if (!isPurged)
      steps.push(...purge(nowSeconds - this.#options.keepSeconds, nowSeconds - COMPLETED_KEPT_SECONDS));
    await this.#transact('write to', steps);
    if (!isPurged) this.#purgedAt = nowSeconds;
  }

  follow(): void {}

  close(): Promise<void> {
    return this.#thread.close();
  }

  /** Table by table, in the order of the key; changes made meanwhile do no harm. */
  async *#pages(
    after: (last: Uint8Array) => SqlStep,
    rowBytes: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let last: Uint8Array = new Uint8Array(0);
    for (;;) {
      throwIfInterrupted(signal);
      const page = await this.#transact('read', [after(last)]);
      if (page.length > 0) yield page;
      if (page.length < MAX_LOADED_ROWS_PER_BATCH * rowBytes) return;
      last = page.slice(-rowBytes);
    }
  }

  async #transact(action: string, steps: readonly SqlStep[]): Promise<Uint8Array> {
    try {
      return await this.#thread.transact(steps);
    } catch (error) {
      throw sqliteError(error, action, this.#options.path);
    }
  }
}
