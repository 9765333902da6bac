import type { LanshareError } from '../../errors.ts';
import { filesLength } from '../../metainfo/metainfo.ts';
import type { HolderChange, ListedHolder, Listing, NodeEvent } from '../../node/api.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { TrackerStatus } from '../../trackers/tracker-status.ts';
import type {
  CliEvent,
  ContentEntry,
  Failure,
  HolderEntry,
  HolderFound,
  HolderGone,
  TrackerEntry,
} from './events.ts';

/**
 * What the node says, in the command's words. Undefined for what the command says itself: `sharing` waits
 * until the .torrent is written.
 */
export function fromNode(event: NodeEvent): CliEvent | undefined {
  switch (event.event) {
    case 'listening':
      return { ...event, urls: [] };
    case 'hashing':
    case 'warning':
    case 'resuming':
    case 'seeding':
    case 'verifying':
    case 'verified':
      return event;
    case 'seeded':
      return { ...event, ratio: event.ratio ?? null };
    case 'sharing':
      return undefined;
    case 'withdrawn': {
      const { infoHash, path } = event;
      const { code, message, hint } = event.error;
      return { event: 'withdrawn', infoHash, path, code, message, hint };
    }
    case 'searching':
      return {
        event: 'searching',
        target: event.target,
        interfaces: unique(event.discovery.flatMap(({ interfaces }) => interfaces)),
        problems: unique(event.discovery.flatMap(({ problems }) => problems)),
      };
    case 'resolved': {
      const { infoHash, name, metainfo } = event;
      return {
        event: 'resolved',
        infoHash,
        name,
        size: metainfo === undefined ? null : filesLength(metainfo),
        pieces: metainfo?.pieceCount ?? null,
        pieceLength: metainfo?.pieceLength ?? null,
      };
    }
    case 'ambiguous':
      return { event: 'ambiguous', name: event.name, contents: event.contents.map(contentEntry) };
    case 'peer': {
      const { infoHash, peerId = null, endpoint, state, reason = null } = event;
      return { event: 'peer', infoHash, peerId, address: formatEndpoint(endpoint), state, reason };
    }
    case 'trackers':
      return { event: 'trackers', infoHash: event.infoHash, trackers: event.trackers.map(trackerEntry) };
    case 'progress':
      return { ...event, etaSeconds: event.etaSeconds ?? null };
    case 'done':
      return { ...event, path: event.path === '' ? null : event.path, remains: event.remains ?? null };
  }
}

function trackerEntry(status: TrackerStatus): TrackerEntry {
  const { url, state, message, seeders = null, leechers = null, interval = null, peersReceived } = status;
  return { url, state, message: message || null, seeders, leechers, interval, peersReceived };
}

export function contentEntry({ name, infoHash, length, pieceCount, holders }: Listing): ContentEntry {
  return {
    name,
    infoHash,
    size: length,
    pieces: pieceCount,
    holders: holders.map(holderEntry),
  };
}

export function holderChange(change: HolderChange): HolderFound | HolderGone {
  if (change.kind === 'gone') {
    const { infoHash, peerId } = change;
    return { event: 'gone', infoHash, peerId };
  }
  const { name, infoHash, length, pieceCount } = change.content;
  return {
    event: change.kind,
    name,
    infoHash,
    size: length,
    pieces: pieceCount,
    holder: holderEntry(change.holder),
  };
}

function holderEntry({ peerId, endpoints, paths, piecesHeld }: ListedHolder): HolderEntry {
  return { peerId, addresses: endpoints.map(formatEndpoint), paths, piecesHeld };
}

export function failure({ code, exitCode, message, hint }: LanshareError): Failure {
  return { event: 'error', code, exitCode, message, hint };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
