import {
  MAX_PEERS_PER_ANSWER,
  MAX_SCRAPED_WITHOUT_NAME,
  TRACKER_SERVER_MIN_INTERVAL_SECONDS,
} from '../../limits.ts';
import { isPublicAddress } from '../../platform/public-address.ts';
import type { ScrapeCounts } from '../../wire/tracker/announce.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import { encodeHttpFailure } from '../../wire/tracker/http-answer.ts';
import { decodeScrapeQuery } from '../../wire/tracker/http-query.ts';
import { encodeHttpScrapeAnswer } from '../../wire/tracker/http-scrape-answer.ts';
import { TrackerFault } from '../../wire/tracker/tracker-fault.ts';
import { readAddress } from '../access/address-words.ts';
import { infoHashOf, infoHashWords } from '../registry/info-hash-words.ts';
import type { Matchmaker } from '../registry/matchmaker.ts';
import type { PeerTable } from '../registry/peer-table.ts';
import type { Swarm } from '../registry/swarm.ts';
import { emptyHttpAnnouncement, readAnnounceQuery } from './announce-query.ts';
import {
  AnnouncedBytes,
  type AnnouncedCounts,
  type AnnouncedIntervals,
  HandedOut,
  type PeersForm,
} from './announced-bytes.ts';
import { type HttpCounts, noHttpCounts } from './http-counts.ts';

const PEER_ID_WORDS = 5;

export interface HttpAnswersOptions {
  readonly matchmaker: Matchmaker;
  /** What clients are told to wait between two announcements. */
  readonly intervalSeconds: number;
  /** Unix time. */
  readonly nowSeconds: () => number;
}

/**
 * An HTTP tracker (BEP 3, 7, 23, 48) without HTTP: what stands behind the `?` in, a bencoded answer out. Who announces
 * over one address family is given peers of both, its own first.
 */
export class HttpAnswers {
  /** Of the whole HTTP side: whoever has a part in it adds to them. */
  readonly counts: HttpCounts = noHttpCounts();
  readonly #matchmaker: Matchmaker;
  readonly #nowSeconds: () => number;
  readonly #intervals: AnnouncedIntervals;
  readonly #announcement = emptyHttpAnnouncement();
  readonly #ipv4 = new HandedOut('IPv4');
  readonly #ipv6 = new HandedOut('IPv6');
  readonly #bytes = new AnnouncedBytes();

  constructor({ matchmaker, intervalSeconds, nowSeconds }: HttpAnswersOptions) {
    this.#matchmaker = matchmaker;
    this.#nowSeconds = nowSeconds;
    const minIntervalSeconds = Math.min(intervalSeconds, TRACKER_SERVER_MIN_INTERVAL_SECONDS);
    this.#intervals = { intervalSeconds, minIntervalSeconds };
  }

  /** `from`: the address that it came from. The answer is valid until the next one. */
  announce(query: string, from: string): Uint8Array {
    const announcement = this.#announcement;
    const family = this.#family(from);
    if (family === undefined) return this.#refuse('not private');
    const sentence = readAnnounceQuery(query, announcement);
    if (sentence !== undefined) return this.#malformed(sentence);
    announcement.family = family;
    if (announcement.port === 0) return this.#refuse('port 0');
    const nowSeconds = this.#nowSeconds();
    const swarm = this.#matchmaker.registry.announce(announcement, nowSeconds);
    if (typeof swarm === 'string') return this.#refuse(swarm);
    this.counts.announces++;
    this.#handOut(swarm, nowSeconds);
    const counts = swarm ?? NOBODY;
    return this.#bytes.write(counts, this.#intervals, this.#ipv4, this.#ipv6, this.#form);
  }

