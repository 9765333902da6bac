import type { HalfSipHash } from '../half-sip-hash.ts';
import { NOWHERE, PeerIndex, type PeerPlace } from './peer-index.ts';
import { type AddressWords, PeerList } from './peer-list.ts';

/** Up to so many peers are looked through; more have an index. */
const MAX_PEERS_WITHOUT_INDEX = 8;

/** A peer as it is known: by where it listens. */
export interface PeerKey {
  readonly address: Uint32Array;
  readonly port: number;
}

export interface PeerWords extends PeerKey {
  /** 20 bytes as five words. */
  readonly peerId: Uint32Array;
}

/** What `put` did. */
export type PutOutcome = 'added' | 'still leecher' | 'still seeder' | 'now seeder' | 'now leecher' | 'full';

/** The peers of one content and one address family; each address and port is there once. */
export class PeerTable {
  readonly leechers: PeerList;
  readonly seeders: PeerList;
  /** Where the peer of the last `put` is, until the next change. */
  place: PeerPlace = NOWHERE;
  readonly #hash: HalfSipHash;
  #index: PeerIndex | undefined;

  /** `hash` is keyed: who chooses the addresses and ports must not choose their places. */
  constructor(addressWords: AddressWords, hash: HalfSipHash) {
    this.leechers = new PeerList(addressWords);
    this.seeders = new PeerList(addressWords);
    this.#hash = hash;
  }

  get count(): number {
    return this.leechers.count + this.seeders.count;
  }

  /** A new peer is put in only while there is `room`; whoever is there already is always heard. */
  put(peer: PeerWords, isSeeder: boolean, seenAt: number, room: boolean): PutOutcome {
    const hash = this.#hashOf(peer);
    const place = this.#find(hash, peer);
    if (place === NOWHERE) {
      if (!room) return 'full';
      this.place = this.#add(peer, hash, isSeeder, seenAt);
      return 'added';
    }
    const list = this.list(place);
    if (!list.hasId(place >> 1, peer.peerId)) list.setId(place >> 1, peer.peerId);
    if (isSeeder === (list === this.seeders)) {
      list.setSeenAt(place >> 1, seenAt);
      this.place = place;
      return isSeeder ? 'still seeder' : 'still leecher';
    }
    this.removeAt(place);
    this.place = this.#add(peer, hash, isSeeder, seenAt);
    return isSeeder ? 'now seeder' : 'now leecher';
  }

  find(peer: PeerKey): PeerPlace {
    return this.#find(this.#hashOf(peer), peer);
  }

  removeAt(place: PeerPlace): void {
    const list = this.list(place);
    const slot = place >> 1;
    const last = list.count - 1;
    this.#index?.remove(list.hash(slot), place);
    if (slot !== last) this.#index?.move(list.hash(last), last * 2 + (place & 1), place);
    list.remove(slot);
    if (this.count <= MAX_PEERS_WITHOUT_INDEX / 2) this.#index = undefined;
    else this.#index?.shrink();
  }

  #add(peer: PeerWords, hash: number, isSeeder: boolean, seenAt: number): PeerPlace {
    const list = isSeeder ? this.seeders : this.leechers;
    const slot = list.add(peer.address, peer.port, peer.peerId, hash, seenAt);
    const place = slot * 2 + (isSeeder ? 1 : 0);
    if (this.#index !== undefined) this.#index.add(hash, place);
    else if (this.count > MAX_PEERS_WITHOUT_INDEX) this.#index = new PeerIndex(this.leechers, this.seeders);
    return place;
  }

  list(place: PeerPlace): PeerList {
    return (place & 1) === 1 ? this.seeders : this.leechers;
  }

  #find(hash: number, { address, port }: PeerKey): PeerPlace {
    if (this.#index !== undefined) return this.#index.find(hash, address, port);
    for (let slot = 0; slot < this.leechers.count; slot++)
      if (this.leechers.isAt(slot, address, port)) return slot * 2;
    for (let slot = 0; slot < this.seeders.count; slot++)
      if (this.seeders.isAt(slot, address, port)) return slot * 2 + 1;
    return NOWHERE;
  }

  #hashOf({ address, port }: PeerKey): number {
    return this.#hash.hash(address, this.leechers.addressWords, port, 2);
  }
}
