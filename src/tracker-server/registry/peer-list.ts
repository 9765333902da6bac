/** Of one peer beside its endpoint: hash of its key, seen at, saved at, peer id. */
const HASH = 0;
const SEEN_AT = 1;
const SAVED_AT = 2;
const PEER_ID = 3;
const PEER_ID_WORDS = 5;
const DETAIL_WORDS = PEER_ID + PEER_ID_WORDS;
/** Instead of the time it was saved: it is to be saved, and its slot is among the changed ones. */
const CHANGED = 1;
/** Changed slots beyond twice the peers, and some, are mostly of peers that have gone. */
const MIN_CHANGED = 64;
const MIN_CAPACITY = 4;
export const PORT_BITS = 0xffff;
const EMPTY = new Uint32Array(0);

/** 32-bit words of an address. */
export type AddressWords = 1 | 4;

/**
 * Peers side by side in one array, none of them an object: first all endpoints, so that handing peers out reads little
 * memory, then all details. The last one takes the place of one that goes, so a slot is a peer's only until then.
 *
 * An endpoint's last word is the port, and above it 16 bits of a hash of the peer id: who is somebody else can be told
 * without reading the details.
 */
export class PeerList {
  readonly addressWords: AddressWords;
  /** Address and port, which is the last word's lower half. */
  readonly endpointWords: number;
  #next = 0;
  /** Has the slot of each peer that is marked as changed, and maybe more. */
  #changed: number[] = [];
  /** How many peers are marked as changed. */
  #changedCount = 0;
  #memory = EMPTY;
  #capacity = 0;
  #count = 0;
  #subnet = 0;
  #isOneSubnet = true;