  scrape(query: string, from: string): Uint8Array {
    if (this.#family(from) === undefined) return this.#refuse('not private');
    try {
      const named = decodeScrapeQuery(query);
      // As the pages, which say the same: what is tracked here is the business of who is near.
      if (named.length === 0 && isPublicAddress(from)) return this.#refuse('not private', NOT_ALL);
      const contents = named.length > 0 ? this.#counted([...new Set(named)].map(infoHashWords)) : this.#all();
      this.counts.scrapes++;
      return encodeHttpScrapeAnswer({ type: 'scraped', contents });
    } catch (error) {
      if (!(error instanceof TrackerFault)) throw error;
      return this.#malformed(error.message);
    }
  }

  /** Whether who has this address is served at all. */
  serves(from: string): boolean {
    return this.#family(from) !== undefined;
  }

  /** Undefined where it is not served. */
  #family(from: string): AddressFamily | undefined {
    const { address } = this.#announcement;
    const family = readAddress(from, address);
    return family !== undefined && this.#matchmaker.serves(address, family) ? family : undefined;
  }

  #handOut(swarm: Swarm | undefined, nowSeconds: number): void {
    this.#ipv4.count = 0;
    this.#ipv6.count = 0;
    const { event, family, wanted } = this.#announcement;
    if (swarm === undefined || event === 'stopped') return;
    const most = Math.min(wanted, MAX_PEERS_PER_ANSWER);
    const own = swarm.table(family);
    this.#write(own, family, most, nowSeconds);
    for (const table of swarm.tables()) {
      if (table === own) continue;
      const rest = most - this.#ipv4.count - this.#ipv6.count;
      this.#write(table, family === 'IPv4' ? 'IPv6' : 'IPv4', rest, nowSeconds);
    }
  }

  #write(table: PeerTable, family: AddressFamily, most: number, nowSeconds: number): void {
    if (most === 0) return;
    const peers = family === 'IPv4' ? this.#ipv4 : this.#ipv6;
    this.#matchmaker.writePeers(table, this.#announcement, most, nowSeconds, peers.view, 0);
    const { slots, seeders, count } = this.#matchmaker.chosen;
    peers.count = count;
    if (this.#form !== 'identified') return;
    for (let at = 0; at < count; at++) {
      const list = at < seeders ? table.seeders : table.leechers;
      for (let word = 0; word < PEER_ID_WORDS; word++)
        peers.setPeerIdWord(at, word, list.peerIdWord(slots[at] ?? 0, word));
    }
  }

  get #form(): PeersForm {
    if (this.#announcement.isCompact) return 'compact';
    return this.#announcement.withoutPeerIds ? 'without ids' : 'identified';
  }

  #counted(infoHashes: readonly Uint32Array[]): readonly ScrapeCounts[] {
    const { swarms } = this.#matchmaker.registry;
    return infoHashes
      .map((infoHash) => swarms.find(infoHash))
      .filter((swarm) => swarm !== undefined)
      .map(countsOf);
  }

  #all(): readonly ScrapeCounts[] {
    const { swarms } = this.#matchmaker.registry;
    const count = Math.min(swarms.count, MAX_SCRAPED_WITHOUT_NAME);
    return Array.from({ length: count }, (_, at) => swarms.at(at))
      .filter((swarm) => swarm !== undefined)
      .map(countsOf);
  }

  #malformed(sentence: string): Uint8Array {
    this.counts.refused.malformed++;
    return encodeHttpFailure({ type: 'failure', reason: sentence });
  }

  #refuse(reason: keyof typeof SENTENCES, sentence = SENTENCES[reason]): Uint8Array {
    this.counts.refused[reason]++;
    return encodeHttpFailure({ type: 'failure', reason: sentence });
  }
}

const NOBODY: AnnouncedCounts = { seeders: 0, completed: 0, leechers: 0 };

const SENTENCES = {
  'not private': 'this tracker serves private addresses only',
  'port 0': 'port 0 cannot be reached',
  'not tracked': 'this tracker does not serve this content',
  'too many contents': 'this tracker has no room for another content',
} satisfies Readonly<Record<string, string>>;
const NOT_ALL = 'only private addresses may ask for all contents';

function countsOf(swarm: Swarm): ScrapeCounts {
  const { seeders, completed, leechers } = swarm;
  return { infoHash: infoHashOf(swarm.infoHash), seeders, completed, leechers };
}
