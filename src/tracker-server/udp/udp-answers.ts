import { DEFAULT_PEERS_PER_ANSWER, MAX_SCRAPED_CONTENTS, MAX_UDP_ANSWER_BYTES } from '../../limits.ts';
import { type AddressFamily, compactPeerBytes } from '../../wire/tracker/compact-peers.ts';
import {
  UDP_ANNOUNCE_AT,
  UDP_ANNOUNCED_AT,
  UDP_CONNECTED_AT,
  UDP_REQUEST_AT,
  UDP_RESPONSE_AT,
  UDP_SCRAPED_AT,
} from '../../wire/tracker/udp-tracker-layout.ts';
import {
  ACTIONS,
  ANNOUNCE_BYTES,
  CONNECT_BYTES,
  EVENTS,
  PROTOCOL_ID,
  REQUEST_HEADER_BYTES,
  RESPONSE_HEADER_BYTES,
  SCRAPE_COUNTS_BYTES,
} from '../../wire/tracker/udp-tracker-message.ts';
import { readAddress } from '../access/address-words.ts';
import { emptyAnnouncement } from '../registry/announcement.ts';
import type { Matchmaker } from '../registry/matchmaker.ts';
import type { ConnectionIds } from './connection-ids.ts';
import { noUdpCounts, type UdpCounts, type UdpRefusal } from './udp-counts.ts';

const NO_ANSWER = 0;
const INFO_HASH_BYTES = 20;
const INFO_HASH_WORDS = 5;
const MAX_IPV4_PEERS = peersThatFit('IPv4');
const MAX_IPV6_PEERS = peersThatFit('IPv6');
const [PROTOCOL_ID_HIGH, PROTOCOL_ID_LOW] = words(PROTOCOL_ID);

export interface UdpAnswersOptions {
  readonly matchmaker: Matchmaker;
  readonly connectionIds: ConnectionIds;
  /** What clients are told to wait between two announcements. */
  readonly intervalSeconds: number;
}

/**
 * A UDP tracker (BEP 15) without its socket: a datagram in, its answer out, both in memory that is used again, because
 * this is done some hundred thousand times a second. Nothing is answered without a connection id, except the request for
 * one, with as many bytes as it has.
 */
export class UdpAnswers {
  readonly counts: UdpCounts = noUdpCounts();
  readonly #matchmaker: Matchmaker;
  readonly #connectionIds: ConnectionIds;
  readonly #intervalSeconds: number;
  readonly #announcement = emptyAnnouncement();
  readonly #infoHash = new Uint32Array(INFO_HASH_WORDS);

  constructor({ matchmaker, connectionIds, intervalSeconds }: UdpAnswersOptions) {
    this.#matchmaker = matchmaker;
    this.#connectionIds = connectionIds;
    this.#intervalSeconds = intervalSeconds;
  }

