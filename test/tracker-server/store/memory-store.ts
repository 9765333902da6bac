import {
  LOCAL_SAVE_INTERVAL_MS,
  MAX_LOADED_ROWS_PER_BATCH,
  STORE_PURGE_INTERVAL_SECONDS,
} from '../../../src/limits.ts';
import {
  CONTENT_ROW_BYTES,
  PEER_ROW_AT,
  PEER_ROW_BYTES,
  PEER_STATES,
} from '../../../src/tracker-server/registry/rows.ts';
import type { PeerStore, StoreBatch } from '../../../src/tracker-server/store/peer-store.ts';

export interface MemoryStoreOptions {
  /** How long a peer is kept that is not saved again. */
  readonly keepSeconds: number;
  /** Unix time. */
  readonly nowSeconds: () => number;
}

/**
 * Keeps as long as the process lives what the other stores keep for longer, for tests in which one tracker takes over
 * from another. A tracker with `--store memory` has no store at all: its registry is its memory, and this would keep
 * each peer twice.
 */
export class MemoryStore implements PeerStore {
  readonly kind = 'memory';
  readonly saveIntervalMs = LOCAL_SAVE_INTERVAL_MS;
  readonly #options: MemoryStoreOptions;
  /** By info-hash and endpoint. */
  readonly #peers = new Map<string, Uint8Array>();
  readonly #completed = new Map<string, Uint8Array>();
  #purgedAt = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  load(sinceSeconds: number, take: (batch: StoreBatch) => void): Promise<void> {
    const recent = [...this.#peers.values()].filter((row) => seenAt(row) >= sinceSeconds);
    for (let from = 0; from < recent.length; from += MAX_LOADED_ROWS_PER_BATCH)
      take({
        peers: Buffer.concat(recent.slice(from, from + MAX_LOADED_ROWS_PER_BATCH)),
        contents: new Uint8Array(0),
      });
    take({ peers: new Uint8Array(0), contents: Buffer.concat([...this.#completed.values()]) });
    return Promise.resolve();
  }

  save({ peers, contents }: StoreBatch): Promise<void> {
    for (const row of rowsOf(peers, PEER_ROW_BYTES)) this.#savePeer(row);
    for (const row of rowsOf(contents, CONTENT_ROW_BYTES)) this.#saveContent(row);
    this.#purge();
    return Promise.resolve();
  }

  follow(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  #purge(): void {
    const nowSeconds = this.#options.nowSeconds();
    if (nowSeconds - this.#purgedAt < STORE_PURGE_INTERVAL_SECONDS) return;
    this.#purgedAt = nowSeconds;
    for (const [key, row] of this.#peers)
      if (seenAt(row) < nowSeconds - this.#options.keepSeconds) this.#peers.delete(key);
  }

  #savePeer(row: Uint8Array): void {
    const infoHash = row.subarray(0, PEER_ROW_AT.peerId);
    const key = keyOf(Buffer.concat([infoHash, row.subarray(PEER_ROW_AT.address, PEER_ROW_AT.state)]));
    const known = this.#peers.get(key);
    if (known !== undefined && seenAt(known) > seenAt(row)) return;
    if (row[PEER_ROW_AT.state] === PEER_STATES.gone) this.#peers.delete(key);
    else this.#peers.set(key, row);
  }

  #saveContent(row: Uint8Array): void {
    const key = keyOf(row.subarray(0, 20));
    const known = this.#completed.get(key);
    if (known === undefined || Buffer.compare(known, row) < 0) this.#completed.set(key, row);
  }
}

/** Copies: the batch is the caller's, and a Buffer's `slice` would be none. */
function* rowsOf(rows: Uint8Array, rowBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < rows.length; at += rowBytes) yield Uint8Array.from(rows.subarray(at, at + rowBytes));
}

function seenAt(row: Uint8Array): number {
  return new DataView(row.buffer, row.byteOffset).getUint32(PEER_ROW_AT.seenAt);
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
