import { basename, resolve } from 'node:path';
import { LanshareError } from '../../errors.ts';
import { verifyContent } from '../../hashing/verify-content.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import type { Verified } from '../output/events.ts';
import { shellQuote } from '../output/shell-quote.ts';
import { shownBadFiles } from './bad-files.ts';
import { readVerifiableTorrent } from './torrent-input.ts';

/** Compares what lies at `path` with the .torrent. Throws CONTENT_MISMATCH where it differs. */
export async function verify(
  context: Context,
  file: string,
  path: string | undefined,
  flags: CommonFlags,
): Promise<number> {
  const { host, reporter, signal } = context;
  const { metainfo } = await readVerifiableTorrent(file, host.cwd);
  const contentPath = resolve(host.cwd, path ?? metainfo.name);
  const { matches, piecesGood, piecesTotal, badFiles } = await verifyContent(metainfo, contentPath, {
    signal,
    onProgress: (bytesDone, bytesTotal) =>
      reporter.report({ event: 'verifying', path: contentPath, bytesDone, bytesTotal }),
  });
  const { infoHash } = metainfo;
  const verified: Verified = {
    event: 'verified',
    path: contentPath,
    infoHash,
    matches,
    piecesGood,
    piecesTotal,
    badFiles,
  };
  reporter.report(verified);
  const shown = printableName(path ?? basename(contentPath));
  if (flags.json !== true) host.stdout.write(resultText(verified, shown));
  if (matches) return 0;
  throw new LanshareError(
    'CONTENT_MISMATCH',
    `${shown} is not what ${file} describes`,
    `move it away and get it again: lanshare fetch ${shellQuote(file)}`,
  );
}

function resultText(result: Verified, shown: string): string {
  const { matches, piecesGood, piecesTotal, badFiles, infoHash } = result;
  if (matches) return `${shown} matches: ${piecesGood} of ${piecesTotal} pieces, info-hash ${infoHash}\n`;
  const { shown: worst, more } = shownBadFiles(badFiles);
  const lines = worst.map((bad) => `bad: ${printableName(bad.path)}: ${printableName(bad.reason)}`);
  if (more > 0) lines.push(`and ${more} more`);
  return `${lines.join('\n')}\n${piecesGood} of ${piecesTotal} pieces are right\n`;
}
