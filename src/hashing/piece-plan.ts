/** A run of bytes of one file that goes into one piece. */
export interface PieceSegment {
  /** Index of the file. */
  readonly file: number;
  /** Bytes from the start of the file. */
  readonly fileOffset: number;
  /** Bytes from the start of the piece. */
  readonly pieceOffset: number;
  readonly length: number;
}

export interface PlannedPiece {
  readonly index: number;
  /** Bytes; the last piece may be short. */
  readonly size: number;
  /** In order and without gaps. Empty files are in no piece. */
  readonly segments: readonly PieceSegment[];
}

/** The pieces of files that lie one behind the other (BEP 3), in order. */
export function* planPieces(
  files: readonly { readonly length: number }[],
  pieceLength: number,
): Generator<PlannedPiece> {
  let index = 0;
  let size = 0;
  let segments: PieceSegment[] = [];
  for (const [file, { length }] of files.entries()) {
    for (let fileOffset = 0; fileOffset < length; ) {
      const here = Math.min(length - fileOffset, pieceLength - size);
      segments.push({ file, fileOffset, pieceOffset: size, length: here });
      fileOffset += here;
      size += here;
      if (size < pieceLength) continue;
      yield { index, size, segments };
      index++;
      size = 0;
      segments = [];
    }
  }
  if (size > 0) yield { index, size, segments };
}
