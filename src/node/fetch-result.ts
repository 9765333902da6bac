import { resolve } from 'node:path';
import type { PieceGoal } from '../pieces/piece-goal.ts';
import { partRemains } from '../storage/part/part-remains.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { FetchResult } from './api.ts';
import type { FetchRun } from './fetch-run.ts';
import type { WantedContent } from './wanted-content.ts';

/** Tells that all that was wanted is here; `swarm` is undefined where nobody had to be asked. */
export async function tellDone(
  run: FetchRun,
  wanted: WantedContent,
  goal: Pick<PieceGoal, 'bytesTotal'>,
  swarm: Swarm | undefined,
): Promise<FetchResult> {
  const { context, options, startedAt } = run;
  const { metainfo, files, out } = wanted;
  const { infoHash, name } = metainfo;
  const told = {
    path: options.sink === undefined ? resolve(out, name) : '',
    bytes: goal.bytesTotal,
    downloadedBytes: swarm?.counters.downloadedBytes ?? 0,
    seconds: (context.clock.now() - startedAt) / 1000,
    peers: swarm?.counters.contributors.size ?? 0,
    alreadyThere: swarm === undefined,
    remains: files === undefined || options.sink !== undefined ? undefined : await partRemains(metainfo, out),
  };
  context.emit({ event: 'done', infoHash, name, ...told });
  return { metainfo, ...told, seeded: Promise.resolve() };
}
