import { formatBytes, formatPercent, formatRate } from '../format.ts';
import type { Detail, StatusLine } from '../status-line.ts';
import type { ClassroomCliEvent } from './classroom-events.ts';
import type { ProbeStep } from './rule-events.ts';
import type { PeerProgress } from './run-events.ts';

/** Keeps the line about one peer's run, or about a probe, from event to event. */
export class PeerStatus {
  readonly #linked = new Set<number>();
  #listed: readonly number[] = [];
  #preferred: readonly number[] = [];
  #optimistic: number | null = null;
  #progress: PeerProgress | undefined;
  #line: StatusLine | undefined;

  /** Undefined before there is a run, and after it. */
  get line(): StatusLine | undefined {
    return this.#line;
  }

  /** Returns whether the event belongs to the line. */
  take(event: ClassroomCliEvent): boolean {
    switch (event.event) {
      case 'peer-listening':
        this.#listed = event.listed.filter((id) => id !== event.peer);
        break;
      case 'peer-connected':
        this.#linked.add(event.with);
        break;
      case 'peer-disconnected':
        this.#linked.delete(event.with);
        break;
      case 'peer-preferred':
        this.#preferred = event.neighbors;
        break;
      case 'peer-optimistic':
        this.#optimistic = event.neighbor;
        break;
      case 'peer-progress':
        this.#progress = event;
        break;
      case 'probing':
        this.#line = probing(event);
        return true;
      case 'all-complete':
      case 'rules':
        this.#line = undefined;
        return true;
      case 'peer-complete':
      case 'peer-refused':
      case 'peer-note':
      case 'peer-started':
      case 'peer-exited':
      case 'peers-ended':
      case 'project':
      case 'rule':
      case 'peer-log':
        return false;
    }
    this.#line = { label: `peer ${event.peer}`, details: [...this.#figures(), ...this.#neighbors()] };
    return true;
  }

  #figures(): readonly Detail[] {
    if (this.#progress === undefined) return [];
    const { bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond } = this.#progress;
    return [
      { text: formatPercent(bytesDone, bytesTotal), weight: 7 },
      { text: `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`, weight: 2 },
      { text: `${formatRate(downBytesPerSecond)} down`, weight: 5 },
      { text: `${formatRate(upBytesPerSecond)} up`, weight: 4 },
    ];
  }

  #neighbors(): readonly Detail[] {
    const linked = this.#listed.filter((id) => this.#linked.has(id));
    const missing = this.#listed.filter((id) => !this.#linked.has(id));
    const served = [...this.#preferred, ...(this.#optimistic === null ? [] : [`${this.#optimistic}*`])];
    return [
      ...(linked.length === 0 ? [] : [{ text: `linked ${linked.join(', ')}`, weight: 3 }]),
      ...(missing.length === 0 ? [] : [{ text: `missing ${missing.join(', ')}`, weight: 6 }]),
      ...(served.length === 0 ? [] : [{ text: `sends to ${served.join(', ')}`, weight: 1 }]),
    ];
  }
}

function probing({ step, steps, name }: ProbeStep): StatusLine {
  return { label: `trying ${name}`, details: [{ text: `${step} of ${steps}`, weight: 1 }] };
}
