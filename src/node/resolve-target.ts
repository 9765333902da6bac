import { choiceOfPositions } from '../metainfo/choose-files.ts';
import { missingLayers } from '../metainfo/missing-layers.ts';
import type { FetchTarget } from './api.ts';
import type { FetchRun } from './fetch-run.ts';
import { givenSources, NO_SOURCES } from './given-sources.ts';
import { joinSwarm, type Received, type Target } from './join-swarm.ts';
import { refuseWithoutWay, resolveName } from './resolve-name.ts';
import { targetName } from './target-name.ts';

/** From what was asked for to a content's info-hash, by asking the LAN where it is a name. */
export async function resolveTarget(
  run: FetchRun,
  wanted: FetchTarget,
  stopSearching: () => void,
): Promise<Target> {
  const sources = givenSources(wanted);
  const name = targetName(wanted);
  switch (wanted.kind) {
    case 'torrent': {
      const { metainfo } = wanted.torrent;
      const { infoHash, private: isPrivate } = metainfo;
      // Some programs leave the piece layers of v2 out: then peers have to tell them, as with a magnet link.
      const described = missingLayers(metainfo).length === 0 ? metainfo : undefined;
      return { infoHash, name, metainfo: described, sources, isPrivate };
    }
    case 'magnet': {
      const { infoHash, select } = wanted.magnet;
      const choice = select === undefined ? undefined : choiceOfPositions(select);
      return { infoHash, name, metainfo: undefined, sources, select: choice };
    }
    case 'infoHash':
      return { infoHash: wanted.infoHash, name, metainfo: undefined, sources };
    case 'name':
      return resolveByName(run, name, stopSearching);
  }
}

/**
 * The swarm of the first answer is joined at once: links and metainfo are there when it is certain that the name
 * means nothing else. Pieces are asked for only then.
 */
async function resolveByName(run: FetchRun, wanted: string, stopSearching: () => void): Promise<Target> {
  const { context, timeoutMs, signal, failure } = run;
  refuseWithoutWay(context);
  let early: (Target & { readonly joined: Received }) | undefined;
  const found = resolveName(context, wanted, timeoutMs, signal, ({ infoHash, name }) => {
    if (context.contents.swarm(infoHash) !== undefined) return;
    const target = { infoHash, name, metainfo: undefined, sources: NO_SOURCES };
    early = { ...target, joined: joinSwarm(run, target, stopSearching) };
  });
  const { infoHash, name } = await Promise.race([found, failure.promise]);
  if (early?.infoHash === infoHash) return early;
  await early?.joined.leave();
  return { infoHash, name, metainfo: undefined, sources: NO_SOURCES };
}
