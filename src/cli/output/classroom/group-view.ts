import type { GroupEvent } from './group-events.ts';

/** Shows what the peers of `--all` do. */
export interface GroupView {
  take(news: GroupEvent): void;
  /** Leaves a terminal as it should be found. */
  finish(): void;
}
