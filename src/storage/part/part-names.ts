import path from 'node:path';
import { MAX_PATH_PART_BYTES } from '../../limits.ts';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.ts';
import { pathFault } from '../../metainfo/safe-name.ts';
import { unsafeName } from '../../metainfo/torrent-fault.ts';

/** Absolute paths of everything that a fetch makes in its output folder. */
export interface PartNames {
  readonly outDir: string;
  /** What the content is called when it is whole. */
  readonly final: string;
  /** The data before that: a file, or a folder with the files under their real names. */
  readonly part: string;
  /** Which pieces of the part are verified. */
  readonly record: string;
  /** Who is writing the part. */
  readonly lock: string;
}

const LONGEST_SUFFIX_BYTES = '.lanshare-resume~'.length;

/** Throws UNSAFE_NAME: the name was checked when the torrent was parsed, and is again where it is used. */
export function partNames(metainfo: Pick<Metainfo, 'name' | 'infoHash'>, outDir: string): PartNames {
  const fault = pathFault([metainfo.name]);
  if (fault !== undefined) throw unsafeName(fault);
  const folder = path.resolve(outDir);
  const stem = path.join(folder, shortened(metainfo));
  return {
    outDir: folder,
    final: path.join(folder, metainfo.name),
    part: `${stem}.lanshare-part`,
    record: `${stem}.lanshare-resume`,
    lock: `${stem}.lanshare-lock`,
  };
}

export function finalFilePath(names: PartNames, file: MetainfoFile): string {
  return path.join(names.final, ...file.path);
}

/** A name that fills NAME_MAX has no room for a suffix: it is cut, and the info-hash keeps it unique. */
function shortened({ name, infoHash }: Pick<Metainfo, 'name' | 'infoHash'>): string {
  if (Buffer.byteLength(name) + LONGEST_SUFFIX_BYTES <= MAX_PATH_PART_BYTES) return name;
  const mark = `-${infoHash.slice(0, 8)}`;
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept + character + mark) + LONGEST_SUFFIX_BYTES > MAX_PATH_PART_BYTES) break;
    kept += character;
  }
  return kept + mark;
}
