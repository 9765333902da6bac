import type { Torrent } from '../../metainfo/metainfo.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Context } from '../context.ts';
import type { CommonFlags } from '../options/invocation.ts';
import type { TorrentInfo } from '../output/events.ts';
import { readTorrentFile } from './torrent-input.ts';

/** Shows what a .torrent describes: a text on stdout, or one `torrent` event. */
export async function info({ host, reporter }: Context, file: string, flags: CommonFlags): Promise<number> {
  const described = describeTorrent(await readTorrentFile(file, host.cwd));
  if (flags.json === true) reporter.report(described);
  else host.stdout.write(await infoText(described));
  return 0;
}

function describeTorrent({ metainfo, trackers, comment, createdBy, creationDate }: Torrent): TorrentInfo {
  const { name, infoHash, kind, length, pieceCount, pieceLength } = metainfo;
  return {
    event: 'torrent',
    name,
    infoHash,
    kind,
    size: length,
    pieces: pieceCount,
    pieceLength,
    private: metainfo.private,
    trackers,
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    creationDate: creationDate ?? null,
    files: metainfo.files
      .filter(({ padding }) => !padding)
      .map((file) => ({
        path: [name, ...file.path].join('/'),
        size: file.length,
        executable: file.executable,
      })),
  };
}

async function infoText(torrent: TorrentInfo): Promise<string> {
  const { formatBytes, formatPieceLength } = await import('../output/format.ts');
  const { tableLines } = await import('../output/table.ts');
  const { name, infoHash, size, pieces, pieceLength, trackers, comment, createdBy, creationDate } = torrent;
  const facts = [
    ['name', printableName(name)],
    ['info-hash', infoHash],
    ['size', `${formatBytes(size)} (${size} bytes)`],
    ['pieces', `${pieces} of ${formatPieceLength(pieceLength)}`],
    ...trackers.flat().map((url) => ['tracker', printableName(url)]),
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

/** A torrent may claim any number; only what a date can hold is one. */
function shownDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
