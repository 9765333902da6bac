import type { Holding } from '../holdings/holding.ts';
import { summarizePieces } from '../holdings/piece-summary.ts';
import { PIECES_MERGE_MS } from '../limits.ts';
import { filesLength, type InfoHash } from '../metainfo/metainfo.ts';
import { v2Name } from '../metainfo/swarm-names.ts';
import type { LocalPeer } from '../peer/link-setup.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { Finder } from './finder.ts';

interface Content {
  readonly swarm: Swarm;
  /** What can be announced; undefined until the metainfo is known. */
  store: ContentStore | undefined;
  version: number;
  /** As last told; the same object as long as nothing has changed. */
  told: Holding | undefined;
}

/** What this node serves and fetches, and what it tells the LAN of it. */
export class Contents {
  readonly #contents = new Map<InfoHash, Content>();
  readonly #local: LocalPeer;
  readonly #finder: Finder;
  readonly #clock: Clock;
  /** One count for all: a content that is shared again is newer than its withdrawal. */
  #versions = 0;
  #pending: Timer | undefined;

  constructor(local: LocalPeer, finder: Finder, clock: Clock) {
    this.#local = local;
    this.#finder = finder;
    this.#clock = clock;
  }

  swarm(infoHash: InfoHash): Swarm | undefined {
    return this.#content(infoHash)?.swarm;
  }

  /** `addresses`: what this host has now. */
  networkChanged(addresses: ReadonlySet<string>): void {
    for (const { swarm } of this.#contents.values()) swarm.networkChanged(addresses);
  }

  add(infoHash: InfoHash, swarm: Swarm): void {
    this.#contents.set(infoHash, { swarm, store: undefined, version: ++this.#versions, told: undefined });
  }

  /** From now on we are announced as a holder, if only of no piece yet; to the trackers alone where it is private (BEP 27). */
  hold(infoHash: InfoHash, store: ContentStore): void {
    const content = this.#content(infoHash);
    if (content === undefined || store.metainfo.private) return;
    content.store = store;
    this.changed(infoHash);
  }

  /** What is held has changed in a way that others should know at once. */
  changed(infoHash: InfoHash): void {
    const content = this.#content(infoHash);
    if (content?.store === undefined) return;
    content.version = ++this.#versions;
    this.#announce();
  }

  /** A piece more: told together with those of the next moment. Linked peers hear of each at once. */
  grew(infoHash: InfoHash): void {
    const content = this.#content(infoHash);
    if (content === undefined) return;
    content.version = ++this.#versions;
    this.#pending ??= this.#clock.setTimer(PIECES_MERGE_MS, () => this.#announce());
  }

  remove(infoHash: InfoHash): void {
    const announced = this.#contents.get(infoHash)?.store !== undefined;
    this.#contents.delete(infoHash);
    if (announced) this.#announce();
  }

  stop(): void {
    this.#pending?.cancel();
  }

  /** Of a hybrid, `infoHash` may be either of its names (BEP 52). */
  #content(infoHash: InfoHash): Content | undefined {
    const content = this.#contents.get(infoHash);
    if (content !== undefined) return content;
    for (const other of this.#contents.values()) if (other.swarm.isNamed(infoHash)) return other;
    return undefined;
  }

  #announce(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    const holdings = [...this.#contents].flatMap(
      ([infoHash, content]) => this.#holding(infoHash, content) ?? [],
    );
    this.#finder.announce(holdings);
  }

  #holding(infoHash: InfoHash, content: Content): Holding | undefined {
    const { store, version, told } = content;
    if (store === undefined || told?.version === version) return told;
    const { name, pieceCount } = store.metainfo;
    const length = filesLength(store.metainfo);
    const { peerId, port } = this.#local;
    const pieces = summarizePieces(store.have);
    content.told = {
      peerId,
      port,
      infoHash,
      v2Name: v2Name(store.metainfo),
      name,
      length,
      pieceCount,
      pieces,
      version,
    };
    return content.told;
  }
}
