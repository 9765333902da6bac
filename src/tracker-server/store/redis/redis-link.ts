import { ConnectionTimeoutError, createClient, RESP_TYPES } from '@redis/client';
import type { LanshareError } from '../../../errors.ts';
import {
  MAX_REDIS_COMMANDS_WAITING,
  REDIS_CONNECT_TIMEOUT_MS,
  REDIS_PING_INTERVAL_MS,
  REDIS_SILENCE_MS,
} from '../../../limits.ts';
import { type Clock, sleep } from '../../../platform/clock.ts';
import { throwIfInterrupted } from '../../interrupted.ts';
import type { RedisAddress } from '../store-url.ts';
import { redisError } from './redis-faults.ts';

export interface RedisLinkOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly channel: string;
  /** Of the opening alone. */
  readonly signal: AbortSignal;
  readonly onMessage: (message: Buffer) => void;
  /** Once, after it was open, and not after `close`. */
  readonly onLost: (fault: LanshareError) => void;
}

/**
 * One connection, from its opening to its end: RESP3, so that the channel's messages come over it, too, in one order
 * with the answers. It is never mended: the package's own reconnecting and waiting are off, for whoever has lost it must
 * read what he missed.
 */
export interface RedisLink {
  /** The answer as it came, bytes as Buffers. Rejects with a LanshareError. */
  ask(command: readonly (string | Buffer)[]): Promise<unknown>;
  /** At once: what was not answered is rejected. */
  close(): void;
}

/** Resolves when the channel is heard. Rejects with NETWORK or NOT_PERMITTED. */
export async function openRedisLink(options: RedisLinkOptions): Promise<RedisLink> {
  const { address, clock, channel, signal, onMessage, onLost } = options;
  const client = clientFor(address);
  let state: 'opening' | 'open' | 'ended' = 'opening';
  let lost: LanshareError | undefined;
  const failed = new Promise<never>((_, reject) => {
    client.on('error', (error: unknown) => {
      // The first says why; what follows is that it is so.
      const fault = redisError(lost ?? error, address);
      lost = fault;
      const wasOpen = state === 'open';
      state = 'ended';
      client.destroy();
      reject(fault);
      if (wasOpen) onLost(fault);
    });
  });
  failed.catch(() => {});
  const enough = new AbortController();
  const given = AbortSignal.any([enough.signal, signal]);
  const opening = client.connect().then(() => client.subscribe(channel, onMessage, true));
  try {
    await Promise.race([opening, failed, tooLate(clock, given)]);
    throwIfInterrupted(signal);
    if (lost !== undefined) throw lost;
    state = 'open';
  } catch (error) {
    opening.catch(() => {});
    client.destroy();
    throw redisError(error, address);
  } finally {
    enough.abort();
  }
  return {
    async ask(command) {
      try {
        return await client.sendCommand([...command]);
      } catch (error) {
        throw redisError(lost ?? error, address);
      }
    },
    close() {
      state = 'ended';
      client.destroy();
    },
  };
}

function clientFor({ host, port, tls, database, username, password }: RedisAddress) {
  const socket = {
    host,
    port,
    connectTimeout: REDIS_CONNECT_TIMEOUT_MS,
    socketTimeout: REDIS_SILENCE_MS,
    reconnectStrategy: false,
  } as const;
  return createClient({
    RESP: 3,
    socket: tls ? { ...socket, tls: true } : socket,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    name: 'lanshare-tracker',
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_REDIS_COMMANDS_WAITING,
    pingInterval: REDIS_PING_INTERVAL_MS,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

async function tooLate(clock: Clock, signal: AbortSignal): Promise<never> {
  await sleep(clock, REDIS_CONNECT_TIMEOUT_MS, signal);
  throwIfInterrupted(signal);
  throw new ConnectionTimeoutError();
}
