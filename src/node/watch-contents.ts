import type { TableChange } from '../holdings/holdings-table.ts';
import type { Holder } from '../holdings/known-content.ts';
import type { HolderChange, ListedHolder } from './api.ts';
import type { NodeContext } from './context.ts';
import { listedHolder } from './list-contents.ts';

/** Asks everybody, and tells what is known and what changes, until the signal aborts. */
export async function watchContents(
  { finder }: Pick<NodeContext, 'finder'>,
  onChange: (change: HolderChange) => void,
  signal: AbortSignal,
): Promise<void> {
  const news = new HolderNews(onChange);
  for (const { holders } of finder.table.contents())
    for (const holder of holders) news.take({ kind: 'appeared', holder });
  const stopListening = finder.table.onChange((change) => news.take(change));
  const stopSeeking = finder.seek({ kind: 'everything' });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  stopSeeking();
  stopListening();
}

/** Passes on what a person would call a change: a version or an address heard again is none. */
class HolderNews {
  readonly #onChange: (change: HolderChange) => void;
  /** What was told last, by peer and content. */
  readonly #told = new Map<string, string>();

  constructor(onChange: (change: HolderChange) => void) {
    this.#onChange = onChange;
  }

  take(change: TableChange): void {
    if (change.kind === 'gone') {
      const { peerId, infoHash } = change;
      if (this.#told.delete(key(peerId, infoHash))) this.#onChange({ kind: 'gone', infoHash, peerId });
    } else {
      this.#tell(change.holder);
    }
  }

  #tell(holder: Holder): void {
    const { infoHash, name, length, pieceCount } = holder.holding;
    const listed = listedHolder(holder);
    const its = key(holder.peerId, infoHash);
    const before = this.#told.get(its);
    const now = state(listed);
    if (now === before) return;
    this.#told.set(its, now);
    this.#onChange({
      kind: before === undefined ? 'appeared' : 'updated',
      content: { infoHash, name, length, pieceCount },
      holder: listed,
    });
  }
}

function key(peerId: string, infoHash: string): string {
  return `${peerId} ${infoHash}`;
}

/** The address heard last stands first, which changes all the time; the set of them is what counts. */
function state({ piecesHeld, endpoints, paths }: ListedHolder): string {
  const addresses = endpoints.map(({ host, port }) => `${host} ${port}`).sort();
  return JSON.stringify([piecesHeld, addresses, [...paths].sort()]);
}
