import { resolve } from 'node:path';
import { LanshareError } from '../../errors.ts';
import type { NodeEvent } from '../../node/api.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { SeedFlags } from '../options/invocation.ts';
import { seedGoal } from '../options/seed-options.ts';
import { shellQuote } from '../output/shell-quote.ts';
import { shownBadFiles } from './bad-files.ts';
import { EndedShares } from './ended-shares.ts';
import { tellSharing, warnWhereHidden } from './tell-sharing.ts';
import { readVerifiableTorrent } from './torrent-input.ts';
import { withNode } from './with-node.ts';

/**
 * Serves what lies here of the content of a .torrent, until the signal aborts or the goal is reached, both with 0.
 * Throws CONTENT_MISMATCH where nothing of it is right, SHARE_CHANGED where it changes while it is served.
 */
export async function seed(
  context: Context,
  file: string,
  path: string | undefined,
  flags: SeedFlags,
): Promise<number> {
  const { host, reporter, signal } = context;
  const torrent = await readVerifiableTorrent(file, host.cwd);
  const { name, infoHash } = torrent.metainfo;
  const ended = new EndedShares();
  const own = {
    preferDefaultPort: true,
    ...given({ limitUp: flags.limitUp }),
    onEvent(event: NodeEvent) {
      ended.note(event);
      if (event.event === 'verified') warnWherePartial(context, event, name, file);
    },
  };
  const share = await withNode(context, flags, own, async (node) => {
    const source = resolve(host.cwd, path ?? name);
    const seeded = await node.seed(torrent, source, { ...given({ until: seedGoal(flags) }), signal });
    warnWhereHidden(context, node);
    tellSharing(context, node, seeded, resolve(host.cwd, file));
    const fault = await ended.untilNothingIsLeft([infoHash], signal);
    if (fault !== undefined) throw nothingLeft(fault, name, file);
    return seeded;
  });
  reporter.report({ event: 'stopped', uploadedBytes: share.uploadedBytes });
  return 0;
}

/** Where nothing is right, the command fails and says why. */
function warnWherePartial(
  { reporter }: Context,
  verified: Extract<NodeEvent, { event: 'verified' }>,
  name: string,
  file: string,
): void {
  const { matches, piecesGood, piecesTotal, badFiles } = verified;
  if (matches || piecesGood === 0) return;
  const { shown, more } = shownBadFiles(badFiles);
  const faults = shown.map((bad) => `${bad.path} (${bad.reason})`);
  if (more > 0) faults.push(`${more} more`);
  const rest = `lanshare fetch ${shellQuote(file)} --out FOLDER gets it whole, in another folder`;
  reporter.report({
    event: 'warning',
    message: `${piecesGood} of ${piecesTotal} pieces of ${name} are right and are seeded; not right: ${faults.join(', ')}. ${rest}`,
  });
}

function nothingLeft({ code }: LanshareError, name: string, file: string): LanshareError {
  return new LanshareError(
    code,
    `nothing is left to seed: ${name} changed on disk`,
    `run lanshare seed ${shellQuote(file)} again to seed what is right of it now`,
  );
}
