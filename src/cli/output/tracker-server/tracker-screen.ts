import { TRACKER_SCREEN_INTERVAL_MS } from '../../../limits.ts';
import { printableName } from '../../../metainfo/printable-name.ts';
import { type Clock, repeat } from '../../../platform/clock.ts';
import type { TrackerStats } from '../../../tracker-server/tracker-server-api.ts';
import type { Output } from '../../host.ts';
import { fitTable } from '../fit-table.ts';
import { count } from '../format.ts';
import { LiveBlock } from '../live-block.ts';
import { terminalSize } from '../terminal-size.ts';
import { cutToWidth } from '../width.ts';
import { EventRate } from './event-rate.ts';
import { matched } from './tracker-sentences.ts';
import type { TrackerFacts, TrackerNews, TrackerView } from './tracker-view.ts';

const HEADINGS = ['CONTENT', 'SEEDERS', 'LEECHERS', 'COMPLETED', 'INFO-HASH'];
/** News that are kept for a screen that becomes higher. */
const MAX_NEWS_KEPT = 100;
/** Lines of news that contents leave room for. */
const FEWEST_NEWS_LINES = 5;

/** Where the tracker is and what it does; the contents with the most peers; the last news. Redrawn in place. */
export function trackerScreen(output: Output, clock: Clock, tracker: TrackerFacts): TrackerView {
  const block = new LiveBlock(output);
  const rate = new EventRate();
  const news: string[] = [];

  function draw(): void {
    const stats = tracker.stats();
    const announcesPerSecond = rate.measure(stats.announces.udp + stats.announces.http, clock.now());
    const size = terminalSize(output);
    // The last column stays free: some terminals wrap when it is written.
    const columns = size.columns - 1;
    // The cursor waits on a line of its own below.
    const rows = size.rows - 1;
    const head = [whereItIs(tracker.urls()), headline(stats, announcesPerSecond)];
    const forNews = Math.min(news.length, FEWEST_NEWS_LINES);
    const table = contentLines(tracker, stats.contents, columns, rows - head.length - forNews - 2);
    const room = rows - head.length - table.length - 2;
    const last = room > 0 ? news.slice(-room) : [];
    const lines = [...head, ...spaced(table), ...spaced(last)].slice(0, rows);
    block.draw(lines.map((line) => cutToWidth(line, columns)));
  }

  const timer = repeat(clock, TRACKER_SCREEN_INTERVAL_MS, draw);
  output.on('resize', draw);
  draw();
  return {
    take(event) {
      const line = newsLine(event);
      if (line !== undefined) news.push(line);
      if (news.length > MAX_NEWS_KEPT) news.shift();
    },
    finish() {
      timer.cancel();
      output.off('resize', draw);
      draw();
    },
  };
}

/** Those by HTTP are the same but for the protocol. */
function whereItIs(urls: readonly string[]): string {
  return `${urls.filter((url) => url.startsWith('udp:')).join('  ')}  and by http`;
}

function headline({ contents, peers, seeders, store }: TrackerStats, announcesPerSecond: number): string {
  const who = `${count(peers, 'peer')} (${count(seeders, 'seeder')}) of ${count(contents, 'content')}`;
  const unsaved = store.unsaved > 0 ? `, ${store.unsaved} unsaved` : '';
  const kept = store.fault === undefined ? store.kind : `${store.kind} is failing`;
  return `${who}; ${announcesPerSecond} announces/s; store: ${kept}${unsaved}; Ctrl-C stops`;
}

/** At most `room` lines. */
function contentLines(
  tracker: Pick<TrackerFacts, 'contents'>,
  count: number,
  columns: number,
  room: number,
): readonly string[] {
  if (count === 0) return ['no content so far'];
  const isCut = count > room - 1;
  const shown = tracker.contents(Math.max(0, isCut ? room - 2 : room - 1));
  const rows = shown.map(({ name, infoHash, seeders, leechers, completed }) => [
    printableName(name ?? infoHash),
    ...[seeders, leechers, completed].map(String),
    name === undefined ? '' : infoHash,
  ]);
  const others = count - shown.length;
  return [...fitTable([HEADINGS, ...rows], columns), ...(others > 0 ? [`and ${others} more`] : [])];
}

/** Undefined for what the head says anyway. */
function newsLine(event: TrackerNews): string | undefined {
  switch (event.event) {
    case 'listening':
      return undefined;
    case 'matched':
      return matched(event);
    case 'store':
      return printableName(event.message);
    case 'warning':
      return `warning: ${printableName(event.message)}`;
  }
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
