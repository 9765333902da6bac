import { inLanes, inPieceLanes, type PieceWork } from '../../hashing/lanes.ts';
import { type OnProgress, ProgressMeter } from '../../hashing/progress-meter.ts';
import { FILE_CALLS_AT_ONCE, REREAD_PIECES_AT_ONCE } from '../../limits.ts';
import { expectedPiece, matchesPiece, pieceDigest } from '../../metainfo/expected-piece.ts';
import { allPieces, type Metainfo, type PieceIndex, pieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Layout, Segment } from '../layout.ts';
import { existsAlready } from '../out-folder.ts';
import type { FilePlaces } from './file-places.ts';
import type { PartFiles } from './part-files.ts';
import type { PartRoot } from './part-root.ts';
import type { FoundRecord } from './resume-journal.ts';
import type { ResumeRecord } from './resume-record.ts';

/** What an earlier run left, and what is known about this one. */
export interface Remains {
  readonly metainfo: Metainfo;
  readonly layout: Layout;
  readonly root: PartRoot;
  readonly places: FilePlaces;
  readonly files: PartFiles;
  readonly found: FoundRecord;
  readonly bootId: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Bytes read again so far, and all that must be. */
  readonly onReread: OnProgress | undefined;
}

/** CRC-32 of each verified piece. */
export type VerifiedPieces = Map<PieceIndex, number>;

interface FileState {
  readonly size: bigint;
  /** The later of mtime and ctime: the one can be set back, the other not. */
  readonly changedNs: bigint;
}

/**
 * The pieces of a part that are proven. An entry of the record is believed as it is where nothing can have
 * happened to the data since: the machine runs since before it was written (what a killed process wrote is in the
 * page cache), the part is the same file, and no file of the piece is younger than the record. Every other
 * claimed piece is read and compared with its hash. Without a readable record every piece is, and always what lies under
 * its final name: EXISTS_DIFFERENT where it is not what it should be.
 */
export async function findVerifiedPieces(remains: Remains): Promise<VerifiedPieces> {
  const { layout, root, places } = remains;
  const verified: VerifiedPieces = new Map();
  if (root.empty && !places.hasFinal) return verified;
  const states = await lookAtFiles(remains);
  const limitNs = believedUntil(remains);
  const reread: PieceIndex[] = [];
  for (const [index, crc] of claimedPieces(remains)) {
    const segments = layout.onDisk(index);
    if (!segments.every((segment) => reachesTo(segment, states))) continue;
    if (crc !== undefined && segments.every(({ file }) => (states.get(file)?.changedNs ?? 0n) <= limitNs))
      verified.set(index, crc);
    else reread.push(index);
  }
  await rereadPieces(remains, reread, verified);
  return verified;
}

async function lookAtFiles({ metainfo, files, signal }: Remains): Promise<ReadonlyMap<number, FileState>> {
  const states = new Map<number, FileState>();
  const look = async (file: number): Promise<void> => {
    if (metainfo.files[file]?.padding === true) return;
    const stats = await files.find(file);
    if (stats === undefined) return;
    let changedNs = stats.ctimeNs;
    if (stats.mtimeNs > changedNs) changedNs = stats.mtimeNs;
    states.set(file, { size: stats.size, changedNs });
  };
  await inLanes(metainfo.files.keys(), FILE_CALLS_AT_ONCE, look, signal);
  return states;
}

/** Nanoseconds since 1970; -1 where the record alone proves nothing. */
function believedUntil({ root, found, bootId }: Remains): bigint {
  if (found.kind === 'absent' || found.record.kind !== 'readable') return -1n;
  const { header, distrusted } = found.record;
  const samePlace = header.place.device === root.place.device && header.place.inode === root.place.inode;
  if (bootId === undefined || header.bootId !== bootId || !samePlace || distrusted) return -1n;
  // A later change of a file may be a write that the kill cut off from its entry, or somebody else's: look again.
  return found.changedNs;
}

/** With the CRC-32 that the record has; undefined for what no record can vouch for. */
function claimedPieces({ metainfo, layout, places, found }: Remains): Map<PieceIndex, number | undefined> {
  const record: ResumeRecord = found.kind === 'found' ? found.record : { kind: 'damaged' };
  const claimed = new Map<PieceIndex, number | undefined>();
  if (record.kind === 'readable') for (const [index, crc] of record.pieces) claimed.set(index, crc);
  else for (const index of allPieces(metainfo.pieceCount)) claimed.set(index, undefined);
  for (const file of places.placed()) {
    const { first, last } = layout.piecesOf(file) ?? { first: 0, last: -1 };
    for (let at = first; at <= last; at++) {
      const index = pieceIndex(at, metainfo.pieceCount);
      if (index !== undefined) claimed.set(index, undefined);
    }
  }
  return claimed;
}

function reachesTo({ file, fileOffset, length }: Segment, states: ReadonlyMap<number, FileState>): boolean {
  return (states.get(file)?.size ?? 0n) >= BigInt(fileOffset + length);
}

async function rereadPieces(
  remains: Remains,
  pieces: readonly PieceIndex[],
  verified: VerifiedPieces,
): Promise<void> {
  const { metainfo, layout, files, clock, signal, onReread } = remains;
  const bytesTotal = pieces.reduce((sum, index) => sum + pieceSize(metainfo, index), 0);
  const progress = new ProgressMeter(bytesTotal, clock, onReread);
  const reread: PieceWork<PieceIndex> = async (index, buffer, hasher) => {
    const content = buffer.subarray(0, pieceSize(metainfo, index));
    await files.read(layout.inPiece(index, 0, content.length), content);
    const check = await hasher.check(content, pieceDigest(metainfo, index));
    if (matchesPiece(metainfo, index, check)) verified.set(index, check.crc32);
    else refuseDifferent(remains, index);
    progress.add(content.length);
  };
  const pieceBytes = Math.min(metainfo.pieceLength, metainfo.length);
  await inPieceLanes(pieces, { width: REREAD_PIECES_AT_ONCE, pieceBytes, signal }, reread);
}

/** What an earlier run left half written is written again; a file under its final name is not. */
function refuseDifferent({ metainfo, layout, places }: Remains, index: PieceIndex): void {
  if (expectedPiece(metainfo, index).kind === 'unknown') return;
  const files = layout.onDisk(index).map(({ file }) => file);
  const [first, second] = files;
  if (first === undefined || !files.every((file) => places.isPlaced(file))) return;
  const doubt = second === undefined ? '' : `, or ${places.pathOf(second)} has, which shares a piece with it`;
  throw existsAlready(places.pathOf(first), `, is different (wrong content${doubt})`);
}
