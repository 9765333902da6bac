import { REDRAW_INTERVAL_MS } from '../../../limits.ts';
import { printableName } from '../../../metainfo/printable-name.ts';
import type { Clock, Timer } from '../../../platform/clock.ts';
import type { Output } from '../../host.ts';
import { fitTable } from '../fit-table.ts';
import { formatPercent, formatRate } from '../format.ts';
import { LiveBlock } from '../live-block.ts';
import { terminalSize } from '../terminal-size.ts';
import { cutToWidth } from '../width.ts';
import type { GroupPicture } from './group-picture.ts';
import type { GroupView } from './group-view.ts';
import { newsLine } from './news-line.ts';
import type { PeerRow, PeerState } from './peer-row.ts';

/** Wide enough for what comes, so that the columns stand still. */
const HEADINGS = ['PEER', 'FILE', '', 'STATE   ', 'PREFERRED', 'OPTIMISTIC', 'DOWN     ', 'UP       '];
const BAR_COLUMNS = 20;
const NARROW_BAR_COLUMNS = 6;
const NARROW_TERMINAL_COLUMNS = 100;
/** News that are kept for a screen that becomes higher. */
const MAX_NEWS_KEPT = 100;
/** Lines of news that rows leave room for. */
const FEWEST_NEWS_LINES = 3;

/** A row a peer, and the last news below. Redrawn in place; what is drawn last stays. */
export function groupTable(output: Output, clock: Clock, picture: GroupPicture): GroupView {
  const block = new LiveBlock(output);
  const news: string[] = [];
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
    const room = size.rows - 1;
    const forNews = Math.min(news.length, FEWEST_NEWS_LINES);
    const barColumns = columns < NARROW_TERMINAL_COLUMNS ? NARROW_BAR_COLUMNS : BAR_COLUMNS;
    const table = fitTable(tableRows(picture.rows, room - forNews - 1, barColumns), columns);
    const below = room - table.length - 1;
    const last = below > 0 ? news.slice(-below).map((line) => cutToWidth(line, columns)) : [];
    block.draw([...table, ...(last.length === 0 ? [] : ['', ...last])].slice(0, room));
  }

  function drawSoon(): void {
    const waitMs = drawnAt + REDRAW_INTERVAL_MS - clock.now();
    if (waitMs <= 0) draw();
    else pending ??= clock.setTimer(waitMs, draw);
  }

  output.on('resize', drawSoon);
  return {
    take(event) {
      const line = newsLine(event);
      if (line !== undefined) news.push(line);
      if (news.length > MAX_NEWS_KEPT) news.shift();
      drawSoon();
    },
    finish() {
      output.off('resize', drawSoon);
      draw();
    },
  };
}

/** At most `room` lines, the headings among them. */
function tableRows(
  rows: readonly PeerRow[],
  room: number,
  barColumns: number,
): readonly (readonly string[])[] {
  const isCut = rows.length > room - 1;
  const shown = rows.slice(0, Math.max(0, isCut ? room - 2 : room - 1));
  const more = rows.length - shown.length;
  return [
    HEADINGS,
    ...shown.map((row) => cells(row, barColumns)),
    ...(more > 0 ? [[`and ${more} more`]] : []),
  ];
}

function cells(row: PeerRow, barColumns: number): readonly string[] {
  const { peer, state, preferred, optimistic, progress, isComplete } = row;
  const { bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond } = progress;
  if (state.kind === 'elsewhere') return [String(peer), '', '', stateWord(state, isComplete)];
  const isKnown = bytesTotal > 0;
  return [
    String(peer),
    bar(isKnown ? bytesDone / bytesTotal : 0, barColumns),
    isKnown ? formatPercent(bytesDone, bytesTotal).padStart(4) : '',
    stateWord(state, isComplete),
    preferred.join(' '),
    optimistic === null ? '' : String(optimistic),
    rate(downBytesPerSecond),
    rate(upBytesPerSecond),
  ];
}

function bar(done: number, columns: number): string {
  const filled = Math.floor(done * columns);
  return '█'.repeat(filled) + '░'.repeat(columns - filled);
}

function rate(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? '-' : formatRate(bytesPerSecond);
}

function stateWord(state: PeerState, isComplete: boolean): string {
  switch (state.kind) {
    case 'elsewhere':
      return `on ${printableName(state.host)}`;
    case 'starting':
      return 'starting';
    case 'alone':
      return isComplete ? 'complete' : 'waiting';
    case 'linked':
      return isComplete ? 'complete' : `linked ${state.neighbors}`;
    case 'ended':
      return 'done';
    case 'stopped':
      return 'stopped';
    case 'gone':
      return 'GONE';
  }
}
