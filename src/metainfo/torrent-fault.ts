import { LanshareError } from '../errors.ts';

/** `fault` ends the sentence "this is not a valid torrent: ...". */
export function notATorrent(fault: string, cause?: unknown): LanshareError {
  return new LanshareError(
    'NOT_A_TORRENT',
    `this is not a valid torrent: ${fault}`,
    'get the .torrent again from where it was made',
    { cause },
  );
}

/** `fault` says which name and why, as `pathFault` gives it. */
export function unsafeName(fault: string): LanshareError {
  return new LanshareError(
    'UNSAFE_NAME',
    `this torrent is not safe to use: ${fault}`,
    'whoever made it can rename the file and make it again',
  );
}
