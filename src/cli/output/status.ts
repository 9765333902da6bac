import { TELL_SEARCHING_AFTER_MS } from '../../limits.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Clock } from '../../platform/clock.ts';
import { isClassroomEvent } from './classroom/classroom-events.ts';
import { PeerStatus } from './classroom/peer-status.ts';
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
  readonly #peer = new PeerStatus();
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
    if (isClassroomEvent(event)) {
      const taken = this.#peer.take(event);
      if (taken) this.#line = this.#peer.line;
      return taken;
    }
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
      case 'error':
        // Of several fetches, those that go on say so soon.
        this.#transfers.clear();
        this.#line = undefined;
        return true;
      case 'resolved':
      case 'verified':
      case 'created':
      case 'seeded':
      case 'stopped':
        this.#line = undefined;
        return true;
      case 'listening':
      case 'warning':
      case 'withdrawn':
      case 'resuming':
      case 'ambiguous':
      case 'peer':
      case 'trackers':
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
      case 'matched':
      case 'store':
      case 'tracker-stats':
        return false;
    }
  }

  /** Most searches end before anybody could read that they began. */
  #searching({ target, interfaces }: Searching): StatusLine | undefined {
    const now = this.#clock.now();
    this.#searchingSince ??= now;
    if (now - this.#searchingSince < TELL_SEARCHING_AFTER_MS || this.#fetching().length > 0)
      return this.#line;
    const where = interfaces.length === 0 ? '' : ` on ${interfaces.join(', ')}`;
    return { label: `looking for ${printableName(target)}${where}`, details: [] };
  }

  #moving(): StatusLine | undefined {
    const fetching = this.#fetching();
    return fetching.length === 0 ? servingLine([...this.#transfers.values()]) : fetchingLine(fetching);
  }

  #fetching(): readonly Progress[] {
    return [...this.#transfers.values()].filter(({ infoHash }) => !this.#whole.has(infoHash));
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

function fetchingLine(transfers: readonly Progress[]): StatusLine | undefined {
  const [first] = transfers;
  if (first === undefined) return undefined;
  const bytesDone = sumOf(transfers, 'bytesDone');
  const bytesTotal = sumOf(transfers, 'bytesTotal');
  const downBytesPerSecond = sumOf(transfers, 'downBytesPerSecond');
  const upBytesPerSecond = sumOf(transfers, 'upBytesPerSecond');
  const peers = sumOf(transfers, 'peers');
  const etaSeconds = lastEta(transfers);
  const eta = etaSeconds === null ? [] : [{ text: `ETA ${formatEta(etaSeconds)}`, weight: 5 }];
  return {
    label: nameOf(transfers, first),
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
  const uploadedBytes = sumOf(transfers, 'uploadedBytes');
  if (first === undefined || uploadedBytes === 0) return undefined;
  return {
    label: `serving ${nameOf(transfers, first)}`,
    details: [
      { text: `${formatRate(sumOf(transfers, 'upBytesPerSecond'))} up`, weight: 3 },
      { text: count(sumOf(transfers, 'peers'), 'peer'), weight: 2 },
      { text: `${formatBytes(uploadedBytes)} sent`, weight: 1 },
    ],
  };
}

function nameOf(transfers: readonly Progress[], first: Progress): string {
  return transfers.length === 1 ? printableName(first.name) : count(transfers.length, 'content');
}

type Figure = {
  [Key in keyof Progress]: Progress[Key] extends number ? Key : never;
}[keyof Progress];

function sumOf(transfers: readonly Progress[], figure: Figure): number {
  return transfers.reduce((total, transfer) => total + transfer[figure], 0);
}

/** When all are done; null where one cannot say. */
function lastEta(transfers: readonly Progress[]): number | null {
  let last = 0;
  for (const { etaSeconds } of transfers) {
    if (etaSeconds === null) return null;
    last = Math.max(last, etaSeconds);
  }
  return last;
}
