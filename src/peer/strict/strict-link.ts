import type { PeerId } from '../../holdings/holding.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { encodeHandshake, peerIdOfShort } from '../../wire/lan/handshake.ts';
import { isOfAssignment, type LanHandshake, type LanInput, ProtocolError } from '../../wire/lan/message.ts';
import { dispatchWholePieces } from '../whole-piece-dispatch.ts';
import { WholePieceLink } from '../whole-piece-link.ts';
import type { OpenWholePieceLink, WholePieceHandler } from '../whole-piece-parts.ts';
import { clearSpareBits } from './clear-spare-bits.ts';
import { saysId } from './says-id.ts';
import type { StrictLinkOptions } from './strict-setup.ts';

/**
 * One connection that speaks what the P2PFILESHARINGPROJ assignment has, and nothing else: handshake, a bitfield or
 * none, then messages both ways. There are no words for a refusal, nor for a goodbye: a link just ends, after all that
 * was said has gone out.
 */
export class StrictLink extends WholePieceLink<WholePieceHandler> {
  readonly dialect = 'strict';
  /** One outstanding request a connection. */
  readonly maxRequests = 1;
  readonly metainfoSize = undefined;
  readonly givesHashes = false;
  readonly #options: StrictLinkOptions;
  #id: number | undefined;
  #pieceCount: number | undefined;
  /** Something came after the handshake: it is too late for a bitfield. */
  #heard = false;
  #parting = false;

  constructor(options: StrictLinkOptions) {
    super(options, options.role.kind === 'dialer', { zeros: 'any', frames: 'assignment' });
    this.#options = options;
    if (this.dialed) this.#shakeHands();
  }

  // ---- what the transfer does with the link ----------------------------------------------------------

  get peerId(): PeerId {
    if (this.#id === undefined) throw new TypeError('the peer has not said who it is');
    return peerIdOfShort(this.#id);
  }

  override serve(store: ContentStore): void {
    this.#pieceCount = store.metainfo.pieceCount;
    super.serve(store);
  }

  /** Not in this dialect: a request stands until it is answered or choked. */
  cancel(): void {}

  /** Not in this dialect: both sides have read the same configuration. */
  offerMetainfo(): void {}
  requestMetainfo(): void {}
  requestHashes(): void {}

  // ---- what arrives ----------------------------------------------------------------------------------

  protected onSetup(input: LanInput): void {
    if (input.type === 'handshake') this.#onHandshake(input);
  }

  protected hear(input: LanInput, open: OpenWholePieceLink<WholePieceHandler>): void {
    const isFirst = !this.#heard;
    this.#heard = true;
    if (!isOfAssignment(input)) throw new ProtocolError(`${input.type} is no message of the assignment`);
    if (input.type === 'bitfield') return this.#onBitfield(input.bits, isFirst, open.handler);
    // A request that a choke has crossed stays without an answer.
    dispatchWholePieces(input, open, () => {});
  }

  #onHandshake({ id, notZero }: LanHandshake): void {
    const { role, localId } = this.#options;
    if (role.kind === 'dialer' && id !== role.expectedId)
      return this.close('wrong peer id', `${saysId(id)}, and ${role.expectedId} was dialled`);
    if (id === localId) return this.close('self connection', `${saysId(id)}, which is our own ID`);
    this.#id = id;
    const welcome = this.#options.introduce(this, id);
    if (welcome.kind === 'refused') return this.close(welcome.reason, welcome.text);
    if (!this.dialed) this.#shakeHands();
    this.begin(welcome);
    this.log('link open', { id, dialect: this.dialect }, 'info');
    welcome.opened();
    if (notZero !== undefined)
      this.#note(`its handshake has the bytes ${hex(notZero)} where ten zeros belong`);
  }

  #onBitfield(bits: Uint8Array, isFirst: boolean, handler: WholePieceHandler): void {
    if (!isFirst) throw new ProtocolError('a bitfield that is not the first message after the handshake');
    const pieceCount = this.#pieceCount ?? 0;
    const needed = Math.ceil(pieceCount / 8);
    if (bits.length !== needed)
      throw new ProtocolError(`a bitfield of ${bits.length} bytes, and ${pieceCount} pieces need ${needed}`);
    const { cleared, hadSpareBits } = clearSpareBits(bits, pieceCount);
    if (hadSpareBits) this.#note('its bitfield has bits set behind the last piece');
    else if (cleared.every((byte) => byte === 0)) this.#note('it sent a bitfield without a piece in it');
    handler.onBitfield(cleared);
  }

  #note(text: string): void {
    this.#options.onNote(this, text);
  }

  // ---- what is sent ----------------------------------------------------------------------------------

  #shakeHands(): void {
    this.connection.write([encodeHandshake(this.#options.localId)]);
  }

  /** A request that was accepted must be answered, and there is no word for "no". */
  protected onUnreadable(index: PieceIndex, error: unknown, handler: WholePieceHandler): void {
    handler.onSourceFault(error);
    this.close('withdrawn', `piece ${index} cannot be read`);
  }

  /**
   * All that was said goes out first: the haves behind an open piece may be what the peer waits for to end, too. What
   * it still says is taken and thrown away, because a reset would overtake what we have sent.
   */
  protected part(): void {
    const open = this.whenOpen;
    if (open === undefined) return this.connection.destroy();
    this.#parting = true;
    this.connection.resume();
    this.allowGrace();
    open.uploads.clear();
    if (!open.uploads.midFrame) this.#shutdown(open);
  }

  protected onFrameEnd(): void {
    if (this.#parting) this.#shutdown(this.open);
  }

  #shutdown({ uploads }: OpenWholePieceLink<WholePieceHandler>): void {
    uploads.close();
    this.connection.shutdown();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
