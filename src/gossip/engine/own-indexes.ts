import type { Holding } from '../../holdings/holding.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Context } from './context.ts';
import type { Digests } from './digests.ts';
import type { Interests } from './interests.ts';
import { OwnIndex } from './own-index.ts';
import type { Rumours } from './rumours.ts';
import type { Signed } from './signed.ts';
import type { Speaker } from './speaker.ts';

/** Tells those who want to hear it which pieces we hold of contents that we hold, or held, in part. */
export class OwnIndexes {
  readonly #context: Context;
  readonly #speaker: Speaker;
  readonly #rumours: Rumours;
  readonly #digests: Digests;
  readonly #interests: Interests;
  readonly #indexes = new Map<InfoHash, OwnIndex>();

  constructor(
    context: Context,
    parts: {
      readonly speaker: Speaker;
      readonly rumours: Rumours;
      readonly digests: Digests;
      readonly interests: Interests;
    },
  ) {
    this.#context = context;
    this.#speaker = parts.speaker;
    this.#rumours = parts.rumours;
    this.#digests = parts.digests;
    this.#interests = parts.interests;
  }

  statements(infoHash: InfoHash, newerThan = -1): Signed<'index' | 'index end'>[] {
    return this.#indexes.get(infoHash)?.statements(newerThan) ?? [];
  }

  update(holdings: readonly Holding[]): void {
    const held = new Set<InfoHash>();
    for (const holding of holdings) {
      held.add(holding.infoHash);
      this.#update(holding);
    }
    for (const [infoHash, index] of this.#indexes) {
      if (held.has(infoHash) || index.isEnded) continue;
      this.#interests.linger(infoHash);
      index.end();
    }
  }

  /** The content is open again: our last word on it stands in the digest. */
  reopened(infoHash: InfoHash): void {
    this.#note(infoHash);
  }

  #update(holding: Holding): void {
    const { infoHash } = holding;
    const known = this.#indexes.get(infoHash);
    // Who has shared it whole from the start is found by asking.
    if (known === undefined && !this.#interests.wanted.has(infoHash)) return;
    const index = known ?? this.#create(infoHash);
    if (index.update(holding)) this.#interests.linger(infoHash);
  }

  #create(infoHash: InfoHash): OwnIndex {
    const index = new OwnIndex(this.#context, this.#speaker, infoHash, {
      holders: () => this.#interests.audience(infoHash).size + 1,
      said: (signed) => {
        this.#note(infoHash);
        this.#rumours.spread(signed);
      },
    });
    this.#indexes.set(infoHash, index);
    return index;
  }

  #note(infoHash: InfoHash): void {
    const version = this.#indexes.get(infoHash)?.version ?? -1;
    if (version >= 0) this.#digests.content(infoHash)?.set(this.#speaker.shortId, version);
  }
}
