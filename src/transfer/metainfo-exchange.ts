import { createHash } from 'node:crypto';
import { MAX_TORRENT_BYTES, METAINFO_SLICE_BYTES } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import type { PeerSession } from './peer-session.ts';

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'asking'; readonly session: PeerSession; readonly bytes: Uint8Array; filled: number };

/**
 * Gets the info dictionary from the linked peers, one at a time, in order and in slices. It is believed
 * only when its SHA-1 is the info-hash.
 */
export class MetainfoExchange {
  readonly #infoHash: InfoHash;
  readonly #tried = new Set<PeerSession>();
  #state: State = { name: 'idle' };

  constructor(infoHash: InfoHash) {
    this.#infoHash = infoHash;
  }

  /** Asks this peer, unless another is being asked. */
  offer(session: PeerSession): void {
    const size = session.metainfoSize;
    if (this.#state.name === 'asking' || this.#tried.has(session) || size === undefined) return;
    if (size < 1 || size > MAX_TORRENT_BYTES) throw new ProtocolError(`metainfo of ${size} bytes`);
    this.#tried.add(session);
    this.#state = { name: 'asking', session, bytes: new Uint8Array(size), filled: 0 };
    for (let offset = 0; offset < size; offset += METAINFO_SLICE_BYTES) {
      session.link.requestMetainfo(offset, Math.min(METAINFO_SLICE_BYTES, size - offset));
    }
  }

  get asking(): PeerSession | undefined {
    return this.#state.name === 'asking' ? this.#state.session : undefined;
  }

  /** The whole info dictionary with this slice, or undefined while more is to come. Throws where it is not the one. */
  onSlice(session: PeerSession, offset: number, slice: Uint8Array): Uint8Array | undefined {
    const state = this.#state;
    if (state.name !== 'asking' || state.session !== session)
      throw new ProtocolError('metainfo that was not asked for');
    if (offset !== state.filled || offset + slice.length > state.bytes.length) {
      throw new ProtocolError(
        `${slice.length} bytes of metainfo at ${offset} where ${state.filled} was next`,
      );
    }
    state.bytes.set(slice, offset);
    state.filled += slice.length;
    if (state.filled < state.bytes.length) return undefined;
    this.#state = { name: 'idle' };
    if (createHash('sha1').update(state.bytes).digest('hex') !== this.#infoHash) {
      throw new ProtocolError('the metainfo does not match its info-hash', 'corrupt data');
    }
    return state.bytes;
  }

  onClosed(session: PeerSession): void {
    this.#tried.delete(session);
    if (this.asking === session) this.#state = { name: 'idle' };
  }
}
