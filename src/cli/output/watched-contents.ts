import type { ContentEntry, HolderEntry, HolderFound, HolderGone } from './events.ts';

interface WatchedContent {
  /** As the holder that was heard first describes it. */
  readonly claim: Omit<ContentEntry, 'holders'>;
  readonly holders: Map<string, HolderEntry>;
}

/** What is on the LAN, from change to change. */
export class WatchedContents {
  readonly #contents = new Map<string, WatchedContent>();

  /** Returns the content it is about, as it was where nobody holds it any more; undefined where it never was. */
  take(change: HolderFound | HolderGone): ContentEntry | undefined {
    return change.event === 'gone' ? this.#remove(change) : this.#add(change);
  }

  /** By name. */
  get entries(): readonly ContentEntry[] {
    return [...this.#contents.values()]
      .map(entryOf)
      .sort((a, b) => a.name.localeCompare(b.name) || a.infoHash.localeCompare(b.infoHash));
  }

  #add({ name, infoHash, size, pieces, holder }: HolderFound): ContentEntry {
    const content = this.#contents.get(infoHash) ?? {
      claim: { name, infoHash, size, pieces },
      holders: new Map<string, HolderEntry>(),
    };
    this.#contents.set(infoHash, content);
    content.holders.set(holder.peerId, holder);
    return entryOf(content);
  }

  #remove({ infoHash, peerId }: HolderGone): ContentEntry | undefined {
    const content = this.#contents.get(infoHash);
    if (content === undefined) return undefined;
    const before = entryOf(content);
    content.holders.delete(peerId);
    if (content.holders.size === 0) this.#contents.delete(infoHash);
    return before;
  }
}

function entryOf({ claim, holders }: WatchedContent): ContentEntry {
  return { ...claim, holders: [...holders.values()] };
}
