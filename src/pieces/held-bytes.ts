import { type Metainfo, type MetainfoFile, pieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { Bitfield } from './bitfield.ts';

type Held = Readonly<Pick<Bitfield, 'has' | 'count'>>;
type Described = Pick<Metainfo, 'files' | 'length' | 'pieceLength' | 'pieceCount'>;

/** Bytes of files in the pieces that are held, without the padding between the files. */
export function heldFileBytes(metainfo: Described, have: Held): number {
  const { files, pieceLength, pieceCount } = metainfo;
  let bytes = have.count * pieceLength;
  const last = pieceIndex(pieceCount - 1, pieceCount);
  if (last !== undefined && have.has(last)) bytes -= pieceLength - pieceSize(metainfo, last);
  for (const file of files) if (file.padding) bytes -= heldBytesOf(file, metainfo, have);
  return bytes;
}

/** A hybrid's padding lies in one piece; that of others may span many. */
function heldBytesOf(
  { offset, length }: MetainfoFile,
  { pieceLength, pieceCount }: Described,
  have: Held,
): number {
  const end = offset + length;
  let held = 0;
  for (let at = offset; at < end; ) {
    const index = pieceIndex(Math.floor(at / pieceLength), pieceCount);
    if (index === undefined) break;
    const next = Math.min(end, (index + 1) * pieceLength);
    if (have.has(index)) held += next - at;
    at = next;
  }
  return held;
}
