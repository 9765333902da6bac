import type { WantedFiles } from '../metainfo/choose-files.ts';
import { filesLength, type Metainfo, type PieceIndex, pieceIndex } from '../metainfo/metainfo.ts';
import type { Bitfield } from './bitfield.ts';
import { heldFileBytes } from './held-bytes.ts';

type Held = Readonly<Pick<Bitfield, 'has' | 'count' | 'complete'>>;

/** Which pieces are to be held here in the end, and how far that has come. Padding counts nowhere. */
export interface PieceGoal {
  /** Nothing that is wanted is lacking. Once so, always so. */
  readonly reached: boolean;
  /** Bytes of the wanted files, and those of them that lie in held pieces. */
  readonly bytesTotal: number;
  readonly bytesDone: number;
  /** Wanted and not held. */
  lacks(index: PieceIndex): boolean;
}

export function goalOf(metainfo: Metainfo, have: Held, wanted: WantedFiles | undefined): PieceGoal {
  return wanted === undefined ? new WholeContent(metainfo, have) : new SomeFiles(metainfo, have, wanted);
}

/** What is here is all that is wanted: a content that is only served. */
export function goalAlreadyReached(metainfo: Metainfo, have: Held): PieceGoal {
  return {
    reached: true,
    bytesTotal: filesLength(metainfo),
    get bytesDone() {
      return heldFileBytes(metainfo, have);
    },
    lacks: () => false,
  };
}

class WholeContent implements PieceGoal {
  readonly bytesTotal: number;
  readonly #metainfo: Metainfo;
  readonly #have: Held;

  constructor(metainfo: Metainfo, have: Held) {
    this.#metainfo = metainfo;
    this.#have = have;
    this.bytesTotal = filesLength(metainfo);
  }

  get reached(): boolean {
    return this.#have.complete;
  }

  get bytesDone(): number {
    return heldFileBytes(this.#metainfo, this.#have);
  }

  lacks(index: PieceIndex): boolean {
    return !this.#have.has(index);
  }
}

/** A piece that has a byte of a wanted file is wanted, whole. */
class SomeFiles implements PieceGoal {
  readonly bytesTotal: number;
  readonly #have: Held;
  /** Bytes of wanted files in each piece. */
  readonly #wantedBytes: Uint32Array;
  /** Of the pieces before it none is lacking any more. */
  #firstLacking = 0;

  constructor(metainfo: Metainfo, have: Held, wanted: WantedFiles) {
    this.#have = have;
    this.#wantedBytes = wantedBytes(metainfo, wanted);
    this.bytesTotal = this.#wantedBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  get reached(): boolean {
    const { length } = this.#wantedBytes;
    for (; this.#firstLacking < length; this.#firstLacking++) {
      const index = pieceIndex(this.#firstLacking, length);
      if (index !== undefined && this.lacks(index)) return false;
    }
    return true;
  }

  get bytesDone(): number {
    return this.#wantedBytes.reduce((sum, bytes, at) => {
      const index = bytes === 0 ? undefined : pieceIndex(at, this.#wantedBytes.length);
      return index !== undefined && this.#have.has(index) ? sum + bytes : sum;
    }, 0);
  }

  lacks(index: PieceIndex): boolean {
    return (this.#wantedBytes[index] ?? 0) > 0 && !this.#have.has(index);
  }
}

function wantedBytes({ files, pieceLength, pieceCount }: Metainfo, wanted: WantedFiles): Uint32Array {
  const bytes = new Uint32Array(pieceCount);
  for (const position of wanted) {
    const { offset, length } = files[position] ?? { offset: 0, length: 0 };
    for (let at = offset; at < offset + length; ) {
      const piece = Math.floor(at / pieceLength);
      const next = Math.min(offset + length, (piece + 1) * pieceLength);
      bytes[piece] = (bytes[piece] ?? 0) + next - at;
      at = next;
    }
  }
  return bytes;
}
