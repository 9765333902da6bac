import { HttpAnswers } from '../../../src/tracker-server/http/http-answers.ts';
import { Matchmaker } from '../../../src/tracker-server/registry/matchmaker.ts';
import { Registry } from '../../../src/tracker-server/registry/registry.ts';
import type { TrackerStats } from '../../../src/tracker-server/tracker-server-api.ts';
import type { AnnounceRequest } from '../../../src/wire/tracker/announce.ts';
import { encodeAnnounceQuery } from '../../../src/wire/tracker/http-query.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { infoHashOfContent, peerIdOf } from '../announcing.ts';
import { RegistryAnswers } from '../registry-answers.ts';

const NOW = 600_000;
export const INTERVAL = 1_800;

export interface SomeTrackerOptions {
  readonly tracks?: (infoHash: Uint32Array) => boolean;
  readonly allowPublic?: boolean;
}

/** A tracker without sockets. */
export function someTracker({ tracks, allowPublic = false }: SomeTrackerOptions = {}) {
  const random = seededRandom(1);
  const registry = new Registry({ random, intervalSeconds: INTERVAL, ...(tracks && { tracks }) });
  const matchmaker = new Matchmaker({ registry, ownAddress: () => undefined, allowPublic });
  const known = { matchmaker, intervalSeconds: INTERVAL, nowSeconds: () => NOW };
  const answers = new HttpAnswers(known);
  return {
    registry,
    counts: answers.counts,
    answers,
    objects: new RegistryAnswers(known),
  };
}

export function request(said: Partial<AnnounceRequest> & { readonly id?: string } = {}): AnnounceRequest {
  const { id = 'me', ...rest } = said;
  return {
    infoHash: infoHashOfContent(1),
    peerId: peerIdOf(id),
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 100,
    event: 'regular',
    peersWanted: undefined,
    key: 7,
    ...rest,
  };
}

export function query(said: Parameters<typeof request>[0] = {}): string {
  return encodeAnnounceQuery({ ...request(said), trackerId: undefined, compact: true });
}

export const STATS: TrackerStats = {
  uptimeSeconds: 93_784,
  contents: 2,
  peers: 5,
  seeders: 2,
  announces: { udp: 10, http: 3 },
  scrapes: { udp: 1, http: 2 },
  connects: 4,
  matches: 8,
  refused: { malformed: 6, 'not private': 0 },
  store: { kind: 'sqlite', unsaved: 7, fault: undefined },
  memoryBytes: 50_000_000,
};
