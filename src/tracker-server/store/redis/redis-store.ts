import { LanshareError } from '../../../errors.ts';
import {
  REDIS_SAVE_INTERVAL_MS,
  STORE_FLUSH_TIMEOUT_MS,
  STORE_RETRY_MAX_MS,
  STORE_RETRY_MIN_MS,
} from '../../../limits.ts';
import { type Clock, sleep } from '../../../platform/clock.ts';
import type { Random } from '../../../platform/random.ts';
import type { PeerStore, StoreBatch } from '../peer-store.ts';
import type { RedisAddress } from '../store-url.ts';
import { loadRows } from './load-rows.ts';
import { redisError } from './redis-faults.ts';
import { channelName } from './redis-keys.ts';
import { openRedisLink, type RedisLink } from './redis-link.ts';
import { decodeMessage, encodeMessage, ORIGIN_BYTES } from './redis-message.ts';
import { SAVE_SCRIPT } from './save-script.ts';

export interface RedisStoreOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a peer is kept that is not saved again. */
  readonly keepSeconds: number;
  /** Unix time. */
  readonly nowSeconds: () => number;
}

/**
 * Several trackers on one Redis or Valkey serve one swarm: what one saves is published to the others, and kept for those
 * that start later or were cut off. Rejects where the server cannot be used now: NETWORK, NOT_PERMITTED; with INTERRUPTED
 * when the signal aborts before it is clear.
 */
export async function openRedisStore(options: RedisStoreOptions, signal?: AbortSignal): Promise<PeerStore> {
  const store = new RedisStore(options);
  await store.open(signal);
  return store;
}

class RedisStore implements PeerStore {
  readonly kind = 'redis';
  readonly saveIntervalMs = REDIS_SAVE_INTERVAL_MS;
  readonly #options: RedisStoreOptions;
  readonly #channel: string;
  readonly #origin: Uint8Array;
  readonly #closing = new AbortController();
  /** Or why there is none. */
  #link: RedisLink | LanshareError = new LanshareError('NETWORK', 'there is no connection to Redis yet');
  #take: ((batch: StoreBatch) => void) | undefined;
  #onEmptied: (() => void) | undefined;
  #reconnecting: Promise<void> | undefined;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#channel = channelName(options.address.database);
    this.#origin = options.random.bytes(ORIGIN_BYTES);
  }

  async open(signal = this.#closing.signal): Promise<RedisLink> {
    const link = await openRedisLink({
      ...this.#options,
      signal,
      channel: this.#channel,
      onMessage: (message) => this.#heard(message),
      onLost: (fault) => {
        this.#link = fault;
        this.#reconnecting ??= this.#reconnect();
      },
    });
    if (this.#closing.signal.aborted) link.close();
    else this.#link = link;
    return link;
  }

  async load(sinceSeconds: number, take: (batch: StoreBatch) => void, signal: AbortSignal): Promise<void> {
    await loadRows(this.#linked(), sinceSeconds, take, signal);
  }

  async save(batch: StoreBatch): Promise<void> {
    const message = encodeMessage(this.#origin, batch);
    const { keepSeconds } = this.#options;
    const saving = this.#linked().ask([
      'EVAL',
      SAVE_SCRIPT,
      '0',
      message,
      this.#channel,
      String(keepSeconds),
    ]);
    this.#saving = saving.catch(() => {});
    await saving;
  }

  follow(take: (batch: StoreBatch) => void, onEmptied?: () => void): void {
    this.#take = take;
    this.#onEmptied = onEmptied;
  }

  async close(): Promise<void> {
    this.#closing.abort(new LanshareError('INTERRUPTED', 'the store was closed'));
    const saved = new AbortController();
    await Promise.race([this.#saving, sleep(this.#options.clock, STORE_FLUSH_TIMEOUT_MS, saved.signal)]);
    saved.abort();
    if (!(this.#link instanceof LanshareError)) this.#link.close();
    await this.#reconnecting;
    this.#link = new LanshareError('INTERRUPTED', 'the store was closed');
  }

  #linked(): RedisLink {
    if (this.#link instanceof LanshareError) throw this.#link;
    return this.#link;
  }

  #heard(message: Buffer): void {
    const batch = decodeMessage(message, this.#origin);
    if (batch !== undefined) this.#take?.(batch);
  }

  /** Until it has a link over which what was missed has been read. */
  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    let waitMs = STORE_RETRY_MIN_MS;
    do {
      await sleep(this.#options.clock, waitMs, signal);
      waitMs = Math.min(waitMs * 2, STORE_RETRY_MAX_MS);
    } while (!signal.aborted && !(await this.#opensAndCatchesUp(signal)));
    this.#reconnecting = undefined;
  }

  async #opensAndCatchesUp(signal: AbortSignal): Promise<boolean> {
    const { address } = this.#options;
    let link: RedisLink | undefined;
    try {
      link = await this.open();
      if (this.#take !== undefined) await this.#catchUp(link, this.#take, signal);
      return this.#link === link;
    } catch (error) {
      link?.close();
      this.#link = redisError(error, address);
      return false;
    }
  }

  async #catchUp(link: RedisLink, take: (batch: StoreBatch) => void, signal: AbortSignal): Promise<void> {
    const { nowSeconds, keepSeconds } = this.#options;
    let hasPeers = false;
    const takeSome = (batch: StoreBatch): void => {
      if (batch.peers.length > 0) hasPeers = true;
      take(batch);
    };
    await loadRows(link, nowSeconds() - keepSeconds, takeSome, signal);
    // It was started again without a file, say, or another one has taken its place. Counts of completions prove nothing:
    // they are read last, and may be those of a save that went on as soon as there was a connection.
    if (!hasPeers) this.#onEmptied?.();
  }
}
