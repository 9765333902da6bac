import { filesLength, type Torrent, torrentVersion } from '../../metainfo/metainfo.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Context } from '../context.ts';
import type { InfoFlags } from '../options/invocation.ts';
import type { TorrentInfo } from '../output/events.ts';
import { inspectTorrentFile, madeSafe } from './torrent-input.ts';

/** Shows what a .torrent describes: a text on stdout, or one `torrent` event; with --scrape its trackers, too. */
export async function info(context: Context, file: string, flags: InfoFlags): Promise<number> {
  const { host, reporter } = context;
  const { torrent, namesMadeSafe } = await inspectTorrentFile(file, host.cwd);
  if (namesMadeSafe > 0) reporter.report({ event: 'warning', message: madeSafe(namesMadeSafe) });
  const described = describeTorrent(torrent);
  if (flags.json === true) reporter.report(described);
  else host.stdout.write(await infoText(described));
  if (flags.scrape === true) {
    const { scrape } = await import('./scrape.ts');
    await scrape(context, torrent, flags);
  }
  return 0;
}

export function describeTorrent({
  metainfo,
  trackers,
  webSeeds,
  comment,
  createdBy,
  creationDate,
}: Torrent): TorrentInfo {
  const { name, infoHash, kind, pieceCount, pieceLength } = metainfo;
  return {
    event: 'torrent',
    name,
    infoHash,
    infoHashV2: metainfo.infoHashV2 ?? null,
    version: torrentVersion(metainfo),
    kind,
    size: filesLength(metainfo),
    pieces: pieceCount,
    pieceLength,
    private: metainfo.private,
    trackers,
    webSeeds,
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    creationDate: creationDate ?? null,
    files: metainfo.files
      .filter(({ padding }) => !padding)
      .map((file, position) => ({
        number: position + 1,
        path: [name, ...file.path].join('/'),
        size: file.length,
        executable: file.executable,
      })),
  };
}

async function infoText(torrent: TorrentInfo): Promise<string> {
  const { formatBytes, formatPieceLength } = await import('../output/format.ts');
  const { tableLines } = await import('../output/table.ts');
  const { name, size, pieces, pieceLength, comment, createdBy, creationDate } = torrent;
  const facts = [
    ['name', printableName(name)],
    ...infoHashes(torrent),
    ['size', `${formatBytes(size)} (${size} bytes)`],
    ['pieces', `${pieces} of ${formatPieceLength(pieceLength)}`],
    ...trackerRows(torrent),
    ...torrent.webSeeds.map((url) => ['web seed', printableName(url)]),
    ...(torrent.private ? [['private', 'yes']] : []),
    ...(comment === null ? [] : [['comment', printableName(comment)]]),
    ...(createdBy === null ? [] : [['created by', printableName(createdBy)]]),
    ...(creationDate === null ? [] : [['created', shownDate(creationDate)]]),
    ['files', String(torrent.files.length)],
  ];
  const files = torrent.files.map((file) => [
    `  ${printableName(file.path)}${file.executable ? ' *' : ''}`,
    formatBytes(file.size),
  ]);
  return `${[...tableLines(facts), ...tableLines(files)].join('\n')}\n`;
}

/** What v1 and v2 call it; only one of them where it is not for both. */
function infoHashes({ infoHash, infoHashV2 }: TorrentInfo): readonly (readonly string[])[] {
  if (infoHashV2 === null) return [['info-hash', infoHash]];
  if (infoHashV2.startsWith(infoHash)) return [['info-hash v2', infoHashV2]];
  return [
    ['info-hash v1', infoHash],
    ['info-hash v2', infoHashV2],
  ];
}

/** With its tier (BEP 12) where there are several. */
function trackerRows({ trackers }: TorrentInfo): readonly (readonly string[])[] {
  const several = trackers.length > 1;
  return trackers.flatMap((tier, at) =>
    tier.map((url) => [several ? `tracker, tier ${at + 1}` : 'tracker', printableName(url)]),
  );
}

/** A torrent may claim any number; only what a date can hold is one. */
function shownDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
