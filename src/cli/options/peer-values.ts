import { type ListedPeerId, listedPeerId } from '../../classroom/config/project.ts';
import { type Endpoint, parseEndpoint } from '../../platform/endpoint.ts';
import { parseSize, parseTime } from './units.ts';
import type { ValueKind } from './values.ts';

export const peerId: ValueKind<ListedPeerId> = {
  expected: 'an ID is a number as PeerInfo.cfg lists it, like 1001',
  parse: (text) => (/^\d{1,10}$/.test(text) ? listedPeerId(Number(text)) : undefined),
};

/** Where a program listens; there is no customary port. */
export const listeningPeer: ValueKind<Endpoint> = {
  expected: 'it is HOST:PORT or [IPV6]:PORT',
  parse: (text) => (/^(\[.+\]|[^:]+):\d{1,5}$/.test(text) ? parseEndpoint(text, 1) : undefined),
};

export const wholeNumber: ValueKind<number> = {
  expected: 'it is a whole number, 1 or more',
  parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) || undefined : undefined),
};

export const pieceSize: ValueKind<number> = {
  expected: 'it is a size of one byte or more, like 16384 or 1M',
  parse: parseSize,
};

export const waitTime: ValueKind<number> = {
  expected: 'a time is seconds, or like 30s, 5m or 1h, at most 24 days',
  parse: parseTime,
};

/** Common.cfg has whole seconds. */
export const wholeSeconds: ValueKind<number> = {
  expected: 'it is a time of whole seconds, like 5s or 2m, more than 0',
  parse(text) {
    const ms = parseTime(text) ?? 0;
    return ms > 0 && ms % 1_000 === 0 ? ms : undefined;
  },
};
