import type { PieceIndex } from '../metainfo/metainfo.ts';

/**
 * Which pieces of a content are held. Piece 0 is the high bit of byte 0 (BEP 3); spare bits are zero.
 */
export class Bitfield {
  readonly size: number;
  readonly bytes: Uint8Array;
  #count: number;

  constructor(size: number) {
    this.size = size;
    this.bytes = new Uint8Array(Math.ceil(size / 8));
    this.#count = 0;
  }

  /** Returns undefined where the length is wrong or a spare bit is set. */
  static fromBytes(bytes: Uint8Array, size: number): Bitfield | undefined {
    const bitfield = new Bitfield(size);
    if (bytes.length !== bitfield.bytes.length) return undefined;
    bitfield.bytes.set(bytes);
    const spare = bitfield.bytes.length * 8 - size;
    const last = bitfield.bytes.at(-1);
    if (last !== undefined && (last & ((1 << spare) - 1)) !== 0) return undefined;
    bitfield.#count = countBits(bitfield.bytes);
    return bitfield;
  }

  static full(size: number): Bitfield {
    const bitfield = new Bitfield(size);
    for (let index = 0; index < size; index++) bitfield.add(index as PieceIndex);
    return bitfield;
  }

  /** Pieces held. */
  get count(): number {
    return this.#count;
  }

  get complete(): boolean {
    return this.#count === this.size;
  }

  has(index: PieceIndex): boolean {
    return ((this.bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
  }

  /** Returns false where the piece was held already. */
  add(index: PieceIndex): boolean {
    if (index >= this.size || this.has(index)) return false;
    this.bytes[index >> 3] = (this.bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
    this.#count++;
    return true;
  }

  delete(index: PieceIndex): boolean {
    if (!this.has(index)) return false;
    this.bytes[index >> 3] = (this.bytes[index >> 3] ?? 0) & ~(0x80 >> (index & 7));
    this.#count--;
    return true;
  }

  *held(): Generator<PieceIndex> {
    for (let index = 0; index < this.size; index++)
      if (this.has(index as PieceIndex)) yield index as PieceIndex;
  }
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
