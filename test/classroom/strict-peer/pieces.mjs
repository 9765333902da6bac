import { mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The file of `common` in `folder`: whole from the start, or begun anew. */
export function openPieces(folder, common, hasFile) {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, common.fileName), hasFile ? 'r' : 'w+');
  return new Pieces(file, common, hasFile);
}

/** Which pieces there are, and the bytes of each. */
class Pieces {
  #file;
  #fileSize;
  #pieceSize;
  #held;

  constructor(file, { fileSize, pieceSize }, hasFile) {
    this.#file = file;
    this.#fileSize = fileSize;
    this.#pieceSize = pieceSize;
    this.total = Math.ceil(fileSize / pieceSize);
    this.#held = new PieceSet(this.total);
    if (hasFile) for (let index = 0; index < this.total; index++) this.#held.add(index);
  }

  get count() {
    return this.#held.count;
  }

  get complete() {
    return this.#held.complete;
  }

  has(index) {
    return this.#held.has(index);
  }

  bitfield() {
    return this.#held.toBytes();
  }

  sizeOf(index) {
    return Math.min(this.#pieceSize, this.#fileSize - index * this.#pieceSize);
  }

  read(index) {
    const bytes = Buffer.allocUnsafe(this.sizeOf(index));
    readSync(this.#file, bytes, 0, bytes.length, index * this.#pieceSize);
    return bytes;
  }

  write(index, bytes) {
    writeSync(this.#file, bytes, 0, bytes.length, index * this.#pieceSize);
    this.#held.add(index);
  }
}

/** A set of piece indexes. In a bitfield the first piece is the high bit of the first byte. */
export class PieceSet {
  #total;
  #held = new Set();

  constructor(total) {
    this.#total = total;
  }

  static fromBytes(bytes, total) {
    const set = new PieceSet(total);
    if (bytes.length !== Math.ceil(total / 8)) throw new Error(`a bitfield of ${bytes.length} bytes`);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      if ((bytes[bit >> 3] & (0x80 >> (bit & 7))) === 0) continue;
      if (bit >= total) throw new Error('a bitfield with a spare bit set');
      set.add(bit);
    }
    return set;
  }

  get count() {
    return this.#held.size;
  }

  get complete() {
    return this.#held.size === this.#total;
  }

  has(index) {
    return this.#held.has(index);
  }

  add(index) {
    this.#held.add(index);
  }

  [Symbol.iterator]() {
    return this.#held.values();
  }

  toBytes() {
    const bytes = Buffer.alloc(Math.ceil(this.#total / 8));
    for (const index of this.#held) bytes[index >> 3] |= 0x80 >> (index & 7);
    return bytes;
  }
}
