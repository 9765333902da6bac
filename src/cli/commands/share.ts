import { LanshareError } from '../../errors.ts';
import type { LanshareNode, Share } from '../../node/api.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import { refuseForSeveral } from '../options/contradictions.ts';
import type { ShareFlags } from '../options/invocation.ts';
import type { Sharing } from '../output/events.ts';
import { fetchCommand } from '../output/shell-quote.ts';
import { pathsToShare } from './shared-paths.ts';
import { checkTorrentTarget, placeTorrent, writeTorrentTo } from './torrent-files.ts';
import { withNode } from './with-node.ts';
import { Withdrawals } from './withdrawals.ts';

const MAX_NAMES_IN_SENTENCE = 3;

/**
 * Shares all of the paths or, where one is at fault, none. Runs until the signal aborts, which is its normal
 * end (0; the exit code of the fault where a content had to be withdrawn), or nothing is left to share.
 */
export async function share(context: Context, paths: readonly string[], flags: ShareFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const sources = await pathsToShare(paths, host.cwd);
  refuseForSeveral(sources.length, flags);
  if (flags.torrent !== undefined) await checkTorrentTarget(flags.torrent, host.cwd);
  const withdrawals = new Withdrawals();
  const own = {
    preferDefaultPort: true,
    onEvent: withdrawals.note.bind(withdrawals),
    ...given({ limitUp: flags.limitUp }),
  };
  const shared = await withNode(context, flags, own, async (node) => {
    const shares = await shareAll(node, sources, flags, signal);
    warnWhereCutOff(context, node);
    warnWhereNotAsked(context, node);
    await announceAll(context, node, shares, flags);
    const contents = shares.map(({ metainfo }) => metainfo.infoHash);
    const fault = await withdrawals.untilNothingIsLeft(contents, signal);
    if (fault !== undefined) throw nothingLeft(shares, fault);
    return shares;
  });
  // Only when the node is closed is nothing more sent, or told.
  const uploadedBytes = shared.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0);
  reporter.report({ event: 'stopped', uploadedBytes });
  return withdrawals.fault?.exitCode ?? 0;
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
  { name, pieceLength }: ShareFlags,
  signal: AbortSignal,
): Promise<readonly Share[]> {
  const shares: Share[] = [];
  // One after the other: each is hashed on all cores.
  for (const source of sources) {
    shares.push(await node.share(source, { ...given({ name, pieceLength }), signal }));
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
  const address = addressOf(context, node);
  for (const { metainfo, path } of shares) {
    const torrent = await torrentOf(context, { metainfo, path }, flags, taken);
    const sharing: Sharing = {
      event: 'sharing',
      name: metainfo.name,
      infoHash: metainfo.infoHash,
      size: metainfo.length,
      pieces: metainfo.pieceCount,
      pieceLength: metainfo.pieceLength,
      torrent,
      port: node.port,
      path,
      // Where nothing can announce this node, the other machine must be told where it is.
      command: fetchCommand(
        metainfo.name,
        metainfo.infoHash,
        ...(isAnnounced(node) || address === null ? [] : ['--peer', address]),
      ),
      address,
    };
    context.reporter.report(sharing);
  }
}

/** The path of the .torrent; null, and a warning, where the current directory cannot take one. */
async function torrentOf(
  { host, reporter, version }: Context,
  content: Pick<Share, 'metainfo' | 'path'>,
  { torrent, tracker: trackers }: ShareFlags,
  taken: Set<string>,
): Promise<string | null> {
  const details = given({ trackers });
  if (torrent !== undefined) return writeTorrentTo(torrent, host.cwd, content.metainfo, version, details);
  const place = await placeTorrent(content, host.cwd, version, taken, details);
  if (place.kind === 'written') return place.path;
  reporter.report({ event: 'warning', message: place.reason });
  return null;
}

/** A cable may still be plugged in, so this is no fault. */
function warnWhereCutOff({ host, reporter }: Context, node: LanshareNode): void {
  if (isAnnounced(node) || host.addresses().length > 0) return;
  const problems = new Set(node.discovery().flatMap((report) => report.problems));
  const why = problems.size > 0 ? `: ${[...problems].join('; ')}` : '';
  reporter.report({ event: 'warning', message: `nobody can find this machine now${why}` });
}

/** Peers that name this machine ask it by UDP, on the port that --peer gives. */
function warnWhereNotAsked({ reporter }: Context, node: LanshareNode): void {
  const taken = node.discovery().find(({ takenPort }) => takenPort !== undefined)?.takenPort;
  if (taken === undefined) return;
  const message = `UDP port ${taken} is taken by another program, so --peer does not find this machine: end that program, or choose another port with --port`;
  reporter.report({ event: 'warning', message });
}

/** Where another machine reaches this node, for --peer. */
function addressOf({ host }: Context, node: LanshareNode): string | null {
  const [address] = host.addresses();
  return address === undefined ? null : formatEndpoint({ host: address, port: node.port });
}

function isAnnounced(node: LanshareNode): boolean {
  return node
    .discovery()
    .some(({ path, interfaces }) => (path === 'mdns' || path === 'beacon') && interfaces.length > 0);
}
