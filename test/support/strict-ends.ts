import type { Metainfo, PieceIndex } from '../../src/metainfo/metainfo.ts';
import { BufferPool } from '../../src/peer/buffer-pool.ts';
import type { PeerLink } from '../../src/peer/peer-link.ts';
import { SentPieces } from '../../src/peer/sent-pieces.ts';
import { openStrictLink } from '../../src/peer/strict/open-strict-link.ts';
import type { StrictLinkOptions } from '../../src/peer/strict/strict-setup.ts';
import type { WholePieceHandler } from '../../src/peer/whole-piece-parts.ts';
import { TokenBucket } from '../../src/pieces/token-bucket.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Connection, ConnectionHandlers } from '../../src/platform/network.ts';
import { ProtocolError } from '../../src/wire/lan/message.ts';
import type { MemoryStore } from './memory-store.ts';

/** A connection of which a test is the other side. */
export class ScriptedConnection implements Connection {
  readonly remote = { host: '10.0.0.2', port: 2 };
  readonly local = { host: '10.0.0.1', port: 1 };
  /** How it ended, if it did; after `shut down` it still receives. */
  state: 'open' | 'ended' | 'shut down' | 'destroyed' = 'open';
  paused = false;
  #handlers: ConnectionHandlers | undefined;
  readonly #written: Buffer[] = [];
  /** While writes are held, nobody takes them from the socket. */
  held: (() => void)[] | undefined;

  open(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
  }

  /** All that was written, in one. */
  get written(): Buffer {
    return Buffer.concat(this.#written);
  }

  /** Bytes arrive; the memory they came in is used again. */
  arrive(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes);
    this.#handlers?.onData(chunk);
    chunk.fill(0xee);
  }

  /** The other side ends, or the connection is lost. */
  lose(error?: string): void {
    this.#handlers?.onClose(error);
  }

  /** Lets the held writes go. */
  take(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const sent of held) sent();
  }

  write(chunks: readonly Uint8Array[], sent: () => void = () => {}): void {
    if (this.state === 'open') this.#written.push(...chunks.map((chunk) => Buffer.from(chunk)));
    if (this.held === undefined) queueMicrotask(sent);
    else this.held.push(sent);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.state = 'ended';
  }

  shutdown(): void {
    this.state = 'shut down';
  }

  destroy(): void {
    this.state = 'destroyed';
    queueMicrotask(() => this.#handlers?.onClose('ECONNABORTED'));
  }
}

export interface StrictEndOptions {
  readonly connection: Connection;
  readonly role: StrictLinkOptions['role'];
  readonly localId: number;
  readonly clock: Clock;
  readonly store: MemoryStore;
  /** Whom to let in; default: everybody. */
  readonly admits?: (id: number) => boolean;
  /** What is answered to requests; default: what the store has. */
  readonly grants?: (index: number) => boolean;
  /** Pieces that were asked for; default: all. */
  readonly expects?: (index: number) => boolean;
  /** Pieces are read in slices of its buffers; default: one for each piece. */
  readonly buffers?: BufferPool;
}

/** One end of a strict link, and all that it told. */
export class StrictEnd {
  /** In the order in which it came: `have 3`, `piece 2 of 10 bytes`, `closed by us: ...`. */
  readonly told: string[] = [];
  readonly notes: string[] = [];
  readonly pieces = new Map<number, Uint8Array>();
  /** Buffers of pieces that did not become whole. */
  released = 0;
  #link: PeerLink | undefined;

  constructor(options: StrictEndOptions) {
    const { connection, role, localId, clock, store, buffers = new BufferPool(1024, 64 * 1024) } = options;
    openStrictLink({
      connection,
      role,
      localId,
      clock,
      logger: silentLogger,
      buffers,
      introduce: (link, id) => {
        this.told.push(`introduced ${id}`);
        if (options.admits?.(id) === false)
          return { kind: 'refused', reason: 'unknown content', text: `${id} is not listed` };
        this.#link = link;
        return {
          kind: 'accepted',
          handler: this.#handler(store.metainfo, options),
          uploadLimit: new TokenBucket(Number.POSITIVE_INFINITY, clock.now()),
          sent: new SentPieces(),
          opened: () => {
            link.serve(store);
            if (store.have.count > 0) link.bitfield(store.have.bytes);
          },
        };
      },
      onNote: (_link, text) => this.notes.push(text),
      onFailed: (reason) => this.told.push(`failed by ${reason.by}: ${reason.text}`),
    });
  }

  get link(): PeerLink {
    if (this.#link === undefined) throw new TypeError('the link has not been welcomed');
    return this.#link;
  }

  /** How the link ended, in words; undefined while it stands. */
  get end(): string | undefined {
    return this.told.find((line) => /^(closed|failed) by/.test(line));
  }

  #handler(metainfo: Metainfo, { grants, expects }: StrictEndOptions): WholePieceHandler {
    const tell = (line: string) => () => void this.told.push(line);
    return {
      onBitfield: (bits) => void this.told.push(`bitfield ${Buffer.from(bits).toString('hex')}`),
      onHave: (index) => void this.told.push(`have ${index}`),
      onChoke: tell('choke'),
      onUnchoke: tell('unchoke'),
      onInterested: tell('interested'),
      onNotInterested: tell('not interested'),
      takePiece: (index, length) => {
        if (expects?.(index) === false) throw new ProtocolError(`piece ${index} was not asked for`);
        return new Uint8Array(length);
      },
      releasePiece: () => void this.released++,
      onPiece: ({ index, content, sentCrc32 }) => {
        this.told.push(
          `piece ${index} of ${content.length} bytes${sentCrc32 === undefined ? '' : ' and a checksum'}`,
        );
        this.pieces.set(index, content);
      },
      onRequest: (index) => {
        this.told.push(`request ${index}`);
        return index < metainfo.pieceCount && grants?.(index) !== false ? (index as PieceIndex) : undefined;
      },
      onReceived() {},
      onSent() {},
      onSourceFault: tell('source fault'),
      onClosed: (reason) => void this.told.push(`closed by ${reason.by}: ${reason.text}`),
    };
  }
}
