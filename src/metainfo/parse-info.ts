import { createHash } from 'node:crypto';
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES, MAX_TORRENT_BYTES, MIN_PIECE_LENGTH_BYTES } from '../limits.ts';
import { type Bencoded, BencodeError, decodeBencode } from './bencode.ts';
import { readFileTree } from './file-tree.ts';
import { type TextReader, textReader } from './info-fields.ts';
import { type ContentFiles, readContent, readName } from './info-files.ts';
import { sha256 } from './merkle.ts';
import {
  type FileTree,
  type InfoHash,
  infoHashFromBytes,
  type Metainfo,
  type TorrentVersion,
} from './metainfo.ts';
import { notATorrent } from './torrent-fault.ts';
import { placeTree, refuseMismatch, treesOf } from './tree-content.ts';

/**
 * Reads an info dictionary alone (BEP 3, BEP 52), as a peer sends it. The bytes are kept, so they must not change
 * any more. That they are what the wanted info-hash stands for is the caller's to ask (`isInfoOf`). The layers of
 * v2's trees are not in it; `withPieceLayers` adds them. `encoding` is for names that are not UTF-8; only a .torrent
 * can say it.
 * Throws NOT_A_TORRENT or UNSAFE_NAME with one sentence that names the fault.
 */
export function parseInfo(infoBytes: Uint8Array, encoding?: string): Metainfo {
  const info = decodeTorrent(infoBytes);
  if (info.kind !== 'dictionary') throw notATorrent('its "info" is no dictionary');
  const version = readVersion(info);
  const readText = textReader(encoding);
  const name = readName(info, readText);
  const pieceLength = readPieceLength(info, version);
  const { content, trees } = readFiles(info, { version, name, pieceLength, readText });
  const pieceCount = Math.ceil(content.length / pieceLength);
  if (pieceCount > MAX_PIECES) throw notATorrent(`it has more than ${MAX_PIECES} pieces`);
  return {
    version,
    infoHash: version === 'v2' ? shortened(sha256(infoBytes)) : sha1(infoBytes),
    infoHashV2: version === 'v1' ? undefined : Buffer.from(sha256(infoBytes)).toString('hex'),
    infoBytes: info.raw,
    name,
    ...content,
    pieceLength,
    pieceCount,
    pieceHashes: version === 'v2' ? new Uint8Array(0) : readPieceHashes(info, pieceCount),
    v2: trees && { trees },
    private: info.field('private')?.integer === 1,
  };
}

/** Whether an info-hash stands for these bytes: their SHA-1, or the first half of their SHA-256 (BEP 52). */
export function isInfoOf(infoBytes: Uint8Array, infoHash: InfoHash): boolean {
  return sha1(infoBytes) === infoHash || shortened(sha256(infoBytes)) === infoHash;
}

/** `decodeBencode` with its faults told as faults of a torrent. */
export function decodeTorrent(bytes: Uint8Array): Bencoded {
  try {
    return decodeBencode(bytes);
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

/** A hybrid (BEP 52) has the keys of v1 beside those of v2. */
function readVersion(info: Bencoded): TorrentVersion {
  const field = info.field('meta version');
  const hasV1 = ['pieces', 'files', 'length'].some((key) => info.field(key) !== undefined);
  if (field === undefined && !hasV1 && info.field('file tree') !== undefined)
    throw notATorrent('the key "meta version" is missing');
  if (field === undefined || field.integer === 1) return 'v1';
  if (field.integer !== 2)
    throw notATorrent(`its meta version is ${field.integer ?? 'no number'}, and only 1 and 2 are known`);
  return hasV1 ? 'hybrid' : 'v2';
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
  readonly name: string;
  readonly pieceLength: number;
  readonly readText: TextReader;
}

function readFiles(
  info: Bencoded,
  { version, name, pieceLength, readText }: Reading,
): { readonly content: ContentFiles; readonly trees: readonly (FileTree | undefined)[] | undefined } {
  if (version === 'v1') return { content: readContent(info, readText), trees: undefined };
  const tree = readFileTree(info);
  if (version === 'v2') {
    const content = placeTree(tree, name, pieceLength);
    return { content, trees: treesOf(content.files, tree) };
  }
  const content = readContent(info, readText);
  refuseMismatch(content, tree, name, pieceLength);
  return { content, trees: treesOf(content.files, tree) };
}

function readPieceHashes(info: Bencoded, pieceCount: number): Uint8Array {
  const field = info.field('pieces');
  if (field === undefined) throw notATorrent('the key "pieces" is missing');
  const { bytes } = field;
  if (bytes === undefined || bytes.length % 20 !== 0) throw notATorrent('its piece hashes are damaged');
  if (bytes.length !== pieceCount * 20)
    throw notATorrent(`it has ${bytes.length / 20} piece hashes for ${pieceCount} pieces`);
  return bytes;
}

function sha1(bytes: Uint8Array): InfoHash {
  return infoHashFromBytes(createHash('sha1').update(bytes).digest());
}

function shortened(digest: Uint8Array): InfoHash {
  return infoHashFromBytes(digest.subarray(0, 20));
}
