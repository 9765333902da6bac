import { createHash } from 'node:crypto';
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES, MAX_TORRENT_BYTES, MIN_PIECE_LENGTH_BYTES } from '../limits.ts';
import { type Bencoded, BencodeError, decodeTolerantly } from './bencode.ts';
import { readFileTree } from './file-tree.ts';
import { readName, type TextReader, textReader, type WrittenName } from './info-fields.ts';
import { hasFileList, readFileList } from './info-files.ts';
import type { ListedFile } from './listed-file.ts';
import { sha256 } from './merkle.ts';
import { type InfoHash, infoHashFromBytes, type Metainfo, type TorrentVersion } from './metainfo.ts';
import { placeFiles } from './place-files.ts';
import { notATorrent } from './torrent-fault.ts';
import { alignedTree, isSingleFile, refuseMismatch, withRoots } from './tree-content.ts';

/** An info dictionary, and what was done to make it safe. */
export interface ReadInfo {
  readonly metainfo: Metainfo;
  /** Files, and the whole, that bear another name than it gives them. */
  readonly namesMadeSafe: number;
}

/** As `readInfo`. */
export function parseInfo(infoBytes: Uint8Array, encoding?: string): Metainfo {
  return readInfo(infoBytes, encoding).metainfo;
}

/**
 * Reads an info dictionary alone (BEP 3, BEP 52), as a peer sends it. The bytes are kept, so they must not change
 * any more. That they are what the wanted info-hash stands for is the caller's to ask (`isInfoOf`). The layers of
 * v2's trees are not in it; `withPieceLayers` adds them. `encoding` is for names that are not UTF-8; only a .torrent
 * can say it.
 * Throws NOT_A_TORRENT or UNSAFE_NAME with one sentence that names the fault.
 */
export function readInfo(infoBytes: Uint8Array, encoding?: string): ReadInfo {
  const { value: info, irregularity } = decodeTorrent(infoBytes);
  if (info.kind !== 'dictionary') throw notATorrent('its "info" is no dictionary');
  if (info.raw.length !== infoBytes.length) throw notATorrent('something follows its "info"');
  const version = readVersion(info, irregularity);
  const pieceLength = readPieceLength(info, version);
  const readText = textReader(encoding);
  const written = readName(info, readText);
  // What libtorrent calls a content that has no name of use.
  const name = written.safe ?? sha1(infoBytes);
  const { kind, listed } = readFiles(info, { version, written, name, pieceLength, readText });
  const { files, length, trees, renamed } = placeFiles(listed);
  const pieceCount = Math.ceil(length / pieceLength);
  if (pieceCount > MAX_PIECES) throw notATorrent(`it has more than ${MAX_PIECES} pieces`);
  const metainfo = {
    version,
    infoHash: version === 'v2' ? shortened(sha256(infoBytes)) : sha1(infoBytes),
    infoHashV2: version === 'v1' ? undefined : Buffer.from(sha256(infoBytes)).toString('hex'),
    infoBytes: info.raw,
    name,
    kind,
    files,
    length,
    pieceLength,
    pieceCount,
    pieceHashes: readPieceHashes(info, version, pieceCount),
    v2: version === 'v1' ? undefined : { trees },
    private: (info.field('private')?.integer ?? 0) !== 0,
  };
  return { metainfo, namesMadeSafe: renamed + (name === written.written ? 0 : 1) };
}

/** Whether an info-hash stands for these bytes: their SHA-1, or the first half of their SHA-256 (BEP 52). */
export function isInfoOf(infoBytes: Uint8Array, infoHash: InfoHash): boolean {
  return sha1(infoBytes) === infoHash || shortened(sha256(infoBytes)) === infoHash;
}

/** `decodeTolerantly` with its faults told as faults of a torrent. */
export function decodeTorrent(bytes: Uint8Array): ReturnType<typeof decodeTolerantly> {
  try {
    return decodeTolerantly(bytes);
  } catch (error) {
    if (error instanceof BencodeError) throw notATorrent(bencodeFault(bytes, error), error);
    throw error;
  }
}

