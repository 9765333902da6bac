import { BLOCK_BYTES, FREE_LEAF_BYTES, LEAF_READ_BYTES, MAX_LEAF_REQUESTS_WAITING } from '../../limits.ts';
import { contentSize } from '../../metainfo/expected-piece.ts';
import type { HashPlace } from '../../metainfo/hash-place.ts';
import { hashesOfLeaves, hashTreesOf, type LeafPlace } from '../../metainfo/hash-trees.ts';
import { blockHashes, TREE_HASH_BYTES } from '../../metainfo/merkle.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { BtMessage } from '../../wire/bt/message.ts';
import type { LinkHandler } from '../peer-link.ts';

export interface LeafHashesOptions {
  readonly handler: Pick<LinkHandler, 'onRequest' | 'onSourceFault'>;
  send(message: BtMessage): void;
}

interface Waiting {
  readonly store: ContentStore;
  readonly place: HashPlace;
  readonly leaves: LeafPlace;
}

/**
 * Gives a peer the hashes of a piece's blocks (BEP 52), so that it can tell which one is damaged. They are kept nowhere:
 * the piece is read. So they are given only to who may have pieces, one request after the other, and for
 * no more bytes than the peer was sent.
 */
export class LeafHashes {
  readonly #options: LeafHashesOptions;
  readonly #waiting: Waiting[] = [];
  #credit = FREE_LEAF_BYTES;
  #busy = false;
  #closed = false;

  constructor(options: LeafHashesOptions) {
    this.#options = options;
  }

  /** The peer was sent so much of pieces. */
  sent(bytes: number): void {
    this.#credit += bytes;
  }

  request(store: ContentStore, place: HashPlace): void {
    const leaves = hashTreesOf(store.metainfo)?.leavesAt(place);
    if (leaves === undefined || !this.#mayRead(store, leaves.piece)) return this.#reject(place);
    this.#credit -= contentSize(store.metainfo, leaves.piece);
    // What is decoded may be a view of what is received next.
    this.#waiting.push({ store, place: { ...place, piecesRoot: place.piecesRoot.slice() }, leaves });
    void this.#answer();
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  #mayRead(store: ContentStore, piece: PieceIndex): boolean {
    if (this.#waiting.length >= MAX_LEAF_REQUESTS_WAITING) return false;
    if (this.#credit < contentSize(store.metainfo, piece)) return false;
    return this.#options.handler.onRequest(piece) !== undefined;
  }

  async #answer(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { store, place, leaves } = next;
      try {
        const hashes = hashesOfLeaves(leaves, await hashBlocks(store, leaves.piece));
        if (!this.#closed) this.#options.send({ ...place, type: 'hashes', hashes });
      } catch (error) {
        if (this.#closed) break;
        this.#reject(place);
        this.#options.handler.onSourceFault(error);
      }
    }
    this.#busy = false;
  }

  #reject(place: HashPlace): void {
    this.#options.send({ ...place, type: 'hash reject' });
  }
}

/** Part by part: neither memory nor time is taken for a whole piece. */
async function hashBlocks(store: ContentStore, piece: PieceIndex): Promise<Uint8Array> {
  const size = contentSize(store.metainfo, piece);
  const hashes = new Uint8Array(Math.ceil(size / BLOCK_BYTES) * TREE_HASH_BYTES);
  const buffer = new Uint8Array(Math.min(size, LEAF_READ_BYTES));
  for (let start = 0; start < size; start += LEAF_READ_BYTES) {
    const part = buffer.subarray(0, Math.min(LEAF_READ_BYTES, size - start));
    await store.read(piece, start, part);
    hashes.set(blockHashes(part), (start / BLOCK_BYTES) * TREE_HASH_BYTES);
  }
  return hashes;
}
