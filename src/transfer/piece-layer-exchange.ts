import { HASH_RETRY_MS, MAX_HASH_REQUESTS_OUTSTANDING } from '../limits.ts';
import { type HashPlace, samePlace } from '../metainfo/hash-place.ts';
import { provenHashes } from '../metainfo/hash-proof.ts';
import { TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { layerHeight, layerRequests, type MissingLayer, missingLayers } from '../metainfo/missing-layers.ts';
import { withPieceLayers } from '../metainfo/piece-layers.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import type { PeerSession } from './peer-session.ts';

interface FillingLayer extends MissingLayer {
  readonly hashes: Uint8Array;
}

/** A stretch of a layer, as it is asked for. */
interface Stretch {
  readonly place: HashPlace;
  readonly layer: FillingLayer;
  filled: boolean;
}

interface Owed {
  /** When each was asked for. Also those that another peer has given meanwhile: their answers may still come. */
  readonly stretches: Map<Stretch, number>;
  /** When hashes last came, or the first were asked for. */
  waitingSince: number;
}

/**
 * Gets the piece layers of a content of v2 alone (BEP 52), which do not stand in the info dictionary, from all linked
 * peers at once. Each answer is proven against the pieces root of its file before it is kept.
 */
export class PieceLayerExchange {
  readonly #metainfo: Metainfo;
  readonly #layers: readonly FillingLayer[];
  /** Asked of nobody; the next one is the last. */
  readonly #toAsk: Stretch[];
  readonly #owed = new Map<PeerSession, Owed>();
  readonly #refusedAt = new Map<PeerSession, number>();
  #missing: number;

  /** Undefined where no layer is missing. */
  static for(metainfo: Metainfo): PieceLayerExchange | undefined {
    const missing = missingLayers(metainfo);
    return missing.length === 0 ? undefined : new PieceLayerExchange(metainfo, missing);
  }

  private constructor(metainfo: Metainfo, missing: readonly MissingLayer[]) {
    this.#metainfo = metainfo;
    this.#layers = missing.map((layer) => ({
      ...layer,
      hashes: new Uint8Array(layer.pieces * TREE_HASH_BYTES),
    }));
    this.#toAsk = this.#layers
      .flatMap((layer) =>
        Array.from(layerRequests(layer, metainfo.pieceLength), (place) => ({ place, layer, filled: false })),
      )
      .reverse();
    this.#missing = this.#toAsk.length;
  }

  /** Asks this peer for as much as it may be asked. */
  offer(session: PeerSession, now: number): void {
    const refusedAt = this.#refusedAt.get(session) ?? Number.NEGATIVE_INFINITY;
    if (!session.link.givesHashes || now - refusedAt < HASH_RETRY_MS) return;
    const owed = this.#owed.get(session) ?? { stretches: new Map(), waitingSince: now };
    while (owed.stretches.size < MAX_HASH_REQUESTS_OUTSTANDING) {
      const next = this.#toAsk.pop() ?? this.#overdue(session, now);
      if (next === undefined) return;
      if (!isWaitedFor(owed)) owed.waitingSince = now;
      this.#owed.set(session, owed);
      owed.stretches.set(next, now);
      session.link.requestHashes(next.place);
    }
  }

  /**
   * The metainfo with its layers once these are the last hashes. Throws ProtocolError where they were not asked for, or
   * are false, and NOT_A_TORRENT where the layers prove that the torrent itself is none.
   */
  onHashes(session: PeerSession, place: HashPlace, answer: Uint8Array, now: number): Metainfo | undefined {
    const stretch = this.#settle(session, place);
    if (stretch === undefined) throw new ProtocolError('hashes that were not asked for');
    if (!stretch.filled) this.#fill(stretch, answer);
    const owed = this.#owed.get(session);
    if (owed !== undefined) owed.waitingSince = now;
    if (this.#missing > 0) {
      this.offer(session, now);
      return undefined;
    }
    const layers = this.#layers.map(({ piecesRoot, hashes }) => [hexOf(piecesRoot), hashes] as const);
    return withPieceLayers(this.#metainfo, new Map(layers));
  }

  /** Others are asked for it, and after a while this peer again: it may not have had the layers itself yet. */
  onReject(session: PeerSession, place: HashPlace, now: number): void {
    const stretch = this.#settle(session, place);
    if (stretch === undefined) return;
    this.#refusedAt.set(session, now);
    this.#giveBack(stretch);
  }

  /** Since when this peer owes us hashes; undefined where it owes none. */
  waitingSince(session: PeerSession): number | undefined {
    const owed = this.#owed.get(session);
    return owed !== undefined && isWaitedFor(owed) ? owed.waitingSince : undefined;
  }

  onClosed(session: PeerSession): void {
    const owed = this.#owed.get(session);
    this.#owed.delete(session);
    this.#refusedAt.delete(session);
    for (const stretch of owed?.stretches.keys() ?? []) this.#giveBack(stretch);
  }

  /** What another peer has owed for long, this one may be faster with. */
  #overdue(session: PeerSession, now: number): Stretch | undefined {
    const own = this.#owed.get(session)?.stretches;
    for (const { stretches } of this.#owed.values()) {
      for (const [stretch, askedAt] of stretches) {
        const isLate = !stretch.filled && now - askedAt >= HASH_RETRY_MS;
        if (isLate && own?.has(stretch) !== true) return stretch;
      }
    }
    return undefined;
  }

  #fill(stretch: Stretch, answer: Uint8Array): void {
    const { place, layer } = stretch;
    const hashes = provenHashes(place, layerHeight(layer), answer);
    if (hashes === undefined) {
      this.#giveBack(stretch);
      throw new ProtocolError('the hashes do not match the pieces root', 'banned');
    }
    const start = place.index * TREE_HASH_BYTES;
    // Behind the last piece stand hashes that only fill the tree.
    layer.hashes.set(hashes.subarray(0, layer.hashes.length - start), start);
    stretch.filled = true;
    this.#missing--;
  }

  /** This peer is not waited for with this place any more; undefined where it was not asked for it. */
  #settle(session: PeerSession, place: HashPlace): Stretch | undefined {
    const stretches = this.#owed.get(session)?.stretches;
    for (const stretch of stretches?.keys() ?? []) {
      if (!samePlace(stretch.place, place)) continue;
      stretches?.delete(stretch);
      if (stretches?.size === 0) this.#owed.delete(session);
      return stretch;
    }
    return undefined;
  }

  /** It is asked for again, unless somebody else is asked for it already. */
  #giveBack(stretch: Stretch): void {
    const isAsked = [...this.#owed.values()].some(({ stretches }) => stretches.has(stretch));
    if (!stretch.filled && !isAsked) this.#toAsk.push(stretch);
  }
}

function isWaitedFor({ stretches }: Owed): boolean {
  return [...stretches.keys()].some(({ filled }) => !filled);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
