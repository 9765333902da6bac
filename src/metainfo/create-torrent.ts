import {
  DEFAULT_PIECE_LENGTH_MAX_BYTES,
  DEFAULT_PIECE_LENGTH_MIN_BYTES,
  DEFAULT_PIECES_TARGET,
} from '../limits.ts';
import { aligned, isPadding, type Padding } from './alignment.ts';
import { type BencodeInput, encodeBencode } from './bencode.ts';
import { encodeDictionary } from './bencode-dictionary.ts';
import { encodeFileTree } from './encode-file-tree.ts';
import { paddingPath } from './listed-file.ts';
import type { FileTree, Metainfo, TorrentVersion } from './metainfo.ts';
import { comparePaths } from './path-order.ts';

/** What an info dictionary is made of. */
export interface InfoDescription {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** In the order of their bytes in the content. A single file has an empty path. */
  readonly files: readonly DescribedFile[];
  /** Bytes. */
  readonly pieceLength: number;
  /** 20 bytes a piece; of a hybrid, of the files with the padding between them (`aligned`). */
  readonly pieceHashes: Uint8Array;
  /** Default: v1. The others need the tree of each file. */
  readonly version?: TorrentVersion;
  /** In the order of `files`; undefined for a file without a byte. */
  readonly trees?: readonly (FileTree | undefined)[];
  /** BEP 27. */
  readonly private?: boolean;
}

export interface DescribedFile {
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  readonly executable: boolean;
}

/** What stands beside the info dictionary and does not change the info-hash. */
export interface TorrentDetails {
  readonly createdBy?: string;
  readonly comment?: string;
  /** Seconds since 1970. */
  readonly creationDate?: number;
  /** Tracker tiers (BEP 12). */
  readonly trackers?: readonly (readonly string[])[];
  /** BEP 19. */
  readonly webSeeds?: readonly string[];
}

/**
 * The order in which a folder's files are to be hashed and described, so that the same folder gives the same
 * info-hash on every machine.
 */
export function inContentOrder<T extends { readonly path: readonly string[] }>(files: readonly T[]): T[] {
  return files.toSorted((one, other) => comparePaths(one.path, other.path));
}

/**
 * The bencoded info dictionary (BEP 3, BEP 52, attributes of BEP 47). The same description gives the same bytes.
 * What the names and sizes may be is for `parseInfo` to say.
 */
export function buildInfo(description: InfoDescription): Uint8Array {
  const { version = 'v1', name, pieceLength } = description;
  const entries: [string, Uint8Array][] = [
    ['name', encodeBencode(name)],
    ['piece length', encodeBencode(pieceLength)],
  ];
  if (description.private === true) entries.push(['private', encodeBencode(1)]);
  if (version !== 'v2') entries.push(...entriesOfV1(description));
  if (version !== 'v1') entries.push(...entriesOfV2(description));
  return encodeDictionary(entries);
}

/** A .torrent around an info dictionary, whose bytes stay as they are, with the piece layers that are known. */
export function buildTorrent(metainfo: Metainfo, details: TorrentDetails = {}): Uint8Array {
  const { createdBy, comment, creationDate, trackers = [], webSeeds = [] } = details;
  const beside = {
    announce: trackers[0]?.[0],
    'announce-list': trackers.length > 0 ? trackers : undefined,
    comment,
    'created by': createdBy,
    'creation date': creationDate,
    'url-list': webSeeds.length > 0 ? webSeeds : undefined,
  };
  const entries: [string, Uint8Array][] = [['info', metainfo.infoBytes]];
  for (const [key, value] of Object.entries(beside)) {
    if (value !== undefined) entries.push([key, encodeBencode(value)]);
  }
  if (metainfo.v2 !== undefined) entries.push(['piece layers', encodePieceLayers(metainfo.v2.trees)]);
  return encodeDictionary(entries);
}

/** Doubles until there are no more than DEFAULT_PIECES_TARGET pieces, within 256 KiB to 16 MiB. */
export function choosePieceLength(contentLength: number): number {
  let pieceLength = DEFAULT_PIECE_LENGTH_MIN_BYTES;
  while (
    pieceLength < DEFAULT_PIECE_LENGTH_MAX_BYTES &&
    contentLength > pieceLength * DEFAULT_PIECES_TARGET
  ) {
    pieceLength *= 2;
  }
  return pieceLength;
}

function entriesOfV1(description: InfoDescription): [string, Uint8Array][] {
  const { version, kind, files, pieceLength, pieceHashes } = description;
  const pieces: [string, Uint8Array] = ['pieces', encodeBencode(pieceHashes)];
  if (kind === 'folder') {
    const listed = version === 'hybrid' ? [...aligned(files, pieceLength)] : files;
    return [pieces, ['files', encodeBencode(listed.map(folderEntry))]];
  }
  const [file] = files;
  if (file === undefined || files.length > 1) throw new RangeError('a single-file content has one file');
  const { length, attr } = sizeAndAttributes(file);
  return [
    pieces,
    ['length', encodeBencode(length)],
    ...(attr === undefined ? [] : [['attr', encodeBencode(attr)] as [string, Uint8Array]]),
  ];
}

function entriesOfV2({ name, kind, files, trees = [] }: InfoDescription): [string, Uint8Array][] {
  const rooted = files.map((file, at) => ({
    ...file,
    path: kind === 'file' ? [name] : file.path,
    piecesRoot: trees[at]?.piecesRoot,
  }));
  return [
    ['file tree', encodeFileTree(rooted)],
    ['meta version', encodeBencode(2)],
  ];
}

/** Files of the same content share one layer. */
function encodePieceLayers(trees: readonly (FileTree | undefined)[]): Uint8Array {
  const layers = new Map<string, readonly [Uint8Array, Uint8Array]>();
  for (const tree of trees) {
    if (tree?.pieceLayer === undefined) continue;
    layers.set(Buffer.from(tree.piecesRoot).toString('hex'), [
      tree.piecesRoot,
      encodeBencode(tree.pieceLayer),
    ]);
  }
  return encodeDictionary(layers.values());
}

function folderEntry(file: DescribedFile | Padding): BencodeInput {
  if (isPadding(file)) return { attr: 'p', length: file.length, path: paddingPath(file.length) };
  return { path: file.path, ...sizeAndAttributes(file) };
}

function sizeAndAttributes(file: DescribedFile): { length: number; attr: string | undefined } {
  return { length: file.length, attr: file.executable ? 'x' : undefined };
}
