import { EventQueue } from './event-queue.ts';

/** Something that is to happen later, unless it is cancelled. */
export interface Appointment {
  cancel(): void;
}

/** Cancelled, where there is nothing to run. */
interface Task {
  run: (() => void) | undefined;
}

/** A caller that adds up milliseconds may come this much too early; it would be sent away again and again. */
const ROUNDING_MS = 0.001;

/** What is to be done when. Time stands still but in `advance`. */
export class Agenda {
  readonly #tasks = new EventQueue<Task>();
  #now = 0;

  /** Milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** When the next thing is due; Infinity where nothing is. */
  get nextAt(): number {
    while (this.#tasks.first !== undefined && this.#tasks.first.event.run === undefined) this.#tasks.pop();
    return this.#tasks.nextAt;
  }

  in(delayMs: number, run: () => void): Appointment {
    const task: Task = { run };
    this.#tasks.push(this.#now + Math.max(0, delayMs), task);
    return {
      cancel() {
        task.run = undefined;
      },
    };
  }

  /** Moves time on, without doing anything yet. */
  advance(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  /** Does what is due. What is set meanwhile waits for the next call. */
  runDue(): void {
    const { pushed } = this.#tasks;
    for (let { first } = this.#tasks; first !== undefined; { first } = this.#tasks) {
      if (first.at > this.#now + ROUNDING_MS || first.order >= pushed) return;
      this.#tasks.pop();
      first.event.run?.();
    }
  }

  clear(): void {
    this.#tasks.clear();
  }
}
