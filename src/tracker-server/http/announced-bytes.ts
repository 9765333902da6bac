import { MAX_PEERS_PER_ANSWER } from '../../limits.ts';
import { addressFromBytes } from '../../platform/endpoint.ts';
import { type AddressFamily, compactPeerBytes } from '../../wire/tracker/compact-peers.ts';

/** Peers of one family as they are handed out: the compact form (BEP 23, 7), and the id of each, in memory of ours. */
export class HandedOut {
  readonly family: AddressFamily;
  readonly view: DataView;
  readonly #bytes: Buffer;
  readonly #peerIds: Buffer;
  count = 0;

  constructor(family: AddressFamily) {
    this.family = family;
    this.#bytes = Buffer.alloc(MAX_PEERS_PER_ANSWER * compactPeerBytes(family));
    this.view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#peerIds = Buffer.alloc(MAX_PEERS_PER_ANSWER * PEER_ID_BYTES);
  }

  get compact(): Buffer {
    return this.#bytes.subarray(0, this.count * compactPeerBytes(this.family));
  }

  setPeerIdWord(at: number, word: number, value: number): void {
    this.#peerIds.writeUInt32BE(value, at * PEER_ID_BYTES + word * 4);
  }

  peerId(at: number): Buffer {
    return this.#peerIds.subarray(at * PEER_ID_BYTES, (at + 1) * PEER_ID_BYTES);
  }

  address(at: number): string {
    const size = compactPeerBytes(this.family);
    return addressFromBytes(this.#bytes.subarray(at * size, (at + 1) * size - 2));
  }

  port(at: number): number {
    return this.#bytes.readUInt16BE((at + 1) * compactPeerBytes(this.family) - 2);
  }
}

const PEER_ID_BYTES = 20;

/** What stands before the peers. */
export interface AnnouncedCounts {
  readonly seeders: number;
  readonly completed: number;
  readonly leechers: number;
}

export interface AnnouncedIntervals {
  readonly intervalSeconds: number;
  readonly minIntervalSeconds: number;
}

/** `compact`, or dictionaries with or without ids (BEP 3). */
export type PeersForm = 'compact' | 'identified' | 'without ids';

/** Counts and intervals take up to 150 bytes; a peer as a dictionary with an IPv6 address and an id takes 99. */
export const MAX_ANNOUNCED_BYTES = 256 + MAX_PEERS_PER_ANSWER * 100;

/**
 * Writes the answers to announcements, one after the other in the same memory: some ten thousand are written a second.
 * `encodeHttpAnnounceAnswer` says the same; a test holds the two together.
 */
export class AnnouncedBytes {
  readonly #answer = Buffer.alloc(MAX_ANNOUNCED_BYTES);

  /** At most MAX_PEERS_PER_ANSWER of both families. Valid until the next one is written. Keys are in the order of their bytes, as bencode wants them. */
  write(
    { seeders, completed, leechers }: AnnouncedCounts,
    { intervalSeconds, minIntervalSeconds }: AnnouncedIntervals,
    ipv4: HandedOut,
    ipv6: HandedOut,
    form: PeersForm,
  ): Uint8Array {
    let at = this.#text(
      `d8:completei${seeders}e10:downloadedi${completed}e10:incompletei${leechers}e` +
        `8:intervali${intervalSeconds}e12:min intervali${minIntervalSeconds}e5:peers`,
      0,
    );
    if (form === 'compact') {
      at = this.#string(ipv4.compact, at);
      if (ipv6.count > 0) at = this.#string(ipv6.compact, this.#text('6:peers6', at));
    } else {
      at = this.#text('l', at);
      for (const peers of [ipv4, ipv6]) at = this.#dictionaries(peers, form, at);
      at = this.#text('e', at);
    }
    at = this.#text('e', at);
    return this.#answer.subarray(0, at);
  }

  #dictionaries(peers: HandedOut, form: PeersForm, begin: number): number {
    let at = begin;
    for (let peer = 0; peer < peers.count; peer++) {
      const address = peers.address(peer);
      at = this.#text(`d2:ip${address.length}:${address}`, at);
      if (form === 'identified') at = this.#string(peers.peerId(peer), this.#text('7:peer id', at));
      at = this.#text(`4:porti${peers.port(peer)}ee`, at);
    }
    return at;
  }

  #string(bytes: Uint8Array, begin: number): number {
    const at = this.#text(`${bytes.length}:`, begin);
    this.#answer.set(bytes, at);
    return at + bytes.length;
  }

  /** Gives its end, as the others do. */
  #text(text: string, begin: number): number {
    return begin + this.#answer.write(text, begin, 'latin1');
  }
}