  /**
   * `received` has `length` bytes that came from the address `host`. The answer is written into `answer`, which has
   * MAX_UDP_ANSWER_BYTES; gives its length, 0 where there is none.
   */
  answer(received: DataView, length: number, host: string, answer: DataView, nowSeconds: number): number {
    if (length < REQUEST_HEADER_BYTES) return this.#drop('malformed');
    const { address } = this.#announcement;
    const family = readAddress(host, address);
    if (family === undefined) return this.#drop('malformed');
    this.#announcement.family = family;
    if (!this.#matchmaker.serves(address, family)) return this.#drop('not private');
    const action = received.getInt32(UDP_REQUEST_AT.action);
    answer.setInt32(UDP_RESPONSE_AT.action, action);
    answer.setInt32(UDP_RESPONSE_AT.transactionId, received.getInt32(UDP_REQUEST_AT.transactionId));
    const count = family === 'IPv4' ? 1 : 4;
    if (action === ACTIONS.connect) return this.#connect(received, count, answer, nowSeconds);
    if (!this.#connectionIds.isGood(address, count, nowSeconds, received, UDP_REQUEST_AT.connectionId))
      return this.#drop('bad connection id');
    if (action === ACTIONS.announce) return this.#announce(received, length, answer, nowSeconds);
    if (action === ACTIONS.scrape) return this.#scrape(received, length, answer);
    return this.#refuse(answer, 'unknown action', UNKNOWN_ACTION);
  }

  #connect(received: DataView, count: number, answer: DataView, nowSeconds: number): number {
    const isRequest =
      received.getUint32(UDP_REQUEST_AT.connectionId) === PROTOCOL_ID_HIGH &&
      received.getUint32(UDP_REQUEST_AT.connectionId + 4) === PROTOCOL_ID_LOW;
    if (!isRequest) return this.#drop('malformed');
    this.counts.connects++;
    const { address } = this.#announcement;
    this.#connectionIds.write(address, count, nowSeconds, answer, UDP_CONNECTED_AT.connectionId);
    return CONNECT_BYTES;
  }

  #announce(received: DataView, length: number, answer: DataView, nowSeconds: number): number {
    if (length < ANNOUNCE_BYTES) return this.#drop('malformed');
    const announcement = this.#announcement;
    this.#readAnnouncement(received);
    if (announcement.port === 0) return this.#refuse(answer, 'port 0', PORT_0);
    const swarm = this.#matchmaker.registry.announce(announcement, nowSeconds);
    if (swarm === 'not tracked') return this.#refuse(answer, swarm, NOT_TRACKED);
    if (swarm === 'too many contents') return this.#refuse(answer, swarm, TOO_MANY_CONTENTS);
    this.counts.announces++;
    answer.setInt32(UDP_ANNOUNCED_AT.interval, this.#intervalSeconds);
    answer.setInt32(UDP_ANNOUNCED_AT.leechers, swarm?.leechers ?? 0);
    answer.setInt32(UDP_ANNOUNCED_AT.seeders, swarm?.seeders ?? 0);
    if (swarm === undefined || announcement.event === 'stopped') return UDP_ANNOUNCED_AT.peers;
    const table = swarm.table(announcement.family);
    const room = announcement.family === 'IPv4' ? MAX_IPV4_PEERS : MAX_IPV6_PEERS;
    const most = Math.min(announcement.wanted, room);
    const { peers } = UDP_ANNOUNCED_AT;
    return this.#matchmaker.writePeers(table, announcement, most, nowSeconds, answer, peers);
  }

  /** The byte counts but `left`, the key and the address that it names are of no use here. */
  #readAnnouncement(received: DataView): void {
    const announcement = this.#announcement;
    const { infoHash, peerId } = announcement;
    for (let word = 0; word < INFO_HASH_WORDS; word++) {
      infoHash[word] = received.getUint32(UDP_ANNOUNCE_AT.infoHash + word * 4);
      peerId[word] = received.getUint32(UDP_ANNOUNCE_AT.peerId + word * 4);
    }
    announcement.port = received.getUint16(UDP_ANNOUNCE_AT.port);
    announcement.event = EVENTS[received.getInt32(UDP_ANNOUNCE_AT.event)] ?? 'regular';
    const { left } = UDP_ANNOUNCE_AT;
    const hasAll = (received.getInt32(left) | received.getInt32(left + 4)) === 0;
    announcement.isSeeder = hasAll || announcement.event === 'completed';
    const wanted = received.getInt32(UDP_ANNOUNCE_AT.peersWanted);
    announcement.wanted = wanted < 0 ? DEFAULT_PEERS_PER_ANSWER : wanted;
  }

  #scrape(received: DataView, length: number, answer: DataView): number {
    const count = Math.floor((length - REQUEST_HEADER_BYTES) / INFO_HASH_BYTES);
    if (count === 0) return this.#drop('malformed');
    this.counts.scrapes++;
    let at = RESPONSE_HEADER_BYTES;
    for (let content = 0; content < Math.min(count, MAX_SCRAPED_CONTENTS); content++) {
      const begin = REQUEST_HEADER_BYTES + content * INFO_HASH_BYTES;
      for (let word = 0; word < INFO_HASH_WORDS; word++)
        this.#infoHash[word] = received.getUint32(begin + word * 4);
      const swarm = this.#matchmaker.registry.find(this.#infoHash);
      answer.setInt32(at + UDP_SCRAPED_AT.seeders, swarm?.seeders ?? 0);
      answer.setInt32(at + UDP_SCRAPED_AT.completed, swarm?.completed ?? 0);
      answer.setInt32(at + UDP_SCRAPED_AT.leechers, swarm?.leechers ?? 0);
      at += SCRAPE_COUNTS_BYTES;
    }
    return at;
  }

  #drop(reason: UdpRefusal): number {
    this.counts.refused[reason]++;
    return NO_ANSWER;
  }

  #refuse(answer: DataView, reason: UdpRefusal, sentence: Uint8Array): number {
    this.counts.refused[reason]++;
    answer.setInt32(UDP_RESPONSE_AT.action, ACTIONS.error);
    for (const [at, byte] of sentence.entries()) answer.setUint8(RESPONSE_HEADER_BYTES + at, byte);
    return RESPONSE_HEADER_BYTES + sentence.length;
  }
}

const UNKNOWN_ACTION = Buffer.from('unknown action');
const PORT_0 = Buffer.from('port 0 cannot be reached');
const NOT_TRACKED = Buffer.from('this tracker does not serve this content');
const TOO_MANY_CONTENTS = Buffer.from('this tracker has no room for another content');

function peersThatFit(family: AddressFamily): number {
  return Math.floor((MAX_UDP_ANSWER_BYTES - UDP_ANNOUNCED_AT.peers) / compactPeerBytes(family));
}

function words(bytes: Uint8Array): readonly [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return [view.getUint32(0), view.getUint32(4)];
}
