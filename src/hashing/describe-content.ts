import { LanshareError } from '../errors.ts';
import {
  MAX_PADDING_PERCENT,
  MAX_PIECE_LENGTH_BYTES,
  MAX_TORRENT_BYTES,
  MIN_PIECE_LENGTH_BYTES,
} from '../limits.ts';
import { paddingBytes } from '../metainfo/alignment.ts';
import { buildInfo, choosePieceLength, type InfoDescription } from '../metainfo/create-torrent.ts';
import { TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import type { FileTree, TorrentVersion } from '../metainfo/metainfo.ts';
import { printableName } from '../metainfo/printable-name.ts';
import { namePartFault } from '../metainfo/safe-name.ts';
import { isSingleFile } from '../metainfo/tree-content.ts';
import type { SourceFile } from './hashed-content.ts';
import type { FileListing } from './list-files.ts';

/** How a content is to be described. */
export interface DescriptionWishes {
  /** The name it is shared under. Default: the file's or folder's own. */
  readonly name?: string | undefined;
  /** Bytes, a power of two from 16 KiB to 64 MiB. Default: chosen by size. */
  readonly pieceLength?: number | undefined;
  /**
   * Default: v1. `fitting` is a hybrid, or v1 with a warning where the padding that a hybrid needs would be more than
   * MAX_PADDING_PERCENT of the content.
   */
  readonly version?: TorrentVersion | 'fitting' | undefined;
  /** BEP 27. */
  readonly private?: boolean | undefined;
}

export type ContentDescription = InfoDescription & { readonly version: TorrentVersion };

interface Described {
  readonly description: ContentDescription;
  readonly warnings: readonly string[];
}

/** The info dictionary to be, with hashes of zeros: every refusal comes before the hashing, not after it. Throws USAGE. */
export function describeContent(listing: FileListing, wishes: DescriptionWishes): Described {
  const { kind, files, sourcePath } = listing;
  const length = files.reduce((sum, file) => sum + file.length, 0);
  const pieceLength = wishes.pieceLength ?? choosePieceLength(length);
  refusePieceLength(pieceLength);
  const name = wishes.name ?? listing.name;
  const fault = namePartFault(name);
  if (fault !== undefined) throw badName(name, fault);
  const { version, warnings } = chooseVersion(wishes.version, { name, files, pieceLength });
  if (version === 'v2' && kind === 'folder' && isSingleFile(files, name)) throw onlyOneName(sourcePath);
  const padding = version === 'v1' ? 0 : paddingBytes(files, pieceLength);
  const pieceCount = Math.ceil((length + padding) / pieceLength);
  if (pieceCount * 20 > MAX_TORRENT_BYTES) throw tooLarge(sourcePath);
  const pieceHashes = new Uint8Array(pieceCount * 20);
  const description = {
    name,
    kind,
    files,
    pieceLength,
    pieceHashes,
    version,
    private: wishes.private ?? false,
    ...(version === 'v1' ? {} : { trees: files.map(treeToBe) }),
  };
  // The layers have 32 bytes a piece, and stand beside the info dictionary.
  const layers = version === 'v1' ? 0 : pieceCount * TREE_HASH_BYTES;
  if (buildInfo(description).length + layers > MAX_TORRENT_BYTES) throw tooLarge(sourcePath);
  return { description, warnings };
}

function treeToBe({ length }: SourceFile): FileTree | undefined {
  return length === 0 ? undefined : { piecesRoot: new Uint8Array(TREE_HASH_BYTES), pieceLayer: undefined };
}

interface Proportions {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly pieceLength: number;
}

function chooseVersion(
  wanted: TorrentVersion | 'fitting' = 'v1',
  { name, files, pieceLength }: Proportions,
): { readonly version: TorrentVersion; readonly warnings: readonly string[] } {
  if (wanted !== 'fitting') return { version: wanted, warnings: [] };
  const length = files.reduce((sum, file) => sum + file.length, 0);
  const percent = (paddingBytes(files, pieceLength) / Math.max(1, length)) * 100;
  if (percent <= MAX_PADDING_PERCENT) return { version: 'hybrid', warnings: [] };
  return { version: 'v1', warnings: [tooMuchPadding(name, percent)] };
}

function tooMuchPadding(name: string, percent: number): string {
  const larger =
    percent < 200 ? `${Math.ceil(percent)} % larger` : `${Math.round(1 + percent / 100)} times as large`;
  return `${printableName(name)} is described for BitTorrent v1 alone: for v2, padding between its files would make it ${larger} (--hybrid does that)`;
}

function refusePieceLength(pieceLength: number): void {
  const isPowerOfTwo = Number.isInteger(Math.log2(pieceLength));
  if (isPowerOfTwo && pieceLength >= MIN_PIECE_LENGTH_BYTES && pieceLength <= MAX_PIECE_LENGTH_BYTES) return;
  throw new LanshareError(
    'USAGE',
    `a piece length of ${pieceLength} bytes is not possible`,
    'use a power of two from 16 KiB to 64 MiB',
  );
}

function badName(name: string, fault: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `cannot share under the name "${printableName(name)}": it ${fault}`,
    'give it another name with --name',
  );
}

function onlyOneName(path: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `${path} has one file of its own name, which v2 cannot tell from that file alone`,
    'describe the file itself, or use --hybrid',
  );
}

function tooLarge(path: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `the description of ${path} would be larger than ${MAX_TORRENT_BYTES / 1024 / 1024} MiB`,
    'share its folders one by one, or choose a larger --piece-length',
  );
}
