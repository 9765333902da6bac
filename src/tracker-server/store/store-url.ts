import { LanshareError } from '../../errors.ts';
import { printableName } from '../../metainfo/printable-name.ts';

export type StorePlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'redis' } & RedisAddress);

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A server has several, by number. */
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const REDIS_PORT = 6379;

/** What `--store` names. Throws USAGE, in words that do not give a password away. */
export function readStoreUrl(text: string): StorePlace {
  if (text === 'memory' || text === 'memory:') return { kind: 'memory' };
  if (text === 'sqlite') throw noPath();
  if (text.startsWith('sqlite:')) return { kind: 'sqlite', path: sqlitePath(text.slice('sqlite:'.length)) };
  if (/^(redis|valkey)s?:\/\//i.test(text)) return { kind: 'redis', ...redisAddress(text) };
  throw new LanshareError(
    'USAGE',
    `there is no store ${printableName(withoutPassword(text))}`,
    'use memory, sqlite:PATH or redis://HOST:PORT',
  );
}

function sqlitePath(text: string): string {
  // sqlite:///path, as many programs have it, is sqlite:/path.
  const path = text.startsWith('///') ? text.slice(2) : text;
  if (path !== '' && !path.startsWith('//') && !path.startsWith(':') && !path.includes('\0')) return path;
  throw noPath();
}

function noPath(): LanshareError {
  return new LanshareError('USAGE', 'sqlite: needs the path of a file', 'write it as in sqlite:tracker.db');
}

function redisAddress(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = /^\/?(\d{0,4})$/.exec(url?.pathname ?? 'none')?.[1];
  if (url === undefined || url.hostname === '' || database === undefined || url.search + url.hash !== '')
    throw notRedis(text);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? REDIS_PORT : Number(url.port),
    tls: url.protocol === 'rediss:' || url.protocol === 'valkeys:',
    database: Number(database),
    username: decoded(url.username, text),
    password: decoded(url.password, text),
  };
}

function decoded(part: string, text: string): string | undefined {
  try {
    return part === '' ? undefined : decodeURIComponent(part);
  } catch {
    throw notRedis(text);
  }
}

function notRedis(text: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `${printableName(withoutPassword(text))} is not the address of a Redis server`,
    'write it as in redis://10.0.0.5:6379/0',
  );
}

/** What stands before the last @ may be one. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/, '//...@');
}
