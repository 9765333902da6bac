import { MAX_PEERS_LOOKED_AT, MAX_PEERS_PER_ANSWER, MAX_PEERS_TRIED } from '../../limits.ts';
import type { Announcement } from './announcement.ts';
import { idMark, type PeerList } from './peer-list.ts';
import type { PeerTable } from './peer-table.ts';
import type { Reach } from './reach.ts';
import { wantsSeeders } from './wants-seeders.ts';

/** Peers that were handed out, as `count` slots of a table: first seeders, then leechers. Valid until it changes. */
export interface Chosen {
  readonly slots: Uint32Array;
  readonly seeders: number;
  readonly count: number;
}

/**
 * Who is handed to whom. A leecher gets seeders and leechers, half and half where there are enough of both; a seeder
 * gets leechers, for with another seeder it has nothing to do; nobody gets itself, by whatever address. Those in the
 * asker's subnet come first, then the others. The search goes on where the last one ended, so that all are handed out
 * equally often; and what was read then is near in memory, which is what costs most here.
 */
export class Matching implements Chosen {
  readonly slots = new Uint32Array(MAX_PEERS_PER_ANSWER);
  seeders = 0;
  count = 0;
  readonly #reach: Reach;
  readonly #far = new Uint32Array(MAX_PEERS_PER_ANSWER);

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /**
   * Writes at most `most` peers, and never more than MAX_PEERS_PER_ANSWER, in the compact form (BEP 23, 7) at `at`, and
   * gives the end of them. The table may be of the family that the asker did not announce over. The reach is that of
   * the asker.
   */
  write(table: PeerTable, asker: Announcement, most: number, view: DataView, at: number): number {
    const wanted = Math.min(most, MAX_PEERS_PER_ANSWER);
    const { seeders, leechers } = table;
    this.count = 0;
    this.seeders = 0;
    let end = at;
    if (wantsSeeders(asker)) {
      const others = Math.max(0, leechers.count - (asker.isSeeder ? 0 : 1));
      end = this.#pick(seeders, asker, Math.max(wanted - others, (wanted + 1) >> 1), view, end);
      this.seeders = this.count;
    }
    return this.#pick(leechers, asker, wanted - this.count, view, end);
  }

  #pick(list: PeerList, asker: Announcement, quota: number, view: DataView, begin: number): number {
    if (list.count === 0 || quota <= 0) return begin;
    const pickAny = list.subnet !== undefined && this.#reach.seesAll(list);
    return pickAny
      ? this.#pickAny(list, asker, quota, view, begin)
      : this.#pickNearFirst(list, asker, quota, view, begin);
  }

  /**
   * Of IPv4 peers in one subnet, all of which are written as they were heard: one after the other. As on most LANs; the
   * loop is written for speed, for most of an announcement's own time goes into it.
   */
  #pickAny(list: PeerList, asker: Announcement, quota: number, view: DataView, begin: number): number {
    const { count, endpoints } = list;
    const { slots } = this;
    const most = this.count + quota;
    const mark = idMark(asker.peerId);
    let end = begin;
    let chosen = this.count;
    let slot = list.next;
    for (let left = Math.min(count, MAX_PEERS_TRIED); left > 0 && chosen < most; left--) {
      const port = endpoints[2 * slot + 1] as number;
      if ((port ^ mark) >>> 16 !== 0 || !list.hasId(slot, asker.peerId)) {
        slots[chosen++] = slot;
        view.setUint32(end, endpoints[2 * slot] as number);
        view.setUint16(end + 4, port);
        end += 6;
      }
      if (++slot === count) slot = 0;
    }
    list.next = slot;
    this.count = chosen;
    return end;
  }

  #pickNearFirst(list: PeerList, asker: Announcement, quota: number, view: DataView, begin: number): number {
    const { count, endpoints, endpointWords, addressWords } = list;
    const { slots } = this;
    const far = this.#far;
    const most = this.count + quota;
    const asHeard = this.#reach.seesAll(list);
    const isSameFamily = addressWords === (asker.family === 'IPv4' ? 1 : 4);
    // The subnet: /24 for IPv4, /64 for IPv6.
    const mask = addressWords === 1 ? ~0xff : ~0;
    const first = (asker.address[0] as number) | 0;
    const second = (asker.address[1] as number) | 0;
    const canBeNear = isSameFamily && (list.subnet === undefined || list.subnet === first >>> 8);
    const looks = canBeNear ? MAX_PEERS_LOOKED_AT : 0;
    const mark = idMark(asker.peerId);
    let end = begin;
    let chosen = this.count;
    let others = 0;
    let slot = list.next;
    for (let tried = 0; tried < count && tried < MAX_PEERS_TRIED && chosen < most; tried++) {
      if (chosen + others >= most && tried >= looks) break;
      const endpoint = slot * endpointWords;
      const address = endpoints[endpoint] as number;
      const port = endpoints[endpoint + addressWords] as number;
      const isAsker = (port ^ mark) >>> 16 === 0 && list.hasId(slot, asker.peerId);
      if (!isAsker && (asHeard || this.#reach.includes(list, slot))) {
        const isNear =
          isSameFamily &&
          ((address ^ first) & mask) === 0 &&
          (addressWords === 1 || ((endpoints[endpoint + 1] as number) ^ second) === 0);
        if (isNear) {
          slots[chosen++] = slot;
          if (asHeard) view.setUint32(end, address);
          else this.#reach.write(list, slot, view, end);
          end += addressWords * 4;
          view.setUint16(end, port);
          end += 2;
        } else if (others < most) far[others++] = slot;
      }
      if (++slot === count) slot = 0;
    }
    list.next = slot;
    this.count = chosen;
    return this.#writeFar(list, Math.min(others, most - chosen), view, end);
  }

  #writeFar(list: PeerList, count: number, view: DataView, begin: number): number {
    let end = begin;
    for (let at = 0; at < count; at++) {
      const slot = this.#far[at] as number;
      this.slots[this.count++] = slot;
      this.#reach.write(list, slot, view, end);
      end += list.addressWords * 4;
      view.setUint16(end, list.port(slot));
      end += 2;
    }
    return end;
  }
}
