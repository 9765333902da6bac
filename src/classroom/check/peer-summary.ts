import { type ListedPeer, type ListedPeerId, type Project, pieceCountOf } from '../config/project.ts';
import type { LogFacts } from './log-facts.ts';
import type { PeerSummary } from './run-verdict.ts';

export function summaryOf(
  { common }: Project,
  { id, hasFile }: ListedPeer,
  log: LogFacts | undefined,
): PeerSummary {
  if (log === undefined) return { peer: id, ...NOTHING };
  const complete = log.hasAll(pieceCountOf(common));
  const completeAfterMs = complete ? elapsed(log) : undefined;
  const end = complete ? 'complete' : 'incomplete';
  return {
    peer: id,
    end: hasFile ? 'had the file' : end,
    lines: log.lines,
    fromLine: log.fromLine,
    piecesDownloaded: log.downloads.length,
    sources: sourcesOf(log),
    completeAfterMs,
    bytesPerSecond: completeAfterMs ? (common.fileSize / completeAfterMs) * 1000 : undefined,
  };
}

const NOTHING = {
  end: 'no log',
  lines: 0,
  fromLine: 1,
  piecesDownloaded: 0,
  sources: [],
  completeAfterMs: undefined,
  bytesPerSecond: undefined,
} as const;

function elapsed({ first, complete }: LogFacts): number | undefined {
  if (first?.time === undefined || complete?.time === undefined) return undefined;
  return Math.max(0, complete.time - first.time);
}

function sourcesOf({ downloads }: LogFacts): PeerSummary['sources'] {
  const counts = new Map<ListedPeerId, number>();
  for (const { from } of downloads) counts.set(from, (counts.get(from) ?? 0) + 1);
  return [...counts].map(([from, pieces]) => ({ from, pieces })).sort((a, b) => b.pieces - a.pieces);
}
