import { crc32 } from 'node:zlib';
import { LanshareError } from '../../src/errors.ts';
import type { WantedFiles } from '../../src/metainfo/choose-files.ts';
import { type Metainfo, type PieceIndex, pieceSize } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { goalOf, type PieceGoal } from '../../src/pieces/piece-goal.ts';
import type { ContentStore } from '../../src/storage/content-store.ts';

/** A content in memory, for swarms in one process: everything resolves in microtasks. */
export class MemoryStore implements ContentStore {
  readonly metainfo: Metainfo;
  readonly have: Bitfield;
  readonly goal: PieceGoal;
  readonly #bytes: Uint8Array;
  readonly #crc32s: Uint32Array;
  #writeFault: LanshareError | undefined;
  #closed = false;

  /** With the whole `content` it is a seed, without it holds nothing. Without `wanted`, all files are. */
  constructor(metainfo: Metainfo, content?: Uint8Array, wanted?: WantedFiles) {
    this.metainfo = metainfo;
    this.#bytes = new Uint8Array(metainfo.length);
    this.#crc32s = new Uint32Array(metainfo.version === 'unhashed' ? 0 : metainfo.pieceCount);
    this.have =
      content === undefined ? new Bitfield(metainfo.pieceCount) : Bitfield.full(metainfo.pieceCount);
    this.goal = goalOf(metainfo, this.have, wanted);
    if (content !== undefined) this.#bytes.set(content);
    for (const index of this.have.held()) this.#crc32s[index] = crc32(this.#piece(index));
  }

  /** All bytes as they are now; zeros where a piece is missing. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Writes reject with it from now on; `undefined` ends that. */
  failWrites(fault: LanshareError | undefined = diskFull()): void {
    this.#writeFault = fault;
  }

  /** Changes bytes behind the store's back, as a disk or another program may: hash and CRC-32 no longer fit. */
  damage(index: PieceIndex): void {
    const piece = this.#piece(index);
    piece[0] = (piece[0] ?? 0) ^ 0xff;
  }

  async read(index: PieceIndex, offset: number, target: Uint8Array): Promise<void> {
    this.#refuseClosed();
    const piece = this.#piece(index);
    if (!this.have.has(index)) throw new RangeError(`piece ${index} is not there yet`);
    if (offset < 0 || offset + target.length > piece.length)
      throw new RangeError(`bytes ${offset} to ${offset + target.length} are not all in piece ${index}`);
    target.set(piece.subarray(offset, offset + target.length));
  }

  crc32(index: PieceIndex): number | undefined {
    return this.have.has(index) ? this.#crc32s[index] : undefined;
  }

  async write(index: PieceIndex, content: Uint8Array, crc: number): Promise<void> {
    if (this.have.has(index)) return;
    this.#refuseClosed();
    if (this.#writeFault !== undefined) throw this.#writeFault;
    const piece = this.#piece(index);
    if (content.length !== piece.length)
      throw new RangeError(`piece ${index} has ${piece.length} bytes, not ${content.length}`);
    piece.set(content);
    this.#crc32s[index] = crc;
    this.have.add(index);
  }

  async finish(): Promise<string> {
    this.#refuseClosed();
    if (!this.goal.reached) throw new LanshareError('INTERNAL', `${this.metainfo.name} still lacks pieces`);
    return `memory/${this.metainfo.name}`;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #piece(index: PieceIndex): Uint8Array {
    const start = index * this.metainfo.pieceLength;
    return this.#bytes.subarray(start, start + pieceSize(this.metainfo, index));
  }

  #refuseClosed(): void {
    if (this.#closed) throw new LanshareError('INTERRUPTED', `${this.metainfo.name} is closed`);
  }
}

function diskFull(): LanshareError {
  return new LanshareError('DISK_FULL', 'cannot write memory: the disk is full', 'make room');
}
