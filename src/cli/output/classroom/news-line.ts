import { printableName } from '../../../metainfo/printable-name.ts';
import { type GroupEvent, wasStopped } from './group-events.ts';

/** A line below the table of `--all`; undefined for what the table shows. */
export function newsLine(event: GroupEvent): string | undefined {
  switch (event.event) {
    case 'peer-note':
      return `${event.peer}: ${printableName(event.message)}`;
    case 'peer-refused':
      return `${event.peer} refused ${printableName(`${event.address}: ${event.reason}`)}`;
    case 'peer-exited':
      return event.message === null || wasStopped(event)
        ? undefined
        : `${event.peer} ended: ${printableName(event.message)}`;
    case 'peer-listening':
    case 'peer-connected':
    case 'peer-disconnected':
    case 'peer-preferred':
    case 'peer-optimistic':
    case 'peer-progress':
    case 'peer-complete':
    case 'all-complete':
    case 'peer-started':
      return undefined;
  }
}
