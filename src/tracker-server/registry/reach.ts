import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import { type AddressScope, addressScope } from '../access/address-scope.ts';
import type { PeerList } from './peer-list.ts';

/**
 * The tracker's own address in the asker's subnet, as it is reached from there; undefined where there is none. Words as
 * in Announcement, of the same family.
 */
export type OwnAddress = (asker: Uint32Array, family: AddressFamily) => Uint32Array | undefined;

/**
 * Which of the addresses that peers were heard from one asker can use. A peer heard from loopback runs on the tracker's
 * own machine: elsewhere that is reached by the machine's own address. A link-local peer is handed to link-local
 * askers only, who may be on the same link.
 */
export class Reach {
  readonly #ownAddress: OwnAddress;
  #asker: Uint32Array = new Uint32Array(4);
  #family: AddressFamily = 'IPv4';
  #seesLoopback = false;
  #seesLinkLocal = false;
  #own: Uint32Array | undefined | 'not looked up' = undefined;

  constructor(ownAddress: OwnAddress) {
    this.#ownAddress = ownAddress;
  }

  /** All that follows is about this asker. Gives the scope of its address. */
  from(asker: Uint32Array, family: AddressFamily): AddressScope {
    this.#asker = asker;
    this.#family = family;
    const scope = addressScope(asker, family);
    this.#seesLoopback = scope === 'loopback';
    this.#seesLinkLocal = scope === 'link-local';
    this.#own = 'not looked up';
    return scope;
  }

  /** Whether all peers of the list are included, and written as they were heard. */
  seesAll({ addressWords, subnet }: PeerList): boolean {
    if (addressWords !== 1) return false;
    return this.#seesLoopback || (subnet !== undefined && subnet >>> 16 !== 127);
  }

  includes(list: PeerList, slot: number): boolean {
    if (isLoopback(list, slot)) return this.#seesLoopback || this.#hasOwn(list);
    return list.addressWords === 1 || this.#seesLinkLocal || !isLinkLocal(list, slot);
  }

  /** Writes the address, 4 or 16 bytes, by which the asker reaches a peer that is included. */
  write(list: PeerList, slot: number, view: DataView, at: number): void {
    const words = list.addressWords;
    if (!this.#seesLoopback && isLoopback(list, slot)) {
      const own = this.#lookUpOwn();
      for (let word = 0; word < words; word++) view.setUint32(at + word * 4, own?.[word] ?? 0);
      return;
    }
    for (let word = 0; word < words; word++) view.setUint32(at + word * 4, list.addressWord(slot, word));
  }

  #hasOwn({ addressWords }: PeerList): boolean {
    return addressWords === (this.#family === 'IPv4' ? 1 : 4) && this.#lookUpOwn() !== undefined;
  }

  /** Once an asker, and only where it matters. */
  #lookUpOwn(): Uint32Array | undefined {
    if (this.#own === 'not looked up') this.#own = this.#ownAddress(this.#asker, this.#family);
    return this.#own;
  }
}

/** Of IPv6: fe80::/10. A link-local IPv4 address is good on any link. */
function isLinkLocal(list: PeerList, slot: number): boolean {
  return list.addressWord(slot, 0) >>> 22 === 0xfe80 >>> 6;
}

function isLoopback(list: PeerList, slot: number): boolean {
  const first = list.addressWord(slot, 0);
  if (list.addressWords === 1) return first >>> 24 === 127;
  return (
    first === 0 &&
    list.addressWord(slot, 1) === 0 &&
    list.addressWord(slot, 2) === 0 &&
    list.addressWord(slot, 3) === 1
  );
}
