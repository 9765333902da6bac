import { type PeerId, peerIdFromBytes, peerIdToBytes } from '../../holdings/holding.ts';
import { KEEP_ALIVE_INTERVAL_MS, MAX_QUEUED_REQUESTS } from '../../limits.ts';
import type { HashPlace } from '../../metainfo/hash-place.ts';
import { type InfoHash, type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import { repeat, type Timer } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { BtDecoder } from '../../wire/bt/decode.ts';
import { encodeBtMessage } from '../../wire/bt/encode.ts';
import { encodeBtHandshake } from '../../wire/bt/handshake.ts';
import type {
  BtHandshake,
  BtInput,
  BtMessage,
  ExchangedPeer,
  ExtensionHandshake,
  PeerExtensionIds,
} from '../../wire/bt/message.ts';
import type { RefusalReason } from '../../wire/lan/message.ts';
import { DialectLink } from '../dialect-link.ts';
import type { LinkOptions, OpenableLink, Welcome } from '../link-setup.ts';
import { Outbox } from '../outbox.ts';
import { dispatch, type OpenBtLink } from './bt-dispatch.ts';
import { isSpoken } from './is-spoken.ts';
import { openParts } from './open-parts.ts';
import { ourExtensions } from './our-extensions.ts';

/** Nothing is known of the other side's extensions until its handshake has said so. */
const NO_EXTENSIONS: PeerExtensionIds = { metadataId: undefined, peerExchangeId: undefined };

/** One connection that speaks the BitTorrent dialect: handshake, extension handshake, then messages both ways. */
export class BtLink extends DialectLink<BtInput, OpenBtLink> implements OpenableLink {
  readonly dialect = 'bittorrent';
  protected readonly decoder: BtDecoder;
  readonly #options: LinkOptions;
  readonly #outbox: Outbox;
  #keepAlive: Timer | undefined;
  #peerId: PeerId | undefined;
  /** Undefined where it does not speak BEP 10. */
  #extensions: PeerExtensionIds | undefined;
  /** The bitfield, or what stands for it, has been sent; it may come only once and first. */
  #toldIndex = false;

  constructor(options: LinkOptions) {
    const { connection, role } = options;
    super(options, role.kind === 'dialer');
    this.#options = options;
    this.#outbox = new Outbox(connection);
    this.decoder = new BtDecoder({
      takeBlock: (index, begin, length) => this.open.downloads.takeBlock(index, begin, length),
    });
    if (role.kind === 'dialer') this.#shakeHands(role.infoHash, role.v2Name !== undefined);
  }

  // ---- what the transfer does with the link ------------------------------------------------------------

  get peerId(): PeerId {
    if (this.#peerId === undefined) throw new TypeError('the peer has not said who it is');
    return this.#peerId;
  }

  /** Of whole pieces: the blocks are counted below. */
  get maxRequests(): number {
    return MAX_QUEUED_REQUESTS;
  }

  /** Only the extension handshake tells it. */
  get metainfoSize(): number | undefined {
    return undefined;
  }

  get givesHashes(): boolean {
    return true;
  }

  serve(store: ContentStore): void {
    this.open.store = store;
  }

  bitfield(bits: Uint8Array): void {
    const { store, fast } = this.open;
    const complete = store?.have.complete === true;
    if (!this.#toldIndex) this.#send(fast && complete ? { type: 'have all' } : { type: 'bitfield', bits });
    // The metainfo came over this link, and with it how many pieces there are: too late for a bitfield.
    else this.#sendAll(Array.from(store?.have.held() ?? [], (index) => ({ type: 'have', index })));
    this.#toldIndex = true;
  }

  have(index: PieceIndex): void {
    this.#toldIndex = true;
    this.#send({ type: 'have', index });
  }

  choke(): void {
    const dropped = this.open.uploads.clear();
    this.#send({ type: 'choke' });
    if (this.open.fast) for (const block of dropped) this.#send({ type: 'reject', ...block });
  }

  unchoke(): void {
    this.#send({ type: 'unchoke' });
  }

  interested(): void {
    this.#send({ type: 'interested' });
  }

  notInterested(): void {
    this.#send({ type: 'not interested' });
  }

  request(index: PieceIndex): void {
    const { store, downloads } = this.open;
    if (store === undefined) throw new TypeError('a request before there is a place for pieces');
    downloads.request(index, pieceSize(store.metainfo, index));
  }

  cancel(index: PieceIndex): void {
    this.open.downloads.cancel(index);
  }

  /** The extension handshake may be repeated to tell what has changed (BEP 10). */
  offerMetainfo(bytes: number): void {
    this.#sendExtensionHandshake(bytes);
  }

  requestMetainfo(offset: number, length: number): void {
    for (const piece of this.open.metadata.request(offset, length))
      this.#send({ type: 'metadata request', piece });
  }

  requestHashes(place: HashPlace): void {
    this.#send({ ...place, type: 'hash request' });
  }

  exchangePeers(added: readonly ExchangedPeer[], dropped: readonly Endpoint[]): void {
    this.#send({ type: 'peer exchange', added, dropped });
  }

  // ---- what arrives --------------------------------------------------------------------------------------

  protected onSetup(input: BtInput): void {
    if (input.type === 'handshake') this.#onHandshake(input);
  }

  protected onMessage(input: BtInput, open: OpenBtLink): void {
    if (input.type !== 'handshake') dispatch(input, open);
  }

  /** BitTorrent has no words for why. Only who dialled itself must hear who it is, and not dial there again. */
  protected part(reason: RefusalReason): void {
    this.whenOpen?.uploads.close();
    if (reason === 'self connection') this.connection.end();
    else this.connection.destroy();
  }

  protected ended({ leaves, downloads }: OpenBtLink): void {
    this.#keepAlive?.cancel();
    leaves.close();
    downloads.close();
  }

  #onHandshake({ infoHash, peerId, supports }: BtHandshake): void {
    const { role, welcome: ask, local } = this.#options;
    this.#peerId = peerIdFromBytes(peerId);
    if (this.#peerId === local.peerId) {
      if (role.kind === 'listener') this.#shakeHands(infoHash, false);
      return this.close('self connection', 'connected to ourselves');
    }
    const port = role.kind === 'dialer' ? this.remote.port : 0;
    const welcome = ask(this, { infoHash, peerId: this.#peerId, port, second: false });
    if (welcome.kind === 'refused') return this.close(welcome.reason, welcome.text);
    const { v2Name } = welcome;
    // BEP 52: who asks for a hybrid by its old name and speaks v2 is answered by the new one.
    if (role.kind === 'listener')
      this.#shakeHands(supports.v2 ? (v2Name ?? infoHash) : infoHash, v2Name !== undefined);
    this.decoder.fast = supports.fast;
    this.opened(this.#partsFor(welcome, supports.fast));
    this.#keepAlive = repeat(this.#options.clock, KEEP_ALIVE_INTERVAL_MS, () =>
      this.#send({ type: 'keep-alive' }),
    );
    this.log('link open', { peerId: this.#peerId, infoHash, dialect: 'bittorrent' }, 'info');
    if (supports.extensions) this.#extensions = NO_EXTENSIONS;
    this.#sendExtensionHandshake(welcome.metainfoSize);
    welcome.opened();
    // BEP 6: one of the three comes first, also where there is nothing yet.
    if (supports.fast && !this.#toldIndex) {
      this.#toldIndex = true;
      this.#send({ type: 'have none' });
    }
  }

  #partsFor(welcome: Extract<Welcome, { kind: 'accepted' }>, fast: boolean): OpenBtLink {
    const { connection, clock, buffers } = this.#options;
    return openParts({
      connection,
      clock,
      buffers,
      welcome,
      fast,
      sendAll: (messages) => this.#sendAll(messages),
      extended: (extension) => this.#onExtensionHandshake(extension),
    });
  }

  #onExtensionHandshake(extension: ExtensionHandshake): void {
    const { maxRequests, metadataId, peerExchangeId, metadataSize, port } = extension;
    const { downloads, handler } = this.open;
    this.#extensions = { metadataId, peerExchangeId };
    if (port !== undefined) handler.onListening(port);
    if (maxRequests !== undefined) downloads.limit = maxRequests;
    if (metadataSize !== undefined && metadataId !== undefined) handler.onMetainfoOffer(metadataSize);
  }

  // ---- what is sent --------------------------------------------------------------------------------------

  #shakeHands(infoHash: InfoHash, v2: boolean): void {
    const peerId = peerIdToBytes(this.#options.local.peerId);
    const supports = { extensions: true, fast: true, v2 };
    this.connection.write([encodeBtHandshake({ infoHash, peerId, supports })]);
  }

  #sendExtensionHandshake(metadataSize: number | undefined): void {
    const extension = ourExtensions(this.#options.local.port, metadataSize);
    this.#send({ type: 'extension handshake', extension });
  }

  #send(message: BtMessage): void {
    this.#sendAll([message]);
  }

  #sendAll(messages: readonly BtMessage[]): void {
    if (this.isClosed) return;
    const frames: Uint8Array[] = [];
    for (const message of messages) {
      if (!isSpoken(message, this.#extensions)) continue;
      this.log('sent', { message: message.type });
      frames.push(encodeBtMessage(message, this.#extensions ?? NO_EXTENSIONS));
    }
    const [first, ...others] = frames;
    if (first === undefined) return;
    if (!this.#outbox.send(others.length === 0 ? first : Buffer.concat(frames), [], false))
      this.close('protocol error', 'the peer does not read what it is told');
  }
}
