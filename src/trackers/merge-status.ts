import type { TrackerStatus } from './tracker-status.ts';

/**
 * One row for each tracker that is told of a content under several names (BEP 52), undefined for a name of which
 * nothing is known yet. Its peers may be known by all of the names: the larger counts are kept, and not added up.
 */
export function mergeStatus(
  byName: readonly (readonly TrackerStatus[] | undefined)[],
): readonly TrackerStatus[] {
  const merged = new Map<string, TrackerStatus>();
  for (const row of byName.flatMap((rows) => rows ?? [])) {
    const known = merged.get(row.url);
    merged.set(row.url, known === undefined ? row : both(known, row));
  }
  const rows = [...merged.values()];
  return byName.includes(undefined) ? rows.map(notYetFailed) : rows;
}

/** A tracker that refuses one of the names is of use by the other. */
function both(one: TrackerStatus, other: TrackerStatus): TrackerStatus {
  const better = USE[other.state] > USE[one.state] ? other : one;
  return {
    ...better,
    seeders: larger(one.seeders, other.seeders),
    leechers: larger(one.leechers, other.leechers),
    peersReceived: Math.max(one.peersReceived, other.peersReceived),
    nextAnnounceAt: smaller(one.nextAnnounceAt, other.nextAnnounceAt),
  };
}

const USE: Readonly<Record<TrackerStatus['state'], number>> = { failed: 0, waiting: 1, working: 2 };

function notYetFailed(row: TrackerStatus): TrackerStatus {
  return row.state === 'failed' ? { ...row, state: 'waiting', message: '' } : row;
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
