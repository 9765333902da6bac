import { formatEndpoint } from '../../../platform/endpoint.ts';
import { describeInterface, type NetworkInterface } from '../../../platform/interfaces.ts';
import type { TrackerServerEvent, TrackerStats } from '../../../tracker-server/tracker-server-api.ts';
import type { TrackerFigures } from './tracker-events.ts';
import type { TrackerNews } from './tracker-view.ts';

/** What the tracker says, in the command's words. */
export function fromTracker(event: TrackerServerEvent, interfaces: readonly NetworkInterface[]): TrackerNews {
  switch (event.event) {
    case 'listening': {
      const { port, urls } = event;
      return { event: 'listening', port, interfaces: interfaces.map(describeInterface), urls };
    }
    case 'matched': {
      const { infoHash, name = null, peer, with: given } = event;
      return {
        event: 'matched',
        infoHash,
        name,
        peer: formatEndpoint(peer),
        with: given.map(formatEndpoint),
      };
    }
    case 'store':
    case 'warning':
      return event;
  }
}

export function trackerFigures(stats: TrackerStats): TrackerFigures {
  const { store } = stats;
  return { event: 'tracker-stats', ...stats, store: { ...store, fault: store.fault ?? null } };
}
