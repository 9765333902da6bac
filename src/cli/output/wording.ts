import type { Style } from './style.ts';

/** How sentences are written. */
export interface Wording {
  readonly style: Style;
  /** Paths below it are shown from there on. */
  readonly cwd: string;
}
