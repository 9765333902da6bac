import { filesLength } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { checkExisting } from '../storage/existing-content.ts';
import { openPart } from '../storage/part/open-part.ts';
import type { FetchResult } from './api.ts';
import { tellDone } from './fetch-result.ts';
import type { FetchRun } from './fetch-run.ts';
import type { WantedContent } from './wanted-content.ts';

export type OnDisk =
  | { readonly kind: 'nothing' }
  /** Some of it lies under its final name. */
  | { readonly kind: 'begun'; readonly store: ContentStore }
  /** The fetch is over. */
  | { readonly kind: 'done'; readonly result: FetchResult };

/**
 * What is wanted and lies under its final name need not be fetched. Rejects with EXISTS_DIFFERENT where something else
 * is there.
 */
export async function lookOnDisk(run: FetchRun, wanted: WantedContent): Promise<OnDisk> {
  if (run.options.sink !== undefined) return { kind: 'nothing' };
  const { metainfo, files, out } = wanted;
  switch (await checkExisting(metainfo, out, { wanted: files, signal: run.signal })) {
    case 'absent':
      return { kind: 'nothing' };
    case 'identical':
      return await done(run, wanted, { bytesTotal: filesLength(metainfo) });
    case 'begun': {
      const store = await openStore(run, wanted);
      if (!store.goal.reached) return { kind: 'begun', store };
      await store.finish();
      return await done(run, wanted, store.goal);
    }
  }
}

/** Opens the part of what is wanted, until the fetch is over. */
export async function openStore(
  { context, signal, scope }: FetchRun,
  { metainfo, files, out }: WantedContent,
): Promise<ContentStore> {
  const { clock, logger } = context;
  const store = await openPart({ metainfo, wanted: files, outDir: out, clock, logger, signal });
  scope.add(() => store.close());
  return store;
}

async function done(run: FetchRun, wanted: WantedContent, goal: { bytesTotal: number }): Promise<OnDisk> {
  const result = await tellDone(run, wanted, goal, undefined);
  await run.scope.close();
  return { kind: 'done', result };
}
