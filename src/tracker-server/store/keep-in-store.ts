import type { Clock } from '../../platform/clock.ts';
import type { Closers } from '../closers.ts';
import { throwIfInterrupted } from '../interrupted.ts';
import { peerLifetimeSeconds } from '../registry/lifetime.ts';
import type { Registry } from '../registry/registry.ts';
import type { TrackerServerEvent } from '../tracker-server-api.ts';
import type { PeerStore } from './peer-store.ts';
import { StoreWriter } from './write-behind.ts';

export interface KeepInStoreOptions {
  readonly store: PeerStore;
  readonly registry: Registry;
  readonly intervalSeconds: number;
  readonly clock: Clock;
  /** Unix time. */
  readonly nowSeconds: () => number;
  readonly signal?: AbortSignal;
  readonly tell: (event: TrackerServerEvent) => void;
}

/** How the store is doing. */
export type KeptInStore = Pick<StoreWriter, 'unsaved' | 'fault'>;

/**
 * Gives the registry what the store knows, and the store from now on what the registry learns. Rejects with what `load`
 * says. With the closers, what is unsaved is saved; the store stays open.
 */
export async function keepInStore(
  { store, registry, intervalSeconds, clock, nowSeconds, signal, tell }: KeepInStoreOptions,
  closers: Closers,
): Promise<KeptInStore> {
  store.follow(
    (batch) => registry.merge(batch, nowSeconds()),
    () => registry.saveAll(),
  );
  const since = nowSeconds() - peerLifetimeSeconds(intervalSeconds);
  const never = new AbortController().signal;
  await store.load(since, (batch) => registry.merge(batch, nowSeconds()), signal ?? never);
  throwIfInterrupted(signal);
  const known = `${counted(registry.peers, 'peer')} of ${counted(registry.swarms.count, 'content')}`;
  tell({ event: 'store', state: 'loaded', message: `the ${store.kind} store is open: it knows ${known}` });
  const writer = new StoreWriter({
    store,
    rows: registry,
    clock,
    onFailing: ({ message }) =>
      tell({
        event: 'store',
        state: 'failing',
        message: `the store is failing, and what is new is kept in memory: ${message}`,
      }),
    onRecovered: () => tell({ event: 'store', state: 'recovered', message: 'the store works again' }),
  });
  closers.add(() => writer.close());
  return writer;
}

function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
