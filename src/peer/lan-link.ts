import type { PeerId } from '../holdings/holding.ts';
import { MAX_REFUSAL_BYTES } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { InfoHash, PieceIndex } from '../metainfo/metainfo.ts';
import { encodeMessage, encodeMetainfoHeader } from '../wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../wire/lan/handshake.ts';
import {
  FEATURE_CRC32,
  FEATURE_HASHES,
  FEATURE_SECOND_LINK,
  HELLO_VERSION,
  type Hello,
  type LanInput,
  type LanMessage,
  ProtocolError,
  type RefusalReason,
} from '../wire/lan/message.ts';
import { dispatch } from './lan-dispatch.ts';
import { helloOf, type LinkOptions } from './link-setup.ts';
import type { LinkHandler } from './peer-link.ts';
import { WholePieceLink } from './whole-piece-link.ts';
import type { OpenWholePieceLink } from './whole-piece-parts.ts';

/** One connection that speaks the native dialect: handshake, hello, then messages both ways. */
export class LanLink extends WholePieceLink<LinkHandler> {
  readonly dialect = 'lan';
  readonly #options: LinkOptions;
  /** The ID in the peer's handshake; undefined until it has come. */
  #shortId: number | undefined;
  #hello: Hello | undefined;

  constructor(options: LinkOptions) {
    super(options, options.role.kind === 'dialer', {});
    this.#options = options;
    if (options.role.kind === 'dialer') this.#introduce(options.role.infoHash, options.role.metainfoSize);
  }

  // ---- what the transfer does with the link ----------------------------------------------------------

  get peerId(): PeerId {
    return this.#theirHello.peerId;
  }

  get maxRequests(): number {
    return this.#theirHello.maxRequests;
  }

  get metainfoSize(): number | undefined {
    return this.#theirHello.metainfoSize;
  }

  get givesHashes(): boolean {
    return this.#theirHello.features.includes(FEATURE_HASHES);
  }

  cancel(index: PieceIndex): void {
    this.send({ type: 'cancel', index });
  }

  offerMetainfo(size: number): void {
    this.send({ type: 'metainfo offer', size });
  }

  requestMetainfo(offset: number, length: number): void {
    this.send({ type: 'metainfo request', offset, length });
  }

  requestHashes(place: HashPlace): void {
    this.send({ ...place, type: 'hash request' });
  }

  protected part(reason: RefusalReason, text: string): void {
    // Who has not shaken hands may not even speak this dialect.
    if (this.#shortId === undefined) return this.connection.destroy();
    this.whenOpen?.uploads.close();
    this.send({ type: 'refusal', reason, text: text.slice(0, MAX_REFUSAL_BYTES / 4) });
    this.allowGrace();
    this.connection.end();
  }

  // ---- what arrives ------------------------------------------------------------------------------------

  protected onSetup(input: LanInput): void {
    if (input.type === 'handshake') this.#onHandshake(input.id);
    else if (this.#shortId !== undefined) this.#onFirstMessage(input, this.#shortId);
  }

  protected hear(input: LanInput, { handler, uploads }: OpenWholePieceLink<LinkHandler>): void {
    dispatch(input, {
      handler,
      uploads,
      send: (message) => this.send(message),
      refused: ({ reason, text }) => this.refusedByPeer(reason, text),
    });
  }

  #onHandshake(id: number): void {
    this.#shortId = id;
    if (this.#options.role.kind === 'listener')
      this.connection.write([encodeHandshake(shortId(this.#options.local.peerId))]);
  }

  #onFirstMessage(input: LanInput, id: number): void {
    if (input.type === 'refusal') return this.refusedByPeer(input.reason, input.text);
    if (input.type !== 'hello') {
      throw new ProtocolError(`${input.type} came before the hello: this node serves only lanshare peers`);
    }
    const { hello } = input;
    if (hello.version !== HELLO_VERSION) throw new ProtocolError(`the peer speaks version ${hello.version}`);
    if (hello.peerId === this.#options.local.peerId)
      return this.close('self connection', 'connected to ourselves');
    if (shortId(hello.peerId) !== id) {
      return this.close('wrong peer id', 'the ID in the handshake is not the one in the hello');
    }
    this.#welcome(hello);
  }

  #welcome(hello: Hello): void {
    this.#hello = hello;
    const { infoHash, peerId, port, features } = hello;
    const second = features.includes(FEATURE_SECOND_LINK);
    const welcome = this.#options.welcome(this, { infoHash, peerId, port, second });
    if (welcome.kind === 'refused') return this.close(welcome.reason, welcome.text);
    if (this.#options.role.kind === 'listener') this.#introduce(infoHash, welcome.metainfoSize);
    const checksummed = features.includes(FEATURE_CRC32);
    this.decoder.checksummed = checksummed;
    this.begin(welcome).uploads.checksummed = checksummed;
    this.log('link open', { peerId, infoHash, checksummed }, 'info');
    welcome.opened();
  }

  // ---- what is sent ------------------------------------------------------------------------------------

  /** Handshake (the dialler's) and hello in one write: one round trip to everything. */
  #introduce(infoHash: InfoHash, metainfoSize: number | undefined): void {
    const { role, local } = this.#options;
    const hello = helloOf(local, role, infoHash, metainfoSize);
    const frame = encodeMessage({ type: 'hello', hello });
    this.connection.write(role.kind === 'dialer' ? [encodeHandshake(shortId(local.peerId)), frame] : [frame]);
  }

  protected override send(message: LanMessage): void {
    if (message.type !== 'metainfo') return super.send(message);
    // A slice of the metainfo is not copied into its frame: it is large, and the same for everybody.
    this.sendFrame(message.type, encodeMetainfoHeader(message.offset, message.bytes.length), message.bytes);
  }

  protected onUnreadable(index: PieceIndex, error: unknown, handler: LinkHandler): void {
    this.send({ type: 'reject', index });
    handler.onSourceFault(error);
  }

  protected onFrameEnd(): void {}

  /** Who the peer is stays known when the link has ended. */
  get #theirHello(): Hello {
    if (this.#hello === undefined) throw new TypeError('the peer has not said who it is');
    return this.#hello;
  }
}
