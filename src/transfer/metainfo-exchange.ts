import { MAX_TORRENT_BYTES, METAINFO_SLICE_BYTES } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { isInfoOf } from '../metainfo/parse-info.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import type { PeerSession } from './peer-session.ts';

type State =
  | { readonly name: 'idle' }
  | {
      readonly name: 'asking';
      readonly session: PeerSession;
      readonly bytes: Uint8Array;
      filled: number;
      /** When the last slice came, or the first was asked for. */
      waitingSince: number;
    };

/**
 * Gets the info dictionary from the linked peers, one at a time, in order and in slices. It is believed
 * only when the info-hash is its own (of v2: the first 20 bytes).
 */
export class MetainfoExchange {
  readonly #infoHash: InfoHash;
  readonly #tried = new Set<PeerSession>();
  #state: State = { name: 'idle' };

  constructor(infoHash: InfoHash) {
    this.#infoHash = infoHash;
  }

  /** Asks this peer, unless another is being asked. */
  offer(session: PeerSession, now: number): void {
    const size = session.metainfoSize;
    if (this.#state.name === 'asking' || this.#tried.has(session) || size === undefined) return;
    if (size < 1 || size > MAX_TORRENT_BYTES) throw new ProtocolError(`metainfo of ${size} bytes`);
    this.#tried.add(session);
    this.#state = { name: 'asking', session, bytes: new Uint8Array(size), filled: 0, waitingSince: now };
    for (let offset = 0; offset < size; offset += METAINFO_SLICE_BYTES) {
      session.link.requestMetainfo(offset, Math.min(METAINFO_SLICE_BYTES, size - offset));
    }
  }

  /** Since when this peer owes us the next slice, whatever else it says; undefined where it is not asked. */
  waitingSince(session: PeerSession): number | undefined {
    return this.#state.name === 'asking' && this.#state.session === session
      ? this.#state.waitingSince
      : undefined;
  }

  /** The whole info dictionary with this slice, or undefined while more is to come. Throws where it is not the one. */
  onSlice(session: PeerSession, offset: number, slice: Uint8Array, now: number): Uint8Array | undefined {
    const state = this.#state;
    if (state.name !== 'asking' || state.session !== session)
      throw new ProtocolError('metainfo that was not asked for');
    const asked = Math.min(METAINFO_SLICE_BYTES, state.bytes.length - state.filled);
    if (offset !== state.filled || slice.length !== asked) {
      throw new ProtocolError(
        `${slice.length} bytes of metainfo at ${offset} where ${asked} at ${state.filled} were next`,
      );
    }
    state.bytes.set(slice, offset);
    state.filled += slice.length;
    state.waitingSince = now;
    if (state.filled < state.bytes.length) return undefined;
    this.#state = { name: 'idle' };
    if (!isInfoOf(state.bytes, this.#infoHash)) {
      throw new ProtocolError('the metainfo does not match its info-hash', 'banned');
    }
    return state.bytes;
  }

  onClosed(session: PeerSession): void {
    this.#tried.delete(session);
    if (this.waitingSince(session) !== undefined) this.#state = { name: 'idle' };
  }
}
