import { BLOCK_BYTES } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { Connection } from '../../src/platform/network.ts';
import { BtDecoder } from '../../src/wire/bt/decode.ts';
import { encodeBlockHeader, encodeBtMessage } from '../../src/wire/bt/encode.ts';
import { encodeBtHandshake } from '../../src/wire/bt/handshake.ts';
import { type BtInput, type BtMessage, OUR_EXTENSION_IDS } from '../../src/wire/bt/message.ts';
import { ProtocolError } from '../../src/wire/lan/message.ts';
import type { SimulatedPeer, SimulatedSwarm } from './simulated-swarm.ts';

const THEIR_IDS = { metadataId: OUR_EXTENSION_IDS.ut_metadata, peerExchangeId: OUR_EXTENSION_IDS.ut_pex };

/** A BitTorrent client that says to a peer exactly what a test wants, and remembers what it is told. */
export class RawBtPeer {
  readonly heard: BtInput[] = [];
  closed = false;
  readonly #connection: Connection;
  readonly #sim: SimulatedSwarm;

  /** `onBlock` is given the buffer of each block before it is filled. */
  static async dial(
    sim: SimulatedSwarm,
    to: SimulatedPeer,
    host = '10.9.9.9',
    onBlock?: (buffer: Buffer) => void,
  ): Promise<RawBtPeer> {
    const dialing = sim.network.host(host).dial(to.endpoint, new AbortController().signal);
    await sim.clock.advance(10);
    return new RawBtPeer(sim, await dialing, onBlock);
  }

  /** Waits at an address; those who dial it are in the array, in their order. */
  static async listen(sim: SimulatedSwarm, at: { host: string; port: number }): Promise<RawBtPeer[]> {
    const callers: RawBtPeer[] = [];
    await sim.network
      .host(at.host)
      .listen(at.port, (connection) => void callers.push(new RawBtPeer(sim, connection)));
    return callers;
  }

  private constructor(sim: SimulatedSwarm, connection: Connection, onBlock?: (buffer: Buffer) => void) {
    this.#sim = sim;
    this.#connection = connection;
    const decoder = new BtDecoder({
      takeBlock(_index, _begin, length) {
        const buffer = Buffer.alloc(length);
        onBlock?.(buffer);
        return buffer;
      },
    });
    decoder.fast = true;
    connection.open({
      onData: (chunk) => {
        try {
          this.heard.push(...decoder.push(chunk));
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          // Another dialect: it does what clients do.
          connection.destroy();
        }
      },
      onClose: () => {
        this.closed = true;
      },
    });
  }

  /** A handshake that is in order, with what a test changes in it. */
  async shakeHands(
    changes: {
      infoHash?: InfoHash;
      peerId?: Uint8Array;
      fast?: boolean;
      extensions?: boolean;
      v2?: boolean;
    } = {},
  ): Promise<void> {
    const { infoHash = this.#sim.metainfo.infoHash, peerId = Buffer.alloc(20, 0x77) } = changes;
    const { fast = true, extensions = true, v2 = false } = changes;
    const supports = { fast, extensions, v2 };
    await this.bytes(encodeBtHandshake({ infoHash, peerId, supports }));
  }

  async say(...messages: BtMessage[]): Promise<void> {
    await this.bytes(Buffer.concat(messages.map((message) => encodeBtMessage(message, THEIR_IDS))));
  }

  /** One block of the content, or of zeros. */
  async give(index: number, begin: number, zeros = false): Promise<void> {
    const start = index * this.#sim.metainfo.pieceLength + begin;
    const block = this.#sim.content.bytes.subarray(start, start + BLOCK_BYTES);
    const content = zeros ? Buffer.alloc(block.length) : block;
    await this.bytes(Buffer.concat([encodeBlockHeader(index, begin, block.length), content]));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    this.#connection.write([bytes]);
    await this.#sim.clock.advance(50);
  }

  all<Type extends BtInput['type']>(type: Type): Extract<BtInput, { type: Type }>[] {
    return this.heard.filter((input): input is Extract<BtInput, { type: Type }> => input.type === type);
  }

  leave(): void {
    this.#connection.destroy();
  }
}
