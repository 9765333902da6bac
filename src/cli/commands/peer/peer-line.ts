import type { ToldFault } from '../../../classroom/all/group-fault.ts';
import { isPeerRunEvent, type PeerRunEvent } from '../../output/classroom/run-events.ts';
import type { CliEvent, Failure } from '../../output/events.ts';

/** What a line of a peer's `--json` means for `--all`. */
export type PeerLine =
  | { readonly kind: 'event'; readonly event: PeerRunEvent }
  | { readonly kind: 'failure'; readonly fault: ToldFault }
  /** What we know ourselves, as we read the same files. */
  | { readonly kind: 'nothing' };

/** The process is of this very program, so an event that it names has that event's keys. */
export function parsePeerLine(line: string): PeerLine {
  const event = parsed(line);
  if (event === undefined) return { kind: 'nothing' };
  if (isPeerRunEvent(event)) return { kind: 'event', event };
  return isFailure(event) ? { kind: 'failure', fault: event } : { kind: 'nothing' };
}

function parsed(line: string): CliEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'event' in value ? (value as CliEvent) : undefined;
  } catch {
    // The end of a killed process's output may be half a line.
    return undefined;
  }
}

function isFailure(event: CliEvent): event is Failure {
  return event.event === 'error';
}
