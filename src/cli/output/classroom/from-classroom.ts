import type { ListedPeerId, Project } from '../../../classroom/config/project.ts';
import type { ClassroomEvent } from '../../../classroom/run/classroom-peer-api.ts';
import type { PeerRunEvent } from './run-events.ts';

/** What a running peer tells, in the command's words. */
export function fromClassroom(
  event: ClassroomEvent,
  peer: ListedPeerId,
  { peers }: Pick<Project, 'peers'>,
): PeerRunEvent {
  switch (event.event) {
    case 'listening': {
      const { port, log } = event;
      return { event: 'peer-listening', peer, port, log, listed: peers.map(({ id }) => id) };
    }
    case 'peer-connected':
      return { event: 'peer-connected', peer, with: event.id, dialed: event.dialed };
    case 'peer-disconnected':
      return { event: 'peer-disconnected', peer, with: event.id, reason: event.reason };
    case 'peer-refused':
      return { event: 'peer-refused', peer, address: event.address, reason: event.reason };
    case 'preferred':
      return { event: 'peer-preferred', peer, neighbors: event.neighbors };
    case 'optimistic':
      return { event: 'peer-optimistic', peer, neighbor: event.neighbor ?? null };
    case 'peer-progress': {
      const { event: name, ...figures } = event;
      return { event: name, peer, ...figures };
    }
    case 'peer-complete':
      return { event: 'peer-complete', peer, path: event.path };
    case 'peer-note':
      return { event: 'peer-note', peer, message: event.text };
  }
}
