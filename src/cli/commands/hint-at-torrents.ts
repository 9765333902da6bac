import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { shownPath } from '../output/paths.ts';
import { shellQuote } from '../output/shell-quote.ts';
import { existing } from './torrent-files.ts';

/** A .torrent is shared as the file that it is. Who has its content beside it may have meant that. */
export async function hintAtTorrents({ host, reporter }: Context, sources: readonly string[]): Promise<void> {
  for (const source of sources) {
    if (!source.endsWith('.torrent')) continue;
    const torrent = await existing(source);
    if (torrent === 'absent' || torrent === 'foreign') continue;
    const { name } = torrent.metainfo;
    if (!(await isThere(join(dirname(source), name)))) continue;
    const shown = shownPath(source, host.cwd);
    const folder = dirname(source) === host.cwd ? [] : [shownPath(dirname(source), host.cwd)];
    const command = ['lanshare seed', ...[shown, ...folder].map(shellQuote)].join(' ');
    reporter.report({
      event: 'warning',
      message: `${shown} itself is shared, not the ${name} that it describes; to share that under its info-hash: ${command}`,
    });
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
