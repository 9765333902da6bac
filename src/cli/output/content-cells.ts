import { printableName } from '../../metainfo/printable-name.ts';
import type { ContentEntry } from './events.ts';
import { formatBytes } from './format.ts';

export const CONTENT_HEADINGS: readonly string[] = ['NAME', 'SIZE', 'HOLDERS', 'COMPLETE', 'INFO-HASH'];

/** One content as a row of the table. */
export function contentCells(content: ContentEntry): readonly string[] {
  return [
    printableName(content.name),
    formatBytes(content.size),
    String(content.holders.length),
    completeness(content),
    content.infoHash,
  ];
}

/** How much the holders have: `100%`, or `25-100%` where they differ. */
function completeness({ pieces, holders }: ContentEntry): string {
  const percents = holders.map(({ piecesHeld }) =>
    pieces === 0 ? 100 : Math.floor((Math.min(piecesHeld, pieces) / pieces) * 100),
  );
  const least = Math.min(...percents);
  const most = Math.max(...percents);
  if (percents.length === 0) return '-';
  return least === most ? `${most}%` : `${least}-${most}%`;
}
