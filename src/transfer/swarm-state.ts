import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import { hasName, v2Name } from '../metainfo/swarm-names.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Exchange } from './exchange.ts';

/** From when pieces can be exchanged. */
interface Active {
  readonly name: 'active';
  readonly store: ContentStore;
  readonly exchange: Exchange;
}

type Phase =
  /** Until the metainfo is known and there is a store. */
  { readonly name: 'describing' } | Active | { readonly name: 'closed'; readonly bytesLeft: number };

/** How far a swarm is with its content, and what is known of the content by then. */
export class SwarmState {
  readonly #infoHash: InfoHash;
  #phase: Phase = { name: 'describing' };

  /** `infoHash`: the name that it was asked for by. */
  constructor(infoHash: InfoHash) {
    this.#infoHash = infoHash;
  }

  get name(): Phase['name'] {
    return this.#phase.name;
  }

  /** Undefined but while pieces are exchanged, as everything that hangs on it. */
  get active(): Active | undefined {
    return this.#phase.name === 'active' ? this.#phase : undefined;
  }

  get exchange(): Exchange | undefined {
    return this.active?.exchange;
  }

  get metainfo(): Metainfo | undefined {
    return this.active?.store.metainfo;
  }

  get v2Name(): InfoHash | undefined {
    return this.metainfo && v2Name(this.metainfo);
  }

  get pieceCount(): number {
    return this.metainfo?.pieceCount ?? 0;
  }

  get complete(): boolean {
    return this.active?.store.goal.reached ?? false;
  }

  /** BEP 27, as far as the metainfo is known. */
  get isPrivate(): boolean {
    return this.metainfo?.private ?? false;
  }

  /** Certainly not private. */
  get isPublic(): boolean {
    return this.active !== undefined && !this.isPrivate;
  }

  get bytesLeft(): number {
    const phase = this.#phase;
    if (phase.name === 'closed') return phase.bytesLeft;
    if (phase.name === 'describing') return 1;
    const { have, metainfo } = phase.store;
    return have.complete ? 0 : Math.max(1, metainfo.length - have.count * metainfo.pieceLength);
  }

  /** Whether a peer that wants this means this content: a hybrid has two names (BEP 52). */
  isNamed(infoHash: InfoHash): boolean {
    if (infoHash === this.#infoHash) return true;
    return this.metainfo !== undefined && hasName(this.metainfo, infoHash);
  }

  activate(store: ContentStore, exchange: Exchange): void {
    this.#phase = { name: 'active', store, exchange };
  }

  close(): void {
    this.#phase = { name: 'closed', bytesLeft: this.bytesLeft };
  }
}
