import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { createTrackerServer } from '../../src/tracker-server/tracker-server.ts';
import type {
  TrackerServer,
  TrackerServerEvent,
  TrackerServerOptions,
} from '../../src/tracker-server/tracker-server-api.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import type { AnnounceRequest } from '../../src/wire/tracker/announce.ts';
import { infoHashOfContent, peerIdOf } from './announcing.ts';

/** A real tracker, and what it has told. */
export interface RunningTracker extends TrackerServer {
  readonly events: readonly TrackerServerEvent[];
}

/** Trackers on the loopback address that nobody is told of. */
export class RunningTrackers {
  readonly #running: TrackerServer[] = [];

  async start(options: TrackerServerOptions = {}): Promise<RunningTracker> {
    const events: TrackerServerEvent[] = [];
    const server = await createTrackerServer({
      port: 0,
      host: '127.0.0.1',
      mdns: false,
      onEvent: (event) => events.push(event),
      ...options,
    });
    this.#running.push(server);
    return Object.assign(server, { events });
  }

  async close(): Promise<void> {
    for (const server of this.#running.splice(0)) await server.close();
  }
}

interface Said extends Partial<AnnounceRequest> {
  readonly by?: 'udp' | 'http';
  readonly infoHash?: InfoHash;
}

/** Announces as a client does, and gives the ports of the peers that it is told of. */
export async function announce(
  { port: at }: TrackerServer,
  port: number,
  { by = 'udp', ...said }: Said = {},
) {
  const client = systemTrackerClient(systemClock, systemRandom);
  try {
    const request: AnnounceRequest = {
      infoHash: infoHashOfContent(1),
      peerId: peerIdOf(`peer at ${port}`),
      port,
      uploaded: 0,
      downloaded: 0,
      left: 100,
      event: 'started',
      peersWanted: undefined,
      key: 1,
      ...said,
    };
    const how = { signal: AbortSignal.timeout(5_000), patience: 'short', trackerId: undefined } as const;
    const answer = await client.announce(`${by}://127.0.0.1:${at}/announce`, request, how);
    return { ...answer, ports: answer.peers.map((peer) => peer.port).sort() };
  } finally {
    await client.close();
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
