import { printableName } from '../../metainfo/printable-name.ts';
import type { TrackerEntry, TrackersChange } from './events.ts';
import { fitTable } from './fit-table.ts';
import { formatEta } from './format.ts';
import { cutToWidth } from './width.ts';

const HEADINGS = ['TRACKER', 'STATUS', 'SEEDERS', 'LEECHERS', 'INTERVAL', 'PEERS RECEIVED'];
const MAX_TRACKERS_SHOWN = 8;
/** What heading, one tracker, its fault and the number of the others take. */
const FEWEST_LINES = 4;

/** The trackers of all contents as a table: one row a tracker, whatever the number of contents that it is asked for. */
export class TrackerTable {
  /** What was heard last, by tracker and content. */
  readonly #entries = new Map<string, Map<string, TrackerEntry>>();

  take({ infoHash, trackers }: TrackersChange): void {
    for (const entry of trackers) {
      const ofTracker = this.#entries.get(entry.url) ?? new Map<string, TrackerEntry>();
      this.#entries.set(entry.url, ofTracker.set(infoHash, entry));
    }
  }

  /** The content is not announced any more. */
  forget(infoHash: string): void {
    for (const [url, ofTracker] of this.#entries)
      if (ofTracker.delete(infoHash) && ofTracker.size === 0) this.#entries.delete(url);
  }

  /** At most `room` lines, none wider than `columns`; those trackers first that work, then those that fail. */
  lines(columns: number, room: number): readonly string[] {
    const rows = [...this.#entries].map(([url, entries]) => rowOf(url, [...entries.values()]));
    if (rows.length === 0 || room < FEWEST_LINES) return [];
    rows.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    const shown = rows.slice(0, MAX_TRACKERS_SHOWN);
    while (heightOf(shown, rows) > room) shown.pop();
    const [heading = '', ...cells] = fitTable([HEADINGS, ...shown.map((row) => row.cells)], columns);
    const lines = shown.flatMap(({ fault }, at) => [
      cells[at] ?? '',
      ...(fault === null ? [] : [cutToWidth(`  ${printableName(fault)}`, columns)]),
    ]);
    const others = rows.length - shown.length;
    return [heading, ...lines, ...(others > 0 ? [cutToWidth(`and ${others} more`, columns)] : [])];
  }
}

type State = TrackerEntry['state'];

const ORDER: readonly State[] = ['working', 'failed', 'waiting'];

interface Row {
  readonly state: State;
  readonly cells: readonly string[];
  /** Why it failed, or its warning: on a line of its own. */
  readonly fault: string | null;
}

function heightOf(shown: readonly Row[], all: readonly Row[]): number {
  const faults = shown.filter(({ fault }) => fault !== null).length;
  return 1 + shown.length + faults + (shown.length < all.length ? 1 : 0);
}

function rowOf(url: string, entries: readonly TrackerEntry[]): Row {
  const failed = entries.filter(({ state }) => state === 'failed');
  const state = ORDER.find((one) => entries.some((entry) => entry.state === one)) ?? 'waiting';
  const status = state === 'working' && failed.length > 0 ? `working, ${failed.length} failed` : state;
  const remarked = [...failed, ...entries].find(({ message }) => message !== null);
  const intervals = entries.flatMap(({ interval }) => interval ?? []);
  return {
    state,
    fault: remarked?.message ?? null,
    cells: [
      printableName(url),
      status,
      sum(entries.map(({ seeders }) => seeders)),
      sum(entries.map(({ leechers }) => leechers)),
      intervals.length === 0 ? '-' : formatEta(Math.max(...intervals)),
      sum(entries.map(({ peersReceived }) => peersReceived)),
    ],
  };
}

/** Of what is known. */
function sum(counts: readonly (number | null)[]): string {
  const known = counts.flatMap((number) => number ?? []);
  return known.length === 0 ? '-' : String(known.reduce((total, number) => total + number));
}
