import type { BigIntStats } from 'node:fs';
import type { FileIdentity } from './hashed-content.ts';

/** Taken with `{ bigint: true }`: a number would round the nanoseconds. */
export function identityOf(stats: BigIntStats): FileIdentity {
  return { size: Number(stats.size), mtimeNs: stats.mtimeNs, inode: stats.ino, device: stats.dev };
}

export function sameIdentity(one: FileIdentity, other: FileIdentity): boolean {
  return (
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.inode === other.inode &&
    one.device === other.device
  );
}
