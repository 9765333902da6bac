import { allPieces } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openPart } from '../../src/storage/part/open-part.ts';
import { SourceStore } from '../../src/storage/source-store.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { placeSample, type SampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { contentStoreContract, writePiece } from './contract.ts';

const folders = new TemporaryFolders();
const cleanUp = (): Promise<void> => folders.remove();

async function emptyPart(content: SampleContent, maxOpenFiles = 128) {
  const outDir = await folders.make();
  return await openPart({ metainfo: content.metainfo, outDir, clock: systemClock, maxOpenFiles });
}

async function fullPart(content: SampleContent, maxOpenFiles?: number) {
  const store = await emptyPart(content, maxOpenFiles);
  for (const index of allPieces(content.metainfo.pieceCount)) await writePiece(store, content, index);
  return store;
}

contentStoreContract('a store in memory', {
  full: async (content) => new MemoryStore(content.metainfo, content.bytes),
  empty: async (content) => new MemoryStore(content.metainfo),
  cleanUp,
});

contentStoreContract('a shared source', {
  full: async (content) =>
    new SourceStore(await placeSample(content, await folders.make()), { clock: systemClock }),
  cleanUp,
});

contentStoreContract('a shared source that may open one file', {
  full: async (content) =>
    new SourceStore(await placeSample(content, await folders.make()), {
      clock: systemClock,
      maxOpenFiles: 1,
    }),
  cleanUp,
});

contentStoreContract('a part', { full: fullPart, empty: emptyPart, cleanUp });

contentStoreContract('a part that may open one file', {
  full: (content) => fullPart(content, 1),
  empty: (content) => emptyPart(content, 1),
  cleanUp,
});

contentStoreContract('a finished part', {
  full: async (content) => {
    const store = await fullPart(content);
    await store.finish();
    return store;
  },
  cleanUp,
});
