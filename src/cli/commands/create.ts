import { basename, join, relative, resolve } from 'node:path';
import { LanshareError } from '../../errors.ts';
import { defaultCacheDirectory } from '../../hashing/cache-directory.ts';
import { hashContent } from '../../hashing/hash-content.ts';
import { filesLength, type Metainfo } from '../../metainfo/metainfo.ts';
import { torrentFileName } from '../../metainfo/torrent-name.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { CreateFlags } from '../options/invocation.ts';
import type { Created } from '../output/events.ts';
import { pathKind } from './path-kind.ts';
import { CREATOR, checkTorrentTarget, existing, isWithin, writeTorrentTo } from './torrent-files.ts';

/**
 * Writes a .torrent, and shares nothing. The same content and options give the same bytes: there is no date in it.
 * Throws what `hashContent` does, USAGE, or EXISTS_DIFFERENT where the .torrent would replace something else.
 */
export async function create(context: Context, path: string, flags: CreateFlags): Promise<number> {
  const { host, reporter, signal, version } = context;
  const source = resolve(host.cwd, path);
  const target = await findTarget(source, path, flags.out, host.cwd);
  const { metainfo, warnings, cached } = await hashContent(source, {
    clock: host.clock,
    signal,
    version: wantedVersion(flags),
    cacheDirectory: defaultCacheDirectory(host.env),
    ...given({ pieceLength: flags.pieceLength, private: flags.private }),
    onProgress: (bytesDone, bytesTotal) =>
      reporter.report({ event: 'hashing', path: source, bytesDone, bytesTotal, cached: false }),
  });
  if (cached) {
    const { length } = metainfo;
    reporter.report({ event: 'hashing', path: source, bytesDone: length, bytesTotal: length, cached });
  }
  for (const message of [...warnings, ...remarks(flags)]) reporter.report({ event: 'warning', message });
  const { tracker: trackers, webSeed: webSeeds, comment } = flags;
  const details = given({ trackers, webSeeds, comment });
  const torrent = await writeTorrentTo(target, host.cwd, metainfo, version, details);
  reporter.report(created(metainfo, torrent));
  return 0;
}

function wantedVersion({ v1, v2, hybrid }: CreateFlags): 'v1' | 'v2' | 'hybrid' | 'fitting' {
  if (v1 === true) return 'v1';
  if (v2 === true) return 'v2';
  return hybrid === true ? 'hybrid' : 'fitting';
}

/** Where the .torrent goes; asked before anything is hashed. */
async function findTarget(
  source: string,
  shown: string,
  out: string | undefined,
  cwd: string,
): Promise<string> {
  const kind = await pathKind(source, shown);
  if (out !== undefined) {
    await checkTorrentTarget(out, cwd, '--out');
    return out;
  }
  if (isWithin(cwd, source)) {
    throw new LanshareError(
      'USAGE',
      'the current directory is part of what is described',
      'put the .torrent elsewhere with --out FILE',
    );
  }
  const target = join(cwd, torrentFileName(basename(source), kind));
  const present = await existing(target);
  const isOurs =
    present === 'absent' || (present !== 'foreign' && present.createdBy?.startsWith(CREATOR) === true);
  if (isOurs) return target;
  throw new LanshareError(
    'EXISTS_DIFFERENT',
    `${relative(cwd, target)} exists already and was not made by ${CREATOR}`,
    'choose another name with --out FILE',
  );
}

function remarks({ private: isPrivate, tracker = [] }: CreateFlags): readonly string[] {
  if (isPrivate !== true || tracker.length > 0) return [];
  return ['it is private and has no tracker, so nobody will be found for it; --tracker URL adds one'];
}

function created(metainfo: Metainfo, torrent: string): Created {
  const { name, infoHash, infoHashV2, version, pieceCount, pieceLength } = metainfo;
  return {
    event: 'created',
    name,
    infoHash,
    infoHashV2: infoHashV2 ?? null,
    version,
    size: filesLength(metainfo),
    pieces: pieceCount,
    pieceLength,
    torrent,
  };
}
