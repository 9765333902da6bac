import { CLASSROOM_PROGRESS_MS } from '../../limits.ts';
import { type Clock, repeat, type Timer } from '../../platform/clock.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { TransferCounters } from '../../transfer/transfer-counters.ts';
import type { ClassroomEvent } from './classroom-peer-api.ts';

export interface ProgressOptions {
  readonly store: ContentStore;
  readonly counters: TransferCounters;
  readonly clock: Clock;
  onEvent(event: ClassroomEvent): void;
}

/** Tells how far the file is and how fast it moves, when something of it has changed. */
export class ProgressEvents {
  readonly #options: ProgressOptions;
  readonly #timer: Timer;
  #told = '';

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#timer = repeat(options.clock, CLASSROOM_PROGRESS_MS, () => this.tell());
  }

  tell(): void {
    const { store, counters, clock, onEvent } = this.#options;
    const now = clock.now();
    const progress = {
      piecesDone: store.have.count,
      piecesTotal: store.metainfo.pieceCount,
      bytesDone: store.goal.bytesDone,
      bytesTotal: store.goal.bytesTotal,
      downBytesPerSecond: Math.round(counters.down.bytesPerSecond(now)),
      upBytesPerSecond: Math.round(counters.up.bytesPerSecond(now)),
    };
    const text = Object.values(progress).join(' ');
    if (text === this.#told) return;
    this.#told = text;
    onEvent({ event: 'peer-progress', ...progress });
  }

  stop(): void {
    this.#timer.cancel();
  }
}
