import type { Logger } from '../platform/logger.ts';
import type { Host } from './host.ts';
import type { Reporter } from './output/reporter.ts';

/** What every command works with. */
export interface Context {
  readonly host: Host;
  readonly reporter: Reporter;
  readonly logger: Logger;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly version: string;
}
