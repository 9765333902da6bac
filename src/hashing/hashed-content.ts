import type { Metainfo } from '../metainfo/metainfo.ts';

/** Which file it was, and in which state: another file under the same path, or a change, differs in one of these. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
}

/** One file on disk as it was when it was hashed. */
export interface SourceFile {
  readonly absolutePath: string;
  /** Bytes. */
  readonly length: number;
  readonly identity: FileIdentity;
}

/** A file or folder that has been hashed, ready to be described in a .torrent and to be served. */
export interface HashedContent {
  readonly metainfo: Metainfo;
  /** Absolute path of the file or folder that was named. */
  readonly sourcePath: string;
  /** In the order of `metainfo.files`; what stands in the place of padding is no file and never opened. */
  readonly files: readonly SourceFile[];
  /** CRC-32 of each piece. */
  readonly crc32s: Uint32Array;
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
  /** Nothing was read: the hashes came from the hash cache. */
  readonly cached: boolean;
}
