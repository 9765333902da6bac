import type { ListedPeerId } from '../config/project.ts';
import type { LogEvent } from './log-event.ts';
import { logTimeText } from './log-time.ts';

/** The assignment's sentence for an event, as `peer` writes it: without time and line end, with its full stop. */
export function sentenceOf(peer: ListedPeerId, event: LogEvent): string {
  return `Peer ${peer} ${predicateOf(event)}.`;
}

/** A line of the log, without its end. `time`: milliseconds since 1970; written in this machine's time zone. */
export function logLine(time: number, peer: ListedPeerId, event: LogEvent): string {
  return `[${logTimeText(time)}]: ${sentenceOf(peer, event)}`;
}

function predicateOf(event: LogEvent): string {
  switch (event.kind) {
    case 'makes connection':
      return `makes a connection to Peer ${event.to}`;
    case 'is connected':
      return `is connected from Peer ${event.from}`;
    case 'preferred neighbors':
      return `has the preferred neighbors ${event.neighbors.join(',')}`;
    case 'optimistically unchoked neighbor':
      return `has the optimistically unchoked neighbor ${event.neighbor}`;
    case 'unchoked':
      return `is unchoked by ${event.by}`;
    case 'choked':
      return `is choked by ${event.by}`;
    case 'have':
      return `received the 'have' message from ${event.from} for the piece ${event.piece}`;
    case 'interested':
      return `received the 'interested' message from ${event.from}`;
    case 'not interested':
      return `received the 'not interested' message from ${event.from}`;
    case 'downloaded piece':
      return (
        `has downloaded the piece ${event.piece} from ${event.from}. ` +
        `Now the number of pieces it has is ${event.pieces}`
      );
    case 'complete':
      return 'has downloaded the complete file';
  }
}
