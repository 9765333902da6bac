import { LanshareError } from '../../errors.ts';
import {
  DEFAULT_NODE_PORT,
  MAX_NAME_BYTES,
  MAX_SEED_RATIO,
  TRACKER_INTERVAL_MAX_SECONDS,
  TRACKER_INTERVAL_MIN_SECONDS,
} from '../../limits.ts';
import { type FileChoice, parseFileChoice } from '../../metainfo/choose-files.ts';
import { namePartFault } from '../../metainfo/safe-name.ts';
import type { SeedPolicy } from '../../node/api.ts';
import { addressBytes, type Endpoint, parseEndpoint } from '../../platform/endpoint.ts';
import { parsePieceLength, parseRate, parseTime } from './units.ts';

/** What an option takes: how it is read, and what is said where that fails. */
export interface ValueKind<T> {
  readonly expected: string;
  /** Undefined where the text is not one. */
  parse(text: string): T | undefined;
}

/** Reads the value of `option` (`--port`). Throws USAGE. */
export function readValue<T>(kind: ValueKind<T>, option: string, text: string): T {
  const value = kind.parse(text);
  if (value !== undefined) return value;
  throw new LanshareError('USAGE', `${option} ${JSON.stringify(text)} is not valid: ${kind.expected}`);
}

export const anyText: ValueKind<string> = {
  expected: 'it is empty',
  parse: (text) => (text === '' ? undefined : text),
};

export const port: ValueKind<number> = {
  expected: 'a port is a number from 0 (any free one) to 65535',
  parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
};

export const peers: ValueKind<readonly Endpoint[]> = {
  expected: `a peer is HOST:PORT or [IPV6]:PORT, or HOST for port ${DEFAULT_NODE_PORT}`,
  parse: (text) => eachOf(text, (part) => parseEndpoint(part, DEFAULT_NODE_PORT)),
};

export const interfaces: ValueKind<readonly string[]> = {
  expected: 'an interface is named as the system names it, like eth0',
  parse: (text) => eachOf(text, (part) => (/^[^\s/]+$/.test(part) ? part : undefined)),
};

export const rate: ValueKind<number> = {
  expected: 'a rate is bytes a second, like 500K or 10MB/s',
  parse: parseRate,
};

export const pieceLength: ValueKind<number> = {
  expected: 'a piece length is a power of two from 16K to 64M, like 256K or 4M',
  parse: parsePieceLength,
};

/** A URL has to say it, and none can say the scope of a link-local IPv6 address. */
export const ipAddress: ValueKind<string> = {
  expected: 'it is an IP address of this machine, other than a link-local IPv6 one',
  parse: (text) => (addressBytes(text) === undefined || /^fe[89ab]|%/i.test(text) ? undefined : text),
};

export const dialect: ValueKind<'bittorrent'> = {
  expected: 'it can be bittorrent; the native dialect is what lanshare nodes speak anyway',
  parse: (text) => (text === 'bittorrent' ? text : undefined),
};

/** The trackers of one tier. */
export const trackerTier: ValueKind<readonly (readonly string[])[]> = {
  expected: 'a tracker is an address like http://host/announce or udp://host:port',
  parse(text) {
    const tier = eachOf(text, (part) => (isAddress(part, /^(?:https?|udp):\/\//i) ? part : undefined));
    return tier && [tier];
  },
};

/** No comma separates these: an address may have one. */
export const webSeed: ValueKind<readonly string[]> = {
  expected: 'a web seed is an address that starts with http:// or https://',
  parse: (text) => (isAddress(text, /^https?:\/\//i) ? [text] : undefined),
};

export const timeout: ValueKind<number> = {
  expected: 'a time is seconds, or like 30s, 5m or 1h, more than 0 and at most 24 days',
  parse: (text) => parseTime(text) || undefined,
};

export const trackerInterval: ValueKind<number> = {
  expected: 'it is a time from 30s to 6h',
  parse(text) {
    const ms = parseTime(text) ?? 0;
    const isFitting = ms >= TRACKER_INTERVAL_MIN_SECONDS * 1000 && ms <= TRACKER_INTERVAL_MAX_SECONDS * 1000;
    return isFitting ? ms : undefined;
  },
};

export const seed: ValueKind<SeedPolicy> = {
  expected: 'it is a time like 30s, 5m or 1h, or forever, or none',
  parse: parseSeed,
};

export const seedTime: ValueKind<number> = {
  expected: 'it is a time like 30s, 5m or 1h, more than 0 and at most 24 days',
  parse: timeout.parse,
};

export const seedRatio: ValueKind<number> = {
  expected: `a ratio is a number like 1 or 2.5, more than 0 and at most ${MAX_SEED_RATIO}`,
  parse(text) {
    const ratio = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
    return ratio > 0 && ratio <= MAX_SEED_RATIO ? ratio : undefined;
  },
};

export const fileChoice: ValueKind<FileChoice> = {
  expected: "files are chosen by numbers from 1 and patterns, like 1,3-5 or '*.flac,disc2/**'",
  parse: parseFileChoice,
};

/** What it is shared under becomes the file's name at everybody else's. */
export const sharedName: ValueKind<string> = {
  expected: `a name is one part of a path: no slash, not . or .., at most ${MAX_NAME_BYTES} bytes`,
  parse: (text) => (namePartFault(text) === undefined ? text : undefined),
};

function parseSeed(text: string): SeedPolicy | undefined {
  if (text === 'none') return { kind: 'none' };
  if (text === 'forever') return { kind: 'forever' };
  const ms = parseTime(text);
  return ms === undefined ? undefined : { kind: 'time', ms };
}

function isAddress(text: string, scheme: RegExp): boolean {
  return scheme.test(text) && !/\s/.test(text) && URL.canParse(text);
}

/** Comma-separated, as an environment variable has to hold several. */
function eachOf<T>(text: string, parse: (part: string) => T | undefined): readonly T[] | undefined {
  const values: T[] = [];
  for (const part of text.split(',')) {
    const value = parse(part.trim());
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
