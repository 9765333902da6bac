import { basename } from 'node:path';
import { filesLength, torrentVersion } from '../../metainfo/metainfo.ts';
import type { LanshareNode, Share } from '../../node/api.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { Context } from '../context.ts';
import { fetchCommand } from '../output/shell-quote.ts';

/** Says what is served and what to type on the other machine. `torrent`: the path of its .torrent, if there is one. */
export function tellSharing(
  { host, reporter }: Context,
  node: LanshareNode,
  { metainfo, path }: Pick<Share, 'metainfo' | 'path'>,
  torrent: string | null,
): void {
  const [ownAddress] = host.addresses();
  const address = ownAddress === undefined ? null : formatEndpoint({ host: ownAddress, port: node.port });
  // Only who has the .torrent knows the trackers of a private content, and nobody is told of it but they (BEP 27).
  const asked = metainfo.private && torrent !== null ? basename(torrent) : metainfo.name;
  // Where nothing can announce this node, the other machine must be told where it is.
  const peer = isAnnounced(node) || address === null ? [] : ['--peer', address];
  reporter.report({
    event: 'sharing',
    name: metainfo.name,
    infoHash: metainfo.infoHash,
    infoHashV2: metainfo.infoHashV2 ?? null,
    version: torrentVersion(metainfo),
    size: filesLength(metainfo),
    pieces: metainfo.pieceCount,
    pieceLength: metainfo.pieceLength,
    torrent,
    port: node.port,
    path,
    command: fetchCommand(asked, metainfo.infoHash, ...peer),
    address,
  });
}

/** Warns where others cannot find this machine, or not by its address. */
export function warnWhereHidden(context: Context, node: LanshareNode): void {
  warnWhereCutOff(context, node);
  warnWhereNotAsked(context, node);
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

function isAnnounced(node: LanshareNode): boolean {
  return node
    .discovery()
    .some(({ path, interfaces }) => (path === 'mdns' || path === 'beacon') && interfaces.length > 0);
}
