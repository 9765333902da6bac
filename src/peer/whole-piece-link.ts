import type { PeerId } from '../holdings/holding.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { LanDecoder, type LanDecoderOptions } from '../wire/lan/decode.ts';
import { encodeMessage } from '../wire/lan/encode.ts';
import { type LanInput, type LanMessage, ProtocolError } from '../wire/lan/message.ts';
import { DialectLink } from './dialect-link.ts';
import type { OpenableLink } from './link-setup.ts';
import { Outbox } from './outbox.ts';
import { UploadQueue } from './upload-queue.ts';
import type {
  OpenWholePieceLink,
  WelcomeParts,
  WholePieceHandler,
  WholePieceLinkOptions,
} from './whole-piece-parts.ts';

/**
 * What is alike in all links whose frames are those of the assignment, types 0 to 7: a piece is asked for and sent
 * whole. How the two sides introduce themselves, what else they say, and how they part, is a dialect's own.
 */
export abstract class WholePieceLink<Handler extends WholePieceHandler>
  extends DialectLink<LanInput, OpenWholePieceLink<Handler>>
  implements OpenableLink
{
  protected readonly decoder: LanDecoder;
  readonly #options: WholePieceLinkOptions;
  readonly #outbox: Outbox;
  /** The buffer of the piece that is arriving. */
  #filling: Uint8Array | undefined;

  constructor(
    options: WholePieceLinkOptions,
    dialed: boolean,
    decoding: Omit<LanDecoderOptions, 'takePiece'>,
  ) {
    super(options, dialed);
    this.#options = options;
    this.#outbox = new Outbox(options.connection);
    this.decoder = new LanDecoder({
      ...decoding,
      takePiece: (index, length) => this.#takePiece(index, length),
    });
  }

  // ---- a dialect's own -------------------------------------------------------------------------------

  abstract get peerId(): PeerId;
  abstract get maxRequests(): number;
  abstract get metainfoSize(): number | undefined;
  abstract get givesHashes(): boolean;
  abstract cancel(index: PieceIndex): void;
  abstract offerMetainfo(bytes: number): void;
  abstract requestMetainfo(offset: number, length: number): void;
  abstract requestHashes(place: HashPlace): void;
  /** A message of an open link. */
  protected abstract hear(input: LanInput, open: OpenWholePieceLink<Handler>): void;
  /** A piece that was asked for cannot be sent. */
  protected abstract onUnreadable(index: PieceIndex, error: unknown, handler: Handler): void;
  /** The frame of a piece has ended, and what was held back behind it is on its way. */
  protected abstract onFrameEnd(): void;

  // ---- what the transfer does with the link ----------------------------------------------------------

  serve(store: ContentStore): void {
    this.open.uploads.serve(store);
  }

  bitfield(bits: Uint8Array): void {
    this.send({ type: 'bitfield', bits });
  }

  have(index: PieceIndex): void {
    this.send({ type: 'have', index });
  }

  choke(): void {
    this.open.uploads.clear();
    this.send({ type: 'choke' });
  }

  unchoke(): void {
    this.send({ type: 'unchoke' });
  }

  interested(): void {
    this.send({ type: 'interested' });
  }

  notInterested(): void {
    this.send({ type: 'not interested' });
  }

  request(index: PieceIndex): void {
    this.send({ type: 'request', index });
  }

  /** Who speaks a dialect of ours hears of others by other ways. */
  exchangePeers(): void {}

  // ---- what a dialect does with the link -------------------------------------------------------------

  protected begin({ handler, uploadLimit, sent }: WelcomeParts<Handler>): OpenWholePieceLink<Handler> {
    const { clock, buffers } = this.#options;
    const uploads = new UploadQueue({
      connection: this.connection,
      clock,
      buffers,
      limit: uploadLimit,
      sent,
      onSent: (bytes) => handler.onSent(bytes),
      onFrameEnd: () => {
        this.#outbox.release();
        this.onFrameEnd();
      },
      onFault: (error, index) => this.onUnreadable(index, error, handler),
    });
    const open = { handler, uploads };
    this.opened(open);
    return open;
  }

  protected send(message: LanMessage): void {
    this.sendFrame(message.type, encodeMessage(message));
  }

  protected sendFrame(message: LanMessage['type'], frame: Uint8Array, ...shared: Uint8Array[]): void {
    if (this.isClosed) return;
    this.log('sent', { message });
    // A frame may not stand inside a piece's frame that is being sent slice by slice.
    const midFrame = this.whenOpen?.uploads.midFrame ?? false;
    if (!this.#outbox.send(frame, shared, midFrame))
      this.close('protocol error', 'the peer does not read what it is told');
  }

  // ---- what arrives ----------------------------------------------------------------------------------

  protected onMessage(input: LanInput, open: OpenWholePieceLink<Handler>): void {
    if (input.type === 'piece') this.#filling = undefined;
    this.hear(input, open);
  }

  protected ended({ handler }: OpenWholePieceLink<Handler>): void {
    if (this.#filling !== undefined) handler.releasePiece(this.#filling);
  }

  #takePiece(index: number, length: number): Uint8Array | undefined {
    const { handler } = this.whenOpen ?? {};
    if (handler === undefined) throw new ProtocolError('a piece before the introductions were over');
    this.#filling = handler.takePiece(index, length);
    return this.#filling;
  }
}
