import type { InfoHash } from '../metainfo/metainfo.ts';
import { matchesName } from '../metainfo/torrent-name.ts';
import type { Holding } from './holding.ts';

/** What is looked for. */
export type Query =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'infoHash'; readonly infoHash: InfoHash }
  | { readonly kind: 'everything' };

/** Whether a record is an answer to the query; one of a hybrid that is ours is by both of its info-hashes. */
export function matchesQuery(query: Query, holding: Pick<Holding, 'infoHash' | 'v2Name' | 'name'>): boolean {
  switch (query.kind) {
    case 'everything':
      return true;
    case 'infoHash':
      return holding.infoHash === query.infoHash || holding.v2Name === query.infoHash;
    case 'name':
      return matchesName(query.name, holding.name) !== undefined;
  }
}
