import { createHash } from 'node:crypto';
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES, MAX_TORRENT_BYTES } from '../limits.ts';
import { type Bencoded, BencodeError, decodeBencode } from './bencode.ts';
import { readContent, readName } from './info-files.ts';
import { infoHashFromBytes, type Metainfo } from './metainfo.ts';
import { notATorrent } from './torrent-fault.ts';

/**
 * Reads an info dictionary alone (BEP 3), as a peer sends it. The bytes are kept, so they must not change
 * any more. That their SHA-1 is the wanted info-hash is the caller's to compare.
 * Throws NOT_A_TORRENT or UNSAFE_NAME with one sentence that names the fault.
 */
export function parseInfo(infoBytes: Uint8Array): Metainfo {
  const info = decodeTorrent(infoBytes);
  if (info.kind !== 'dictionary') throw notATorrent('its "info" is no dictionary');
  refuseVersion2Only(info);
  const name = readName(info);
  const { kind, files, length } = readContent(info);
  const pieceLength = readPieceLength(info);
  const pieceCount = Math.ceil(length / pieceLength);
  return {
    infoHash: infoHashFromBytes(createHash('sha1').update(infoBytes).digest()),
    infoBytes: info.raw,
    name,
    kind,
    files,
    length,
    pieceLength,
    pieceCount,
    pieceHashes: readPieceHashes(info, pieceCount),
    private: info.field('private')?.integer === 1,
  };
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

/** A hybrid (BEP 52) has the keys of v1 beside those of v2 and is read by them. */
function refuseVersion2Only(info: Bencoded): void {
  if (info.field('pieces') !== undefined) return;
  if (info.field('meta version') !== undefined || info.field('file tree') !== undefined)
    throw notATorrent('it is for BitTorrent v2 only, which lanshare does not read yet');
}

function readPieceLength(info: Bencoded): number {
  const field = info.field('piece length');
  if (field === undefined) throw notATorrent('the key "piece length" is missing');
  const pieceLength = field.integer;
  if (pieceLength === undefined || pieceLength < 1) throw notATorrent('its piece length is no size');
  if (pieceLength > MAX_PIECE_LENGTH_BYTES)
    throw notATorrent(`its pieces are larger than ${MAX_PIECE_LENGTH_BYTES / 1024 / 1024} MiB`);
  return pieceLength;
}

function readPieceHashes(info: Bencoded, pieceCount: number): Uint8Array {
  const field = info.field('pieces');
  if (field === undefined) throw notATorrent('the key "pieces" is missing');
  const { bytes } = field;
  if (bytes === undefined || bytes.length % 20 !== 0) throw notATorrent('its piece hashes are damaged');
  if (pieceCount > MAX_PIECES) throw notATorrent(`it has more than ${MAX_PIECES} pieces`);
  if (bytes.length !== pieceCount * 20)
    throw notATorrent(`it has ${bytes.length / 20} piece hashes for ${pieceCount} pieces`);
  return bytes;
}
