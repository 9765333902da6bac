import { type HashedPiece, matchesPiece, type PieceDigest, pieceDigest } from '../metainfo/expected-piece.ts';
import type { Metainfo, PieceIndex } from '../metainfo/metainfo.ts';

/** What is known of a piece that has arrived. */
export interface Judgement {
  /** It is the content. */
  readonly right: boolean;
  /** For the store; of an unhashed content any number. */
  readonly crc32: number;
}

/** Says whether what arrived is the content. `content` must not be changed before it resolves. */
export type PieceJudge = (metainfo: Metainfo, index: PieceIndex, content: Uint8Array) => Promise<Judgement>;

/** Hashes and CRC-32 of a piece, off the main thread where that is faster. */
export type PieceCheck = (
  content: Uint8Array,
  digest: PieceDigest,
) => Promise<HashedPiece & { readonly crc32: number }>;

/** By the hashes in the metainfo. */
export function judgedByHashes(check: PieceCheck): PieceJudge {
  return async (metainfo, index, content) => {
    const checked = await check(content, pieceDigest(metainfo, index));
    return { right: matchesPiece(metainfo, index, checked), crc32: checked.crc32 };
  };
}
