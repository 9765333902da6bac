import { TELL_SEARCHING_AFTER_MS } from '../../limits.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CliEvent, Hashing, Progress, Searching, Verifying } from './events.ts';
import { count, formatBytes, formatEta, formatPercent, formatRate } from './format.ts';
import { shownPath } from './paths.ts';
import type { StatusLine } from './status-line.ts';

/** Keeps the line about what is going on, from event to event. */
export class Status {
  readonly #clock: Clock;
  readonly #cwd: string;
  readonly #transfers = new Map<string, Progress>();
  /** Contents that are only served: shared from here, or fetched to the end. */
  readonly #whole = new Set<string>();
  #searchingSince: number | undefined;
  #line: StatusLine | undefined;

  constructor(clock: Clock, cwd: string) {
    this.#clock = clock;
    this.#cwd = cwd;
  }

  /** Undefined where there is nothing to say. */
  get line(): StatusLine | undefined {
    return this.#line;
  }

  /** Returns whether the event belongs to the line. */
  take(event: CliEvent): boolean {
    switch (event.event) {
      case 'hashing':
        this.#line = event.cached ? undefined : measured('hashing', event, this.#cwd);
        return true;
      case 'verifying':
        this.#line = measured('checking', event, this.#cwd);
        return true;
      case 'searching':
        this.#line = this.#searching(event);
        return true;
      case 'progress':
        this.#transfers.set(event.infoHash, event);
        this.#line = this.#moving();
        return true;
      case 'sharing':
      case 'done':
        this.#whole.add(event.infoHash);
        this.#line = undefined;
        return true;
      case 'resolved':
      case 'verified':
      case 'stopped':
      case 'error':
        this.#line = undefined;
        return true;
      case 'listening':
      case 'warning':
      case 'withdrawn':
      case 'resuming':
      case 'ambiguous':
      case 'peer':
      case 'seeding':
      case 'content':
      case 'torrent':
      case 'appeared':
      case 'updated':
      case 'gone':
      case 'interface':
      case 'node':
      case 'named':
      case 'port':
      case 'dropped':
      case 'diagnosis':
        return false;
    }
  }

  /** Most searches end before anybody could read that they began. */
  #searching({ target, interfaces }: Searching): StatusLine | undefined {
    const now = this.#clock.now();
    this.#searchingSince ??= now;
    if (now - this.#searchingSince < TELL_SEARCHING_AFTER_MS) return this.#line;
    const where = interfaces.length === 0 ? '' : ` on ${interfaces.join(', ')}`;
    return { label: `looking for ${printableName(target)}${where}`, details: [] };
  }

  #moving(): StatusLine | undefined {
    const transfers = [...this.#transfers.values()];
    const fetching = transfers.find(({ infoHash }) => !this.#whole.has(infoHash));
    return fetching === undefined ? servingLine(transfers) : fetchingLine(fetching);
  }
}

function measured(doing: string, event: Hashing | Verifying, cwd: string): StatusLine {
  const { path, bytesDone, bytesTotal } = event;
  return {
    label: `${doing} ${shownPath(path, cwd)}`,
    details: [
      { text: formatPercent(bytesDone, bytesTotal), weight: 2 },
      { text: `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`, weight: 1 },
    ],
  };
}

function fetchingLine(progress: Progress): StatusLine {
  const { name, bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, etaSeconds } = progress;
  const eta = etaSeconds === null ? [] : [{ text: `ETA ${formatEta(etaSeconds)}`, weight: 5 }];
  return {
    label: printableName(name),
    details: [
      { text: formatPercent(bytesDone, bytesTotal), weight: 6 },
      { text: `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`, weight: 2 },
      { text: `${formatRate(downBytesPerSecond)} down`, weight: 4 },
      { text: `${formatRate(upBytesPerSecond)} up`, weight: 1 },
      { text: count(peers, 'peer'), weight: 3 },
      ...eta,
    ],
  };
}

function servingLine(transfers: readonly Progress[]): StatusLine | undefined {
  const [first] = transfers;
  const sum = (key: 'upBytesPerSecond' | 'peers' | 'uploadedBytes'): number =>
    transfers.reduce((total, transfer) => total + transfer[key], 0);
  if (first === undefined || sum('uploadedBytes') === 0) return undefined;
  return {
    label: `serving ${transfers.length === 1 ? printableName(first.name) : count(transfers.length, 'content')}`,
    details: [
      { text: `${formatRate(sum('upBytesPerSecond'))} up`, weight: 3 },
      { text: count(sum('peers'), 'peer'), weight: 2 },
      { text: `${formatBytes(sum('uploadedBytes'))} sent`, weight: 1 },
    ],
  };
}
