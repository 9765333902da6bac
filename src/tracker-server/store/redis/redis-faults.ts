import { DisconnectsClientError, SocketClosedUnexpectedlyError } from '@redis/client';
import { type ErrorCode, LanshareError, systemErrorCode } from '../../../errors.ts';
import type { RedisAddress } from '../store-url.ts';

/** What is said of an error whose text matches. A server's own errors begin with a word in capitals (NOAUTH, OOM). */
interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly sentence: (where: string, text: string) => string;
  readonly hint: string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /^NOAUTH/,
    code: 'NOT_PERMITTED',
    sentence: (where) => `${where} wants a password`,
    hint: 'write it as in redis://:PASSWORD@HOST or redis://USER:PASSWORD@HOST',
  },
  {
    pattern: /^WRONGPASS/,
    code: 'NOT_PERMITTED',
    sentence: (where) => `${where} refuses this user and password`,
    hint: 'check them',
  },
  {
    pattern: /^NOPERM/,
    code: 'NOT_PERMITTED',
    sentence: (where, text) => `${where} does not allow this user what a tracker needs: ${text}`,
    hint: 'allow it EVAL, SCAN, HSCAN, MGET, SUBSCRIBE and PUBLISH, and all keys below lanshare:tracker:',
  },
  {
    pattern: /^Unknown RESP type/,
    code: 'NETWORK',
    sentence: (where) => `what answers as ${where} is not Redis`,
    hint: 'check host and port',
  },
  {
    pattern: /unknown command .?HELLO/i,
    code: 'NETWORK',
    sentence: (where) => `${where} is too old`,
    hint: 'use Redis 6 or Valkey',
  },
  {
    pattern: /^[A-Z]{2,} /,
    code: 'NETWORK',
    sentence: (where, text) => `${where} refuses to work: ${text}`,
    hint: 'see what its log says',
  },
  {
    pattern: /certificate/i,
    code: 'NETWORK',
    sentence: (where, text) => `${where} cannot be trusted: ${text}`,
    hint: 'name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS',
  },
];

/** What went wrong with a server, as a sentence that names it. */
export function redisError(error: unknown, { host, port }: RedisAddress): LanshareError {
  if (error instanceof LanshareError) return error;
  const where = `Redis at ${host.includes(':') ? `[${host}]` : host}:${port}`;
  const text = error instanceof Error ? error.message : String(error);
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  if (rule !== undefined)
    return new LanshareError(rule.code, rule.sentence(where, text), rule.hint, { cause: error });
  return new LanshareError(
    'NETWORK',
    `${where} cannot be used: ${reason(error, text)}`,
    'check that it runs, host and port, and whether it wants TLS (rediss://)',
    { cause: error },
  );
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
};

function reason(error: unknown, text: string): string {
  if (error instanceof Error && error.constructor.name.endsWith('TimeoutError')) return 'it does not answer';
  // Of what was asked when the connection was given up from this side.
  if (error instanceof DisconnectsClientError) return 'it has not answered in time';
  if (error instanceof SocketClosedUnexpectedlyError) return 'it closed the connection';
  return WORDS[systemErrorCode(error) ?? ''] ?? text;
}
