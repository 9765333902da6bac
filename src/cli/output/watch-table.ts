import { REDRAW_INTERVAL_MS } from '../../limits.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Output } from '../host.ts';
import { CONTENT_HEADINGS, contentCells } from './content-cells.ts';
import type { ContentEntry, HolderEntry } from './events.ts';
import { fitTable } from './fit-table.ts';
import { count } from './format.ts';
import { LiveBlock } from './live-block.ts';
import { terminalSize } from './terminal-size.ts';
import { held, nameOf } from './watch-lines.ts';
import type { WatchView } from './watch-view.ts';
import { WatchedContents } from './watched-contents.ts';
import { wrapText } from './wrap-text.ts';

/** The table of `list`, redrawn in place; below each content those who are still fetching it, and how far they are. */
export function watchTable(output: Output, clock: Clock, interfaces: readonly string[]): WatchView {
  const contents = new WatchedContents();
  const block = new LiveBlock(output);
  let silence = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending: Timer | undefined;

  function draw(): void {
    pending?.cancel();
    pending = undefined;
    drawnAt = clock.now();
    const size = terminalSize(output);
    // The last column stays free: some terminals wrap when it is written.
    const columns = size.columns - 1;
    // The cursor waits on a line of its own below.
    const rows = size.rows - 1;
    const below = wrapText(footer(contents.entries, interfaces, silence), columns).slice(0, rows);
    const above = tableRows(contents.entries, rows - below.length);
    block.draw([...fitTable(above, columns), ...below]);
  }

  function drawSoon(): void {
    const waitMs = drawnAt + REDRAW_INTERVAL_MS - clock.now();
    if (waitMs <= 0) draw();
    else pending ??= clock.setTimer(waitMs, draw);
  }

  output.on('resize', drawSoon);
  draw();
  return {
    take(change) {
      contents.take(change);
      silence = '';
      drawSoon();
    },
    diagnose({ message }) {
      silence = `; ${printableName(message)}`;
      drawSoon();
    },
    finish() {
      output.off('resize', drawSoon);
      if (pending !== undefined) draw();
    },
  };
}

function footer(entries: readonly ContentEntry[], interfaces: readonly string[], silence: string): string {
  const peers = new Set(entries.flatMap(({ holders }) => holders.map(({ peerId }) => peerId)));
  const where = interfaces.length === 0 ? '' : ` on ${interfaces.join(', ')}`;
  const what =
    entries.length === 0
      ? `nothing is shared${where} so far`
      : `${count(entries.length, 'content')} of ${count(peers.size, 'peer')}`;
  return `${what}; Ctrl-C ends${silence}`;
}

/** As much as there is room for: everybody, or only those who are still fetching, or the contents alone. */
function tableRows(entries: readonly ContentEntry[], room: number): readonly (readonly string[])[] {
  if (entries.length === 0) return [];
  const choices = [() => true, isPartial, () => false].map((shows) =>
    entries.flatMap((entry) => contentRows(entry, shows)),
  );
  const all = choices.find((rows) => rows.length < room) ?? choices.at(-1) ?? [];
  if (all.length < room) return [CONTENT_HEADINGS, ...all];
  const shown = all.slice(0, Math.max(0, room - 2));
  return [CONTENT_HEADINGS, ...shown, [`and ${all.length - shown.length} more`]].slice(0, Math.max(0, room));
}

function contentRows(
  entry: ContentEntry,
  shows: (holder: HolderEntry, entry: ContentEntry) => boolean,
): readonly (readonly string[])[] {
  const holders = entry.holders
    .filter((holder) => shows(holder, entry))
    .map((holder) => [`  ${nameOf(holder)}`, '', '', held(holder, entry)])
    .sort(([a = ''], [b = '']) => a.localeCompare(b, undefined, { numeric: true }));
  return [contentCells(entry), ...holders];
}

function isPartial({ piecesHeld }: HolderEntry, { pieces }: ContentEntry): boolean {
  return piecesHeld < pieces;
}