  constructor(addressWords: AddressWords) {
    this.addressWords = addressWords;
    this.endpointWords = addressWords + 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The slot whose peer is to be handed out next. */
  get next(): number {
    return this.#next < this.#count ? this.#next : 0;
  }

  set next(slot: number) {
    this.#next = slot;
  }

  /** The /24 that all peers are in, as it is with IPv4 on most LANs; undefined where they are not. */
  get subnet(): number | undefined {
    return this.#isOneSubnet ? this.#subnet : undefined;
  }

  /** Appends a peer, unsaved, and gives its slot. */
  add(address: Uint32Array, port: number, peerId: Uint32Array, hash: number, seenAt: number): number {
    if (this.#count === this.#capacity) this.#resize(grown(this.#capacity));
    const slot = this.#count++;
    const memory = this.#memory;
    const endpoint = slot * this.endpointWords;
    for (let word = 0; word < this.addressWords; word++) memory[endpoint + word] = address[word] as number;
    memory[endpoint + this.addressWords] = port | idMark(peerId);
    this.#heedSubnet(slot, (address[0] as number) >>> 8);
    const details = this.#details(slot);
    memory[details + HASH] = hash;
    memory[details + SEEN_AT] = seenAt;
    memory[details + SAVED_AT] = 0;
    for (let word = 0; word < PEER_ID_WORDS; word++)
      memory[details + PEER_ID + word] = peerId[word] as number;
    return slot;
  }

  /** The last peer gets the slot, unless it was the last one's. */
  remove(slot: number): void {
    if (this.isMarkedChanged(slot)) this.#changedCount--;
    const last = --this.#count;
    if (slot !== last) this.#copy(last, slot);
    if (slot !== last && this.isMarkedChanged(slot)) this.#addChanged(slot);
    if (this.#capacity > MIN_CAPACITY && this.#count <= this.#capacity / 8) this.#resize(this.#capacity / 4);
  }

  isAt(slot: number, address: Uint32Array, port: number): boolean {
    const memory = this.#memory;
    const at = slot * this.endpointWords;
    if (((memory[at + this.addressWords] as number) & PORT_BITS) !== port) return false;
    for (let word = 0; word < this.addressWords; word++)
      if (memory[at + word] !== address[word]) return false;
    return true;
  }

  hasId(slot: number, peerId: Uint32Array): boolean {
    const mark = (this.#memory[slot * this.endpointWords + this.addressWords] as number) & ~PORT_BITS;
    if (mark !== idMark(peerId)) return false;
    const details = this.#details(slot) + PEER_ID;
    for (let word = 0; word < PEER_ID_WORDS; word++)
      if (this.#memory[details + word] !== peerId[word]) return false;
    return true;
  }

  /** The peers' endpoints, `endpointWords` each, for who reads many; valid until the next change. */
  get endpoints(): Uint32Array {
    return this.#memory;
  }

  /** Another program has taken the place of the one that was there. */
  setId(slot: number, peerId: Uint32Array): void {
    const port = slot * this.endpointWords + this.addressWords;
    this.#memory[port] = this.port(slot) | idMark(peerId);
    this.#memory.set(peerId, this.#details(slot) + PEER_ID);
    if (!this.isMarkedChanged(slot)) this.setSavedAt(slot, 0);
  }

  addressWord(slot: number, word: number): number {
    return this.#memory[slot * this.endpointWords + word] as number;
  }

  port(slot: number): number {
    return (this.#memory[slot * this.endpointWords + this.addressWords] as number) & PORT_BITS;
  }

  peerIdWord(slot: number, word: number): number {
    return this.#memory[this.#details(slot) + PEER_ID + word] as number;
  }

  hash(slot: number): number {
    return this.#memory[this.#details(slot) + HASH] as number;
  }

  /** Unix seconds. */
  seenAt(slot: number): number {
    return this.#memory[this.#details(slot) + SEEN_AT] as number;
  }

  setSeenAt(slot: number, seconds: number): void {
    this.#memory[this.#details(slot) + SEEN_AT] = seconds;
  }

  /** What `seenAt` was when the peer was saved as it is now, apart from that; 0 where it is to be saved, 1 if marked so. */
  savedAt(slot: number): number {
    return this.#memory[this.#details(slot) + SAVED_AT] as number;
  }

  setSavedAt(slot: number, seconds: number): void {
    if (this.isMarkedChanged(slot)) this.#changedCount--;
    this.#memory[this.#details(slot) + SAVED_AT] = seconds;
  }

  isMarkedChanged(slot: number): boolean {
    return this.savedAt(slot) === CHANGED;
  }

  /** Once, until it is saved. */
  markChanged(slot: number): void {
    this.setSavedAt(slot, CHANGED);
    this.#changedCount++;
    this.#addChanged(slot);
  }

  markAllChanged(): void {
    for (let slot = 0; slot < this.#count; slot++) if (!this.isMarkedChanged(slot)) this.markChanged(slot);
  }

  /** How many `takeChanged` gives. */
  get changedCount(): number {
    return this.#changedCount;
  }

  /** Slots that are remembered for that; some are of peers that have gone. */
  get changedSlots(): number {
    return this.#changed.length;
  }

  /** The slot of one that is marked as changed, which counts as saved from now on. */
  takeChanged(): number | undefined {
    for (let slot = this.#changed.pop(); slot !== undefined; slot = this.#changed.pop()) {
      if (slot >= this.#count || !this.isMarkedChanged(slot)) continue;
      this.setSavedAt(slot, this.seenAt(slot));
      return slot;
    }
    return undefined;
  }

  /** While a store fails nothing is taken, and peers may come and go: the slots of those that went are forgotten. */
  #addChanged(slot: number): void {
    if (this.#changed.length >= MIN_CHANGED + 2 * this.#count) {
      const changed = [...new Set(this.#changed)];
      this.#changed = changed.filter((other) => other < this.#count && this.isMarkedChanged(other));
    }
    this.#changed.push(slot);
  }

  #heedSubnet(slot: number, subnet: number): void {
    if (slot === 0) {
      this.#subnet = subnet;
      this.#isOneSubnet = this.addressWords === 1;
    } else if (subnet !== this.#subnet) this.#isOneSubnet = false;
  }

  #details(slot: number): number {
    return this.#capacity * this.endpointWords + slot * DETAIL_WORDS;
  }

  #copy(from: number, to: number): void {
    const memory = this.#memory;
    const words = this.endpointWords;
    for (let word = 0; word < words; word++)
      memory[to * words + word] = memory[from * words + word] as number;
    const [source, target] = [this.#details(from), this.#details(to)];
    for (let word = 0; word < DETAIL_WORDS; word++) memory[target + word] = memory[source + word] as number;
  }

  #resize(capacity: number): void {
    const words = this.endpointWords;
    const details = this.#details(0);
    const memory = new Uint32Array(capacity * (words + DETAIL_WORDS));
    memory.set(this.#memory.subarray(0, this.#count * words));
    memory.set(this.#memory.subarray(details, details + this.#count * DETAIL_WORDS), capacity * words);
    this.#memory = memory;
    this.#capacity = capacity;
  }
}

/** Few steps while it is small: each leaves an array to the garbage collector, and most contents are small. */
function grown(capacity: number): number {
  if (capacity < MIN_CAPACITY) return MIN_CAPACITY;
  return capacity < 64 ? capacity * 4 : capacity * 2;
}

/**
 * What an endpoint's last word has above the port: 16 bits that depend on the last 32 of the peer id (mixed as in
 * MurmurHash3). These are random with all clients; the beginning names the client (BEP 20).
 */
export function idMark(peerId: Uint32Array): number {
  const end = peerId[PEER_ID_WORDS - 1] as number;
  const mixed = Math.imul(end ^ (end >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) & ~PORT_BITS;
}
