import type { CliEvent } from './events.ts';

/** Where a command says what happens. */
export interface Reporter {
  report(event: CliEvent): void;
  /** Leaves a terminal as it should be found: no half line. */
  finish(): void;
}
