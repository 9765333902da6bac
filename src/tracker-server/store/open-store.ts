import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { PeerStore } from './peer-store.ts';
import { readStoreUrl } from './store-url.ts';

export interface OpenStoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a peer is kept that does not announce again (`peerLifetimeSeconds`). */
  readonly keepSeconds: number;
  /** Ends the waiting for a server that is silent, with INTERRUPTED. */
  readonly signal?: AbortSignal;
}

/**
 * Opens what `--store` names: `memory`, `sqlite:PATH`, `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` (or `valkey://`;
 * `rediss://` and `valkeys://` for TLS). The packages behind them are loaded only then. Undefined for `memory`: a tracker's registry
 * is that already, and a store beside it would keep each peer twice.
 *
 * Rejects with a LanshareError: USAGE for anything else, and what `openSqliteStore` and `openRedisStore` say.
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<PeerStore | undefined> {
  const { clock, random, keepSeconds, signal } = options;
  const nowSeconds = (): number => Math.floor(clock.wallTime() / 1000);
  const place = readStoreUrl(url);
  switch (place.kind) {
    case 'memory':
      return undefined;
    case 'sqlite': {
      const { openSqliteStore } = await import('./sqlite/sqlite-store.ts');
      return openSqliteStore({ path: place.path, keepSeconds, nowSeconds });
    }
    case 'redis': {
      const { openRedisStore } = await import('./redis/redis-store.ts');
      return openRedisStore({ address: place, keepSeconds, nowSeconds, clock, random }, signal);
    }
  }
}
