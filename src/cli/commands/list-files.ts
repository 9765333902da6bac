import { LanshareError } from '../../errors.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Context } from '../context.ts';
import type { FetchFlags } from '../options/invocation.ts';
import type { TorrentInfo } from '../output/events.ts';
import { resolveTarget } from './fetch-target.ts';
import { describeTorrent } from './info.ts';

/** `fetch --list-files`: number, size and path of each file on stdout, or a `torrent` event a .torrent. */
export async function listFiles(
  { host, reporter }: Context,
  targets: readonly string[],
  flags: FetchFlags,
): Promise<number> {
  for (const what of targets) {
    const described = await readDescription(what, host.cwd);
    if (flags.json === true) reporter.report(described);
    else host.stdout.write(await filesText(described));
  }
  return 0;
}

async function readDescription(what: string, cwd: string): Promise<TorrentInfo> {
  const target = await resolveTarget(what, cwd);
  if (target.kind === 'torrent') return describeTorrent(target.torrent);
  throw new LanshareError(
    'USAGE',
    `--list-files reads .torrent files, and "${what}" is none that lies here`,
    'name a .torrent file',
  );
}

async function filesText({ files }: TorrentInfo): Promise<string> {
  const { formatBytes } = await import('../output/format.ts');
  const { tableLines } = await import('../output/table.ts');
  const rows = files.map(({ number, size, path, executable }) => [
    String(number),
    formatBytes(size),
    `${printableName(path)}${executable ? ' *' : ''}`,
  ]);
  return tableLines(rows)
    .map((line) => `${line}\n`)
    .join('');
}
