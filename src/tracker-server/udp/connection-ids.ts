import { CONNECTION_ID_SLOT_SECONDS } from '../../limits.ts';
import type { Random } from '../../platform/random.ts';
import { HalfSipHash } from '../half-sip-hash.ts';

const KEY_BYTES = 8;

/**
 * Connection ids (BEP 15) that need no memory: a keyed MAC over the client's address. The time is in the key, which is
 * a new one every two minutes; the two last ones are good, so an id is for two minutes at least and for four at most.
 * HalfSipHash has keys of 64 bits; to search one takes longer than it is worth anything. The id's last bit says
 * which of the two keys it is of, so that checking is one MAC; 63 bits are to be guessed.
 */
export class ConnectionIds {
  readonly #random: Random;
  /** By the last bit of the slot. */
  readonly #keys: [HalfSipHash, HalfSipHash];
  #slot: number;
  readonly #mac = new Int32Array(2);
  readonly #known = new KnownMacs();

  constructor(random: Random, nowSeconds: number) {
    this.#random = random;
    this.#keys = [this.#newKey(), this.#newKey()];
    this.#slot = slotAt(nowSeconds);
  }

  /** Writes the 8 bytes of the id of an address, `count` words, at `at`. */
  write(address: Uint32Array, count: number, nowSeconds: number, view: DataView, at: number): void {
    this.#turn(nowSeconds);
    const last = this.#slot & 1;
    this.#calculate(address, count, last);
    view.setInt32(at, this.#mac[0] as number);
    view.setInt32(at + 4, this.#mac[1] as number);
  }

  /** Whether the 8 bytes at `at` were given to this address in this slot or in the one before. */
  isGood(address: Uint32Array, count: number, nowSeconds: number, view: DataView, at: number): boolean {
    this.#turn(nowSeconds);
    const second = view.getInt32(at + 4);
    this.#calculate(address, count, second & 1);
    return ((view.getInt32(at) ^ (this.#mac[0] as number)) | (second ^ (this.#mac[1] as number))) === 0;
  }

  #calculate(address: Uint32Array, count: number, last: number): void {
    const mac = this.#mac;
    const isIpv4 = count === 1;
    if (isIpv4 && this.#known.read(address[0] as number, last, mac)) return;
    (last === 0 ? this.#keys[0] : this.#keys[1]).hash(address, count, 0, 0, mac);
    mac[1] = ((mac[1] as number) & ~1) | last;
    if (isIpv4) this.#known.write(address[0] as number, last, mac);
  }

  /** Where a slot has begun, its key takes the place of the one before the last. */
  #turn(nowSeconds: number): void {
    const slot = slotAt(nowSeconds);
    if (slot === this.#slot) return;
    if (slot !== this.#slot + 1) this.#keys[(slot & 1) ^ 1] = this.#newKey();
    this.#keys[slot & 1] = this.#newKey();
    this.#slot = slot;
    this.#known.clear();
  }

  #newKey(): HalfSipHash {
    return new HalfSipHash(this.#random.bytes(KEY_BYTES), '2-4');
  }
}

const KNOWN_BITS = 9;
const KNOWN_WORDS = 3;

/**
 * MACs of IPv4 addresses that were calculated already: a LAN has few addresses, and each announces many contents. By the
 * address's last byte and the key; it holds a /24 whole.
 */
class KnownMacs {
  /** Address and MAC, whose last bit is the key's. All zeros is no entry: 0.0.0.0 is nobody's address. */
  readonly #entries = new Int32Array(KNOWN_WORDS << KNOWN_BITS);

  read(address: number, last: number, mac: Int32Array): boolean {
    const at = placeOf(address, last);
    if (address === 0 || ((this.#entries[at] as number) ^ address) !== 0) return false;
    mac[0] = this.#entries[at + 1] as number;
    mac[1] = this.#entries[at + 2] as number;
    return true;
  }

  write(address: number, last: number, mac: Int32Array): void {
    const at = placeOf(address, last);
    this.#entries[at] = address;
    this.#entries[at + 1] = mac[0] as number;
    this.#entries[at + 2] = mac[1] as number;
  }

  clear(): void {
    this.#entries.fill(0);
  }
}

function placeOf(address: number, last: number): number {
  return (((address & 0xff) << 1) | last) * KNOWN_WORDS;
}

function slotAt(nowSeconds: number): number {
  return Math.floor(nowSeconds / CONNECTION_ID_SLOT_SECONDS);
}