function bencodeFault(bytes: Uint8Array, error: BencodeError): string {
  switch (error.fault) {
    case 'too long':
      return `it is larger than ${MAX_TORRENT_BYTES / 1024 / 1024} MiB`;
    case 'truncated':
      return bytes.length === 0 ? 'it is empty' : `it is cut off or damaged (${error.message})`;
    default:
      return `it is not proper bencode (${error.message})`;
  }
}

/**
 * A hybrid (BEP 52) has the keys of v1 beside those of v2; without the hashes of v1 it is as good as one of v2 alone.
 * Who names a version has to write as BEP 52 wants it, with nothing that two readers could understand in two ways.
 */
function readVersion(info: Bencoded, irregularity: BencodeError | undefined): TorrentVersion {
  const field = info.field('meta version');
  const version = field?.integer ?? 0;
  if (version > 0 && irregularity !== undefined)
    throw notATorrent(`its "info" is not proper bencode (${irregularity.message})`);
  if (version > 2) throw notATorrent(`its meta version is ${version}, and only 1 and 2 are known`);
  if (version === 2) return hasFileList(info) && info.field('pieces')?.kind === 'string' ? 'hybrid' : 'v2';
  if (info.field('file tree')?.kind !== 'dictionary') return 'v1';
  if (field === undefined) throw notATorrent('the key "meta version" is missing');
  throw notATorrent(`it has a file tree, and its meta version is ${field.integer ?? 'no number'}`);
}

function readPieceLength(info: Bencoded, version: TorrentVersion): number {
  const field = info.field('piece length');
  if (field === undefined) throw notATorrent('the key "piece length" is missing');
  const pieceLength = field.integer;
  if (pieceLength === undefined || pieceLength < 1) throw notATorrent('its piece length is no size');
  if (pieceLength > MAX_PIECE_LENGTH_BYTES)
    throw notATorrent(`its pieces are larger than ${MAX_PIECE_LENGTH_BYTES / 1024 / 1024} MiB`);
  if (
    version !== 'v1' &&
    !(pieceLength >= MIN_PIECE_LENGTH_BYTES && Number.isInteger(Math.log2(pieceLength)))
  )
    throw notATorrent('its piece length is no power of two of at least 16 KiB, as v2 wants it');
  return pieceLength;
}

interface Reading {
  readonly version: TorrentVersion;
  readonly written: WrittenName;
  readonly name: string;
  readonly pieceLength: number;
  readonly readText: TextReader;
}

function readFiles(
  info: Bencoded,
  { version, written, name, pieceLength, readText }: Reading,
): { readonly kind: 'file' | 'folder'; readonly listed: readonly ListedFile[] } {
  if (version === 'v1') {
    const { kind, files } = readFileList(info, written, readText);
    return { kind, listed: files };
  }
  const tree = readFileTree(info, readText);
  if (hasFileList(info)) {
    const list = readFileList(info, written, readText);
    refuseMismatch(list, tree, name, pieceLength);
    return { kind: list.kind, listed: withRoots(list, tree) };
  }
  if (isSingleFile(tree, name)) return { kind: 'file', listed: tree.map(unnamed) };
  return { kind: 'folder', listed: alignedTree(tree, pieceLength) };
}

/** The name of a single file is that of the whole. */
function unnamed(file: ListedFile): ListedFile {
  return { ...file, written: [], path: [] };
}

function readPieceHashes(info: Bencoded, version: TorrentVersion, pieceCount: number): Uint8Array {
  const field = info.field('pieces');
  if (version === 'v2' && field?.kind !== 'string') return NO_HASHES;
  if (field === undefined) throw notATorrent('the key "pieces" is missing');
  const { bytes } = field;
  if (bytes === undefined || bytes.length % 20 !== 0) throw notATorrent('its piece hashes are damaged');
  if (bytes.length !== pieceCount * 20)
    throw notATorrent(`it has ${bytes.length / 20} piece hashes for ${pieceCount} pieces`);
  return version === 'v2' ? NO_HASHES : bytes;
}

const NO_HASHES = new Uint8Array(0);

function sha1(bytes: Uint8Array): InfoHash {
  return infoHashFromBytes(createHash('sha1').update(bytes).digest());
}

function shortened(digest: Uint8Array): InfoHash {
  return infoHashFromBytes(digest.subarray(0, 20));
}
