import type { Endpoint } from '../platform/endpoint.ts';
import type { FetchTarget } from './api.ts';

/** Where to ask for a content beside what discovery finds, as its .torrent or magnet link says. */
export interface GivenSources {
  /** Tiers (BEP 12); BEP 9 has one tracker a tier. */
  readonly trackers: readonly (readonly string[])[];
  /** BEP 19. */
  readonly webSeeds: readonly string[];
  /** `x.pe`. */
  readonly peers: readonly Endpoint[];
}

export const NO_SOURCES: GivenSources = { trackers: [], webSeeds: [], peers: [] };

export function givenSources(wanted: FetchTarget): GivenSources {
  switch (wanted.kind) {
    case 'name':
    case 'infoHash':
      return NO_SOURCES;
    case 'torrent': {
      const { trackers, webSeeds } = wanted.torrent;
      return { trackers, webSeeds, peers: [] };
    }
    case 'magnet': {
      const { trackers, webSeeds, peers } = wanted.magnet;
      return { trackers: trackers.map((url) => [url]), webSeeds, peers };
    }
  }
}
