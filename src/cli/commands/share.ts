import { LanshareError } from '../../errors.ts';
import type { LanshareNode, Share } from '../../node/api.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import { refuseForSeveral } from '../options/contradictions.ts';
import type { ShareFlags } from '../options/invocation.ts';
import { seedGoal } from '../options/seed-options.ts';
import { versionsAsked } from '../options/version-options.ts';
import { EndedShares } from './ended-shares.ts';
import { hintAtTorrents } from './hint-at-torrents.ts';
import { pathsToShare } from './shared-paths.ts';
import { tellSharing, warnWhereHidden } from './tell-sharing.ts';
import { checkTorrentTarget, placeTorrent, writeTorrentTo } from './torrent-files.ts';
import { withNode } from './with-node.ts';

const MAX_NAMES_IN_SENTENCE = 3;

/**
 * Shares all of the paths or, where one is at fault, none. Runs until the signal aborts or each has been served as was
 * asked for, its normal ends (0; the exit code of the fault where a content had to be withdrawn), or nothing is left.
 */
export async function share(context: Context, paths: readonly string[], flags: ShareFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const sources = await pathsToShare(paths, host.cwd);
  refuseForSeveral(sources.length, flags);
  if (flags.torrent !== undefined) await checkTorrentTarget(flags.torrent, host.cwd);
  const ended = new EndedShares();
  const own = {
    preferDefaultPort: true,
    onEvent: ended.note.bind(ended),
    ...given({ limitUp: flags.limitUp }),
  };
  const shared = await withNode(context, flags, own, async (node) => {
    const shares = await shareAll(node, sources, flags, signal);
    warnWhereHidden(context, node);
    await announceAll(context, node, shares, flags);
    await hintAtTorrents(context, sources);
    const contents = shares.map(({ metainfo }) => metainfo.infoHash);
    const fault = await ended.untilNothingIsLeft(contents, signal);
    if (fault !== undefined) throw nothingLeft(shares, fault);
    return shares;
  });
  // Only when the node is closed is nothing more sent, or told.
  const uploadedBytes = shared.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0);
  reporter.report({ event: 'stopped', uploadedBytes });
  return ended.fault?.exitCode ?? 0;
}

function nothingLeft(shares: readonly Share[], { code }: LanshareError): LanshareError {
  const names = shares.map(({ metainfo }) => metainfo.name).join(', ');
  const what = shares.length <= MAX_NAMES_IN_SENTENCE ? names : `each of the ${shares.length} contents`;
  return new LanshareError(
    code,
    `nothing is left to share: ${what} changed on disk`,
    'run lanshare share again to share it as it is now',
  );
}

async function shareAll(
  node: LanshareNode,
  sources: readonly string[],
  flags: ShareFlags,
  signal: AbortSignal,
): Promise<readonly Share[]> {
  const { name, pieceLength } = flags;
  const [version] = versionsAsked(flags);
  const until = seedGoal(flags);
  const shares: Share[] = [];
  // One after the other: each is hashed on all cores.
  for (const source of sources) {
    shares.push(await node.share(source, { ...given({ name, pieceLength, version, until }), signal }));
  }
  return shares;
}

/** Writes the .torrent of each, and says what to type on the other machine. */
async function announceAll(
  context: Context,
  node: LanshareNode,
  shares: readonly Share[],
  flags: ShareFlags,
): Promise<void> {
  const taken = new Set<string>();
  for (const share of shares)
    tellSharing(context, node, share, await torrentOf(context, node, share, flags, taken));
}

/** The path of the .torrent; null, and a warning, where the current directory cannot take one. */
async function torrentOf(
  { host, reporter, version }: Context,
  node: LanshareNode,
  content: Pick<Share, 'metainfo' | 'path'>,
  { torrent, tracker = [] }: ShareFlags,
  taken: Set<string>,
): Promise<string | null> {
  const trackers = [...tracker, ...foundFor(node)];
  const details = given({ trackers: trackers.length > 0 ? trackers : undefined });
  if (torrent !== undefined) return writeTorrentTo(torrent, host.cwd, content.metainfo, version, details);
  const place = await placeTorrent(content, host.cwd, version, taken, details);
  if (place.kind === 'written') return place.path;
  reporter.report({ event: 'warning', message: place.reason });
  return null;
}

/** Tiers of trackers that have been found by now, nobody waits for others; an address of this machine is of no use elsewhere. */
function foundFor(node: LanshareNode): readonly (readonly string[])[] {
  const others = node.trackersFound().filter((url) => !new URL(url).hostname.startsWith('127.'));
  return others.map((url) => [url]);
}
