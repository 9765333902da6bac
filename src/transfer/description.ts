import { asLanshareError, type LanshareError } from '../errors.ts';
import { STALL_TIMEOUT_MS } from '../limits.ts';
import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import { MetainfoExchange } from './metainfo-exchange.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReadGate } from './read-gate.ts';

export interface DescriptionOptions {
  readonly infoHash: InfoHash;
  readonly sessions: ReadonlySet<PeerSession>;
  onMetainfo(metainfo: Metainfo): void;
  onFault(error: LanshareError): void;
}

/** Gets the metainfo from the linked peers where we do not have it, and gives it to those who ask. */
export class Description {
  readonly #options: DescriptionOptions;
  readonly #exchange: MetainfoExchange;
  #bytes: Uint8Array | undefined;

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
  }

  /** Asks this peer, if nobody else is being asked. */
  ask(session: PeerSession, now: number): void {
    if (this.#bytes === undefined) this.#exchange.offer(session, now);
  }

  onSlice(session: PeerSession, offset: number, slice: Uint8Array, now: number): void {
    if (this.#bytes !== undefined) throw new ProtocolError('metainfo that was not asked for');
    const bytes = this.#exchange.onSlice(session, offset, slice, now);
    if (bytes === undefined) return;
    this.#bytes = bytes;
    const { sessions, onMetainfo, onFault } = this.#options;
    let metainfo: Metainfo;
    try {
      metainfo = parseInfo(bytes);
    } catch (error) {
      // It is what the info-hash stands for, so no other peer can have a better one.
      return onFault(asLanshareError(error));
    }
    for (const other of sessions) {
      if (other !== session && other.metainfoSize === undefined) other.link.offerMetainfo(bytes.length);
    }
    onMetainfo(metainfo);
  }

  onClosed(session: PeerSession): void {
    this.#exchange.onClosed(session);
  }

  /** Milliseconds of silence after which the peer that owes us the next slice has stalled; undefined where it has not. */
  stalledAfter(session: PeerSession, gate: ReadGate, now: number): number | undefined {
    const waitingSince = this.#bytes === undefined ? this.#exchange.waitingSince(session) : undefined;
    if (waitingSince === undefined || gate.closed) return undefined;
    return now - Math.max(waitingSince, gate.openedAt) > STALL_TIMEOUT_MS ? STALL_TIMEOUT_MS : undefined;
  }
}
