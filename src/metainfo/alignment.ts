/** Zeros between two files, so that the second starts a piece (BEP 47, BEP 52). */
export interface Padding {
  readonly padding: true;
  /** Bytes. */
  readonly length: number;
}

/**
 * The files with the padding that makes each start a piece. None stands before a file without a byte, nor behind the
 * last one.
 */
export function* aligned<T extends { readonly length: number }>(
  files: Iterable<T>,
  pieceLength: number,
): Generator<T | Padding> {
  let offset = 0;
  for (const file of files) {
    const over = offset % pieceLength;
    if (over > 0 && file.length > 0) {
      yield { padding: true, length: pieceLength - over };
      offset += pieceLength - over;
    }
    yield file;
    offset += file.length;
  }
}

/** Bytes of padding that alignment would add. */
export function paddingBytes(files: Iterable<{ readonly length: number }>, pieceLength: number): number {
  let bytes = 0;
  for (const part of aligned(files, pieceLength)) if (isPadding(part)) bytes += part.length;
  return bytes;
}

export function isPadding<T extends object>(part: T | Padding): part is Padding {
  return 'padding' in part && part.padding === true;
}
