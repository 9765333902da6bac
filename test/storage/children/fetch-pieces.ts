import { once } from 'node:events';
import type { WantedFiles } from '../../../src/metainfo/choose-files.ts';
import type { Metainfo, PieceIndex } from '../../../src/metainfo/metainfo.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { openPart } from '../../../src/storage/part/open-part.ts';

/** What killed-fetch.test.ts sends. */
export interface FetchOrder {
  readonly metainfo: Metainfo;
  readonly pieces: readonly {
    readonly index: PieceIndex;
    readonly content: Uint8Array;
    readonly crc32: number;
  }[];
  readonly outDir: string;
  readonly wanted?: WantedFiles | undefined;
}

/** What it hears: the pieces that were there, each piece when it is held, the end. */
export type FetchNews =
  | { readonly kind: 'opened'; readonly held: readonly PieceIndex[] }
  | { readonly kind: 'held'; readonly index: PieceIndex }
  | { readonly kind: 'finished' };

/** Pieces that it writes beyond those that its parent has acknowledged. */
const AHEAD = 16;

/** A fetch that gets its pieces without a network, four at a time, to be killed at any moment. */
const [order] = (await once(process, 'message')) as [FetchOrder];
let acknowledged = 0;
let written = 0;
process.on('message', () => acknowledged++);
const tell = (news: FetchNews): void => void process.send?.(news);

const { metainfo, outDir, wanted, pieces } = order;
const store = await openPart({ metainfo, outDir, wanted, clock: systemClock });
tell({ kind: 'opened', held: [...store.have.held()] });
const missing = pieces.filter(({ index }) => store.goal.lacks(index));
await Promise.all(Array.from({ length: 4 }, write));
await store.finish();
await store.close();
tell({ kind: 'finished' });
process.disconnect();

async function write(): Promise<void> {
  for (let piece = missing.shift(); piece !== undefined; piece = missing.shift()) {
    while (written >= acknowledged + AHEAD) await once(process, 'message');
    written++;
    await store.write(piece.index, piece.content, piece.crc32);
    tell({ kind: 'held', index: piece.index });
  }
}
