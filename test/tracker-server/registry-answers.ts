import {
  DEFAULT_PEERS_PER_ANSWER,
  MAX_PEERS_PER_ANSWER,
  MAX_SCRAPED_WITHOUT_NAME,
  TRACKER_SERVER_MIN_INTERVAL_SECONDS,
} from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { readAddress } from '../../src/tracker-server/access/address-words.ts';
import { type Announcement, emptyAnnouncement } from '../../src/tracker-server/registry/announcement.ts';
import { chosenEndpoints } from '../../src/tracker-server/registry/chosen-endpoints.ts';
import { infoHashOf, infoHashWords, setWords } from '../../src/tracker-server/registry/info-hash-words.ts';
import type { Matchmaker } from '../../src/tracker-server/registry/matchmaker.ts';
import type { PeerList } from '../../src/tracker-server/registry/peer-list.ts';
import type { PeerTable } from '../../src/tracker-server/registry/peer-table.ts';
import type { Swarm } from '../../src/tracker-server/registry/swarm.ts';
import type {
  AnnounceAnswer,
  AnnounceRequest,
  ScrapeCounts,
  TrackerFailure,
} from '../../src/wire/tracker/announce.ts';
import type { AddressFamily } from '../../src/wire/tracker/compact-peers.ts';

/** A peer with its id, for answers that name it (BEP 3 without `compact`). */
export interface IdentifiedPeer extends Endpoint {
  /** 20 bytes. */
  readonly peerId: Uint8Array;
}

export type Announced = AnnounceAnswer & { readonly identified: readonly IdentifiedPeer[] };

export interface RegistryAnswersOptions {
  readonly matchmaker: Matchmaker;
  readonly intervalSeconds: number;
  /** Unix time. */
  readonly nowSeconds: () => number;
}

/** The longest compact form: IPv6 (BEP 7). */
const COMPACT_PEER_BYTES = 18;

/**
 * What a registry answers, as objects: the plain way, which the fast ones of UDP and HTTP are compared with. Who
 * announces over one family is given peers of both.
 */
export class RegistryAnswers {
  readonly #options: RegistryAnswersOptions;
  readonly #compact = new DataView(new ArrayBuffer(MAX_PEERS_PER_ANSWER * COMPACT_PEER_BYTES));

  constructor(options: RegistryAnswersOptions) {
    this.#options = options;
  }

  announce(request: AnnounceRequest, from: string): Announced | TrackerFailure {
    const { matchmaker, intervalSeconds, nowSeconds } = this.#options;
    const announcement = emptyAnnouncement();
    const family = readAddress(from, announcement.address);
    if (family === undefined || !matchmaker.serves(announcement.address, family))
      return failure('this tracker serves private addresses only');
    if (request.port === 0) return failure('port 0 cannot be reached');
    fill(announcement, request, family);
    const now = nowSeconds();
    const swarm = matchmaker.registry.announce(announcement, now);
    if (swarm === 'not tracked') return failure('this tracker does not serve this content');
    if (swarm === 'too many contents') return failure('this tracker has no room for another content');
    const identified =
      swarm === undefined || announcement.event === 'stopped' ? [] : this.#peers(swarm, announcement, now);
    return {
      intervalSeconds,
      minIntervalSeconds: Math.min(intervalSeconds, TRACKER_SERVER_MIN_INTERVAL_SECONDS),
      seeders: swarm?.seeders ?? 0,
      leechers: swarm?.leechers ?? 0,
      peers: identified.map(({ host, port }) => ({ host, port })),
      identified,
      warning: undefined,
      trackerId: undefined,
    };
  }

  scrape(infoHashes: readonly InfoHash[]): readonly ScrapeCounts[] {
    const { swarms } = this.#options.matchmaker.registry;
    if (infoHashes.length > 0)
      return infoHashes.flatMap((infoHash) => {
        const swarm = swarms.find(infoHashWords(infoHash));
        return swarm === undefined ? [] : [countsOf(swarm)];
      });
    return Array.from({ length: Math.min(swarms.count, MAX_SCRAPED_WITHOUT_NAME) }, (_, at) => swarms.at(at))
      .filter((swarm) => swarm !== undefined)
      .map(countsOf);
  }

  /** Those of the asker's family first. */
  #peers(swarm: Swarm, announcement: Announcement, nowSeconds: number): readonly IdentifiedPeer[] {
    const { matchmaker } = this.#options;
    const peers: IdentifiedPeer[] = [];
    const wanted = Math.min(announcement.wanted, MAX_PEERS_PER_ANSWER);
    const own = swarm.table(announcement.family);
    for (const table of [own, ...swarm.tables().filter((other) => other !== own)]) {
      matchmaker.writePeers(table, announcement, wanted - peers.length, nowSeconds, this.#compact, 0);
      peers.push(...identifiedPeers(table, matchmaker));
    }
    return peers;
  }
}

function fill(announcement: Announcement, request: AnnounceRequest, family: AddressFamily): void {
  announcement.infoHash.set(infoHashWords(request.infoHash));
  setWords(announcement.peerId, request.peerId);
  announcement.family = family;
  announcement.port = request.port;
  announcement.event = request.event;
  announcement.isSeeder = request.left === 0 || request.event === 'completed';
  announcement.wanted = request.peersWanted ?? DEFAULT_PEERS_PER_ANSWER;
}

function countsOf(swarm: Swarm): ScrapeCounts {
  const { seeders, completed, leechers } = swarm;
  return { infoHash: infoHashOf(swarm.infoHash), seeders, completed, leechers };
}

function failure(reason: string): TrackerFailure {
  return { type: 'failure', reason };
}

function identifiedPeers(table: PeerTable, { chosen, reach }: Matchmaker): readonly IdentifiedPeer[] {
  return chosenEndpoints(table, chosen, reach).map((endpoint, at) => {
    const list = at < chosen.seeders ? table.seeders : table.leechers;
    return { ...endpoint, peerId: peerIdAt(list, chosen.slots[at] ?? 0) };
  });
}

function peerIdAt(list: PeerList, slot: number): Uint8Array {
  const bytes = Buffer.alloc(20);
  for (let word = 0; word < 5; word++) bytes.writeUInt32BE(list.peerIdWord(slot, word), word * 4);
  return bytes;
}
