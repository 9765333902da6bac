import type { Holding } from '../holdings/holding.ts';
import { matchesName } from '../metainfo/torrent-name.ts';
import type { Query } from './discovery.ts';

/** Whether a record is an answer to the query. */
export function matchesQuery(query: Query, holding: Pick<Holding, 'infoHash' | 'name'>): boolean {
  switch (query.kind) {
    case 'everything':
      return true;
    case 'infoHash':
      return holding.infoHash === query.infoHash;
    case 'name':
      return matchesName(query.name, holding.name) !== undefined;
  }
}
