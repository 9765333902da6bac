import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { asLanshareError, diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { buildTorrent, type TorrentDetails } from '../../metainfo/create-torrent.ts';
import type { Metainfo, Torrent } from '../../metainfo/metainfo.ts';
import { torrentFileName } from '../../metainfo/torrent-name.ts';
import { readTorrentFile } from './torrent-input.ts';

export const CREATOR = 'lanshare';

/** As libtorrent has it: such a .torrent is refused. */
export const NOTHING_TO_DESCRIBE =
  'there is not one byte in it, and no BitTorrent client takes a .torrent of nothing';

/** Where a .torrent was put, or why there is none. */
export type TorrentPlace =
  | { readonly kind: 'written'; readonly path: string }
  | { readonly kind: 'skipped'; readonly reason: string };

/** What is shared, and from where. */
export interface SharedContent {
  readonly metainfo: Metainfo;
  readonly path: string;
}

/**
 * Puts the .torrent of a content into `directory`, as movie.torrent, or as movie.txt.torrent where that is
 * something else. Never writes over a file that lanshare did not make, nor one in `taken`, to which it adds.
 */
export async function placeTorrent(
  { metainfo, path }: SharedContent,
  directory: string,
  version: string,
  taken: Set<string>,
  details: TorrentDetails = {},
): Promise<TorrentPlace> {
  if (metainfo.length === 0) return skipped(metainfo, NOTHING_TO_DESCRIBE);
  if (isWithin(directory, path)) {
    return skipped(
      metainfo,
      'the current directory is part of what is shared; --torrent FILE puts it elsewhere',
    );
  }
  const names = new Set([torrentFileName(metainfo.name, metainfo.kind), `${metainfo.name}.torrent`]);
  try {
    for (const name of names) {
      const target = join(directory, name);
      if (taken.has(target)) continue;
      const present = await lookAt(target, metainfo);
      if (present === 'foreign') continue;
      // The same content may have other trackers now.
      if (present !== 'same' || details.trackers !== undefined)
        await writeAtomically(target, torrentBytes(metainfo, version, details));
      taken.add(target);
      return { kind: 'written', path: target };
    }
  } catch (error) {
    return skipped(metainfo, asLanshareError(error).message);
  }
  return skipped(metainfo, `${[...names].join(' and ')} exist already and are something else`);
}

/** Writes the .torrent to the file that the user named; only another .torrent there is replaced. */
export async function writeTorrentTo(
  file: string,
  cwd: string,
  metainfo: Metainfo,
  version: string,
  details: TorrentDetails = {},
): Promise<string> {
  if (metainfo.length === 0)
    throw new LanshareError(
      'USAGE',
      `${file} is not written: ${NOTHING_TO_DESCRIBE}`,
      'share it by its name',
    );
  await checkTorrentTarget(file, cwd);
  const target = resolve(cwd, file);
  await writeAtomically(target, torrentBytes(metainfo, version, details));
  return target;
}

/** Throws before anything is hashed where the file that `option` names could not be written. */
export async function checkTorrentTarget(file: string, cwd: string, option = '--torrent'): Promise<void> {
  const target = resolve(cwd, file);
  try {
    await access(dirname(target), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw diskError(error, 'write', file);
  }
  if ((await existing(target)) !== 'foreign') return;
  throw new LanshareError(
    'EXISTS_DIFFERENT',
    `${file} exists and is not a .torrent file, so it is not replaced`,
    `choose another name for ${option}`,
  );
}

function skipped({ name, kind }: Metainfo, reason: string): TorrentPlace {
  return { kind: 'skipped', reason: `${torrentFileName(name, kind)} is not written: ${reason}` };
}

/** Whether `directory` is `path` or lies below it: a file put there would change what is shared. */
export function isWithin(directory: string, path: string): boolean {
  const way = relative(path, directory);
  return way === '' || !/^\.\.(?:[/\\]|$)/.test(way);
}

/** Of a file in the way: what may be left, what may be replaced, and what is not ours. */
async function lookAt(target: string, metainfo: Metainfo): Promise<'absent' | 'same' | 'ours' | 'foreign'> {
  const present = await existing(target);
  if (present === 'absent' || present === 'foreign') return present;
  if (present.metainfo.infoHash === metainfo.infoHash) return 'same';
  return present.createdBy?.startsWith(CREATOR) === true ? 'ours' : 'foreign';
}

/** The .torrent at `target`, if any; `foreign` where it is something else. */
export async function existing(target: string): Promise<Torrent | 'absent' | 'foreign'> {
  try {
    if (!(await stat(target)).isFile()) return 'foreign';
    return await readTorrentFile(target, '/');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 'absent';
    if (error instanceof LanshareError) return 'foreign';
    throw diskError(error, 'read', target);
  }
}

function torrentBytes(metainfo: Metainfo, version: string, details: TorrentDetails = {}): Uint8Array {
  return buildTorrent(metainfo, { ...details, createdBy: `${CREATOR} ${version}` });
}

/** Beside its place first, then renamed: nobody ever reads half of it. */
async function writeAtomically(target: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(target), `.lanshare-${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw diskError(error, 'write', target);
  }
}
