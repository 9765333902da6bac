import { asLanshareError, type LanshareError } from '../errors.ts';
import { STALL_TIMEOUT_MS } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import { MetainfoExchange } from './metainfo-exchange.ts';
import type { PeerSession } from './peer-session.ts';
import { PieceLayerExchange } from './piece-layer-exchange.ts';
import type { ReadGate } from './read-gate.ts';

export interface DescriptionOptions {
  readonly infoHash: InfoHash;
  readonly sessions: ReadonlySet<PeerSession>;
  onMetainfo(metainfo: Metainfo): void;
  onFault(error: LanshareError): void;
}

/**
 * Gets the metainfo from the linked peers where we do not have it, and gives it to those who ask: the info dictionary,
 * and for v2 alone the piece layers that are not in it.
 */
export class Description {
  readonly #options: DescriptionOptions;
  readonly #exchange: MetainfoExchange;
  #bytes: Uint8Array | undefined;
  /** Once the info dictionary is known, as long as layers of v2 are missing. */
  #layers: PieceLayerExchange | undefined;

  constructor(options: DescriptionOptions) {
    this.#options = options;
    this.#exchange = new MetainfoExchange(options.infoHash);
  }

  /** The info dictionary, once it is known. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  /** It is known from elsewhere: nobody is asked. */
  given(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#layers = undefined;
  }

  /** Asks this peer for what is still missing: one for the info dictionary, all for the layers. */
  ask(session: PeerSession, now: number): void {
    if (this.#bytes === undefined) this.#exchange.offer(session, now);
    else this.#layers?.offer(session, now);
  }

  onSlice(session: PeerSession, offset: number, slice: Uint8Array, now: number): void {
    if (this.#bytes !== undefined) throw new ProtocolError('metainfo that was not asked for');
    const bytes = this.#exchange.onSlice(session, offset, slice, now);
    if (bytes === undefined) return;
    this.#bytes = bytes;
    const { sessions } = this.#options;
    const metainfo = this.#understood(() => parseInfo(bytes));
    if (metainfo === undefined) return;
    for (const other of sessions) {
      if (other !== session && other.metainfoSize === undefined) other.link.offerMetainfo(bytes.length);
    }
    this.#layers = PieceLayerExchange.for(metainfo);
    if (this.#layers === undefined) this.#options.onMetainfo(metainfo);
    for (const asked of sessions) this.#layers?.offer(asked, now);
  }

  onHashes(session: PeerSession, place: HashPlace, hashes: Uint8Array, now: number): void {
    const layers = this.#layers;
    // The last answer came from another peer that was asked for the same.
    if (layers === undefined) return;
    const metainfo = this.#understood(() => layers.onHashes(session, place, hashes, now));
    if (metainfo === undefined) return;
    this.#layers = undefined;
    this.#options.onMetainfo(metainfo);
  }

  onHashReject(session: PeerSession, place: HashPlace, now: number): void {
    this.#layers?.onReject(session, place, now);
  }

  onClosed(session: PeerSession): void {
    this.#exchange.onClosed(session);
    this.#layers?.onClosed(session);
  }

  /** Milliseconds of silence after which a peer that owes us a slice or hashes has stalled; undefined where it has not. */
  stalledAfter(session: PeerSession, gate: ReadGate, now: number): number | undefined {
    const asked = this.#bytes === undefined ? this.#exchange : this.#layers;
    const waitingSince = asked?.waitingSince(session);
    if (waitingSince === undefined || gate.closed) return undefined;
    return now - Math.max(waitingSince, gate.openedAt) > STALL_TIMEOUT_MS ? STALL_TIMEOUT_MS : undefined;
  }

  /** A description that cannot be used is no peer's fault: it is what the info-hash stands for. */
  #understood<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      this.#options.onFault(asLanshareError(error));
      return undefined;
    }
  }
}
