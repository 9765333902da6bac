import { BLOCK_BYTES, FIRST_BLOCKS_OUTSTANDING, MAX_BLOCKS_OUTSTANDING } from '../../limits.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import type { BlockPlace } from '../../wire/bt/message.ts';
import { ProtocolError } from '../../wire/lan/message.ts';
import type { LinkHandler } from '../peer-link.ts';

export interface BlockDownloadsOptions {
  readonly handler: Pick<LinkHandler, 'takePiece' | 'releasePiece' | 'onPiece' | 'onReject'>;
  request(blocks: readonly BlockPlace[]): void;
  cancel(blocks: readonly BlockPlace[]): void;
}

/** A piece on its way, block by block. */
interface Download {
  readonly index: PieceIndex;
  readonly length: number;
  readonly blocks: ('wanted' | 'asked' | 'here')[];
  /** Blocks before it have been asked for. */
  next: number;
  arrived: number;
  /** From the first block on. */
  content: Uint8Array | undefined;
  /** It is not waited for any more; a block of it is being received. */
  dropped: boolean;
}

/**
 * Turns the whole pieces that a transfer asks for into blocks (BEP 3), keeps as many of them asked for as the peer
 * allows, and puts what arrives together.
 */
export class BlockDownloads {
  /** Blocks that the peer lets us leave with it. */
  limit = MAX_BLOCKS_OUTSTANDING;
  readonly #options: BlockDownloadsOptions;
  /** In the order of asking. */
  readonly #downloads = new Map<number, Download>();
  /** Asked for once and not waited for any more: blocks of them may still come. */
  readonly #given = new Set<number>();
  #outstanding = 0;
  /** Grows with each block that comes: some clients are at a loss with hundreds of requests at once. */
  #window = FIRST_BLOCKS_OUTSTANDING;
  /** Whose block is being received. */
  #filling: Download | undefined;
  #closed = false;

  constructor(options: BlockDownloadsOptions) {
    this.#options = options;
  }

  request(index: PieceIndex, length: number): void {
    if (this.#downloads.has(index)) return;
    const blocks = new Array<'wanted'>(Math.ceil(length / BLOCK_BYTES)).fill('wanted');
    const download: Download = {
      index,
      length,
      blocks,
      next: 0,
      arrived: 0,
      content: undefined,
      dropped: false,
    };
    this.#downloads.set(index, download);
    this.#askMore();
  }

  /** Whoever asked gets a reject, as from a peer that answers cancels. */
  cancel(index: PieceIndex): void {
    const download = this.#downloads.get(index);
    if (download === undefined) return;
    this.#options.cancel(this.#drop(download));
    queueMicrotask(() => {
      // Meanwhile it may have been asked for again, or the connection be gone.
      if (!this.#closed && !this.#downloads.has(index)) this.#options.handler.onReject(index);
    });
    this.#askMore();
  }

  /** The peer has forgotten all that it was asked for (BEP 3), or rejects each of it (BEP 6). */
  choked(): void {
    for (const download of [...this.#downloads.values()]) this.#drop(download);
  }

  /** BEP 6: this block will not come, so the piece is given up. */
  rejected({ index }: BlockPlace): void {
    const download = this.#downloads.get(index);
    if (download === undefined) {
      if (!this.#given.has(index))
        throw new ProtocolError(`a reject of piece ${index}, which was not asked for`);
      return;
    }
    this.#options.cancel(this.#drop(download));
    this.#options.handler.onReject(index);
    this.#askMore();
  }

  /** Where the bytes of a block go; undefined where they are not needed any more. Throws where it was never asked for. */
  takeBlock(index: number, begin: number, length: number): Uint8Array | undefined {
    const download = this.#downloads.get(index);
    if (download === undefined) {
      if (this.#given.has(index)) return undefined;
      throw new ProtocolError(`a block of piece ${index}, which was not asked for`);
    }
    const at = begin / BLOCK_BYTES;
    if (download.blocks[at] === undefined || length !== this.#placeOf(download, at).length)
      throw new ProtocolError(`a block of ${length} bytes at ${begin} of piece ${index}`);
    if (download.blocks[at] === 'here') return undefined;
    download.content ??= this.#options.handler.takePiece(index, download.length);
    if (download.content === undefined) {
      this.#options.cancel(this.#drop(download));
      this.#askMore();
      return undefined;
    }
    this.#filling = download;
    return download.content.subarray(begin, begin + length);
  }

  /** All bytes of the block are where `takeBlock` said. */
  onBlock(begin: number): void {
    const download = this.#filling;
    this.#filling = undefined;
    if (download?.content === undefined) return;
    if (download.dropped) return this.#options.handler.releasePiece(download.content);
    const at = begin / BLOCK_BYTES;
    if (download.blocks[at] === 'asked') this.#outstanding--;
    download.blocks[at] = 'here';
    download.arrived++;
    this.#window = Math.min(this.#window + 1, MAX_BLOCKS_OUTSTANDING);
    if (download.arrived === download.blocks.length) {
      this.#forget(download);
      const { index, content } = download;
      this.#options.handler.onPiece({ index, content, sentCrc32: undefined });
    }
    this.#askMore();
  }

  /** Gives every buffer back: the connection is gone. */
  close(): void {
    this.#closed = true;
    const filling = this.#filling;
    this.#filling = undefined;
    if (filling?.dropped === true && filling.content !== undefined)
      this.#options.handler.releasePiece(filling.content);
    for (const download of [...this.#downloads.values()]) this.#drop(download);
  }

  /** Several at once: one by one, the requests for a gigabyte are 65,000 writes to the socket. */
  #askMore(): void {
    const window = Math.min(this.#window, this.limit);
    if (window - this.#outstanding < window / REFILLS_PER_WINDOW) return;
    const asked: BlockPlace[] = [];
    for (const download of this.#downloads.values()) {
      if (this.#outstanding >= window) break;
      for (; download.next < download.blocks.length && this.#outstanding < window; download.next++) {
        if (download.blocks[download.next] !== 'wanted') continue;
        download.blocks[download.next] = 'asked';
        this.#outstanding++;
        asked.push(this.#placeOf(download, download.next));
      }
    }
    if (asked.length > 0) this.#options.request(asked);
  }

  /** Returns what was asked for and has not come. */
  #drop(download: Download): BlockPlace[] {
    const asked: BlockPlace[] = [];
    for (const [at, state] of download.blocks.entries())
      if (state === 'asked') asked.push(this.#placeOf(download, at));
    this.#outstanding -= asked.length;
    this.#forget(download);
    download.dropped = true;
    if (download.content !== undefined && download !== this.#filling)
      this.#options.handler.releasePiece(download.content);
    return asked;
  }

  #forget({ index }: Download): void {
    this.#downloads.delete(index);
    this.#given.add(index);
  }

  #placeOf({ index, length }: Download, at: number): BlockPlace {
    const begin = at * BLOCK_BYTES;
    return { index, begin, length: Math.min(BLOCK_BYTES, length - begin) };
  }
}

/** Blocks are asked for when this part of the window is free. */
const REFILLS_PER_WINDOW = 4;
