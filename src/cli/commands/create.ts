import { basename, join, relative, resolve } from 'node:path';
import { LanshareError } from '../../errors.ts';
import { torrentFileName } from '../../metainfo/torrent-name.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { CreateFlags } from '../options/invocation.ts';
import { versionsAsked } from '../options/version-options.ts';
import { createdEvent } from '../output/created-event.ts';
import { hashAndTell } from './hash-and-tell.ts';
import { pathKind } from './path-kind.ts';
import { CREATOR, checkTorrentTarget, existing, isWithin, writeTorrentTo } from './torrent-files.ts';

/**
 * Writes a .torrent, and shares nothing. The same content and options give the same bytes: there is no date in it.
 * Throws what `hashContent` does, USAGE, or EXISTS_DIFFERENT where the .torrent would replace something else.
 */
export async function create(context: Context, path: string, flags: CreateFlags): Promise<number> {
  const { host, reporter } = context;
  const source = resolve(host.cwd, path);
  const target = await findTarget(source, path, flags.out, host.cwd);
  const [version] = versionsAsked(flags);
  const { pieceLength, private: isPrivate } = flags;
  const metainfo = await hashAndTell(context, source, given({ version, pieceLength, private: isPrivate }));
  for (const message of remarks(flags)) reporter.report({ event: 'warning', message });
  const { tracker: trackers, webSeed: webSeeds, comment } = flags;
  const details = given({ trackers, webSeeds, comment });
  const torrent = await writeTorrentTo(target, host.cwd, metainfo, context.version, details);
  reporter.report(createdEvent(metainfo, torrent));
  return 0;
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
