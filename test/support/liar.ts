import { crc32 } from 'node:zlib';
import { type PeerId, type PieceSummary, peerIdFromBytes } from '../../src/holdings/holding.ts';
import { pieceSize } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { repeat, type Timer } from '../../src/platform/clock.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { Connection, Network } from '../../src/platform/network.ts';
import { randomInteger } from '../../src/platform/random.ts';
import { LanDecoder } from '../../src/wire/lan/decode.ts';
import { encodeMessage, encodePieceHeader, encodePieceTrailer } from '../../src/wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../../src/wire/lan/handshake.ts';
import { FEATURE_CRC32, type LanInput, type LanMessage } from '../../src/wire/lan/message.ts';
import type { SimulatedPeer, SimulatedSwarm } from './simulated-swarm.ts';

/** Ways to lie about what one holds; each claims everything, or all but one piece. */
export const LIES = [
  /** Refuses each piece, and announces it again. */
  'rejects',
  /** Sends nothing. */
  'stalls',
  /** Sends noise, with a checksum that fits it. */
  'garbage',
  /** Begins each piece and sends a byte a second. */
  'trickles',
  /** Sends nothing but announcements, and asks for everything. */
  'floods',
  /** Sends a few true pieces, and then nothing. */
  'turns',
  /** Is announced, and nobody is there. */
  'nowhere',
] as const;
/** True pieces of one that turns, for all its links. */
const TRUTHS = 40;
export type Lie = (typeof LIES)[number];

/** A peer of a simulated swarm that claims what it does not have. */
export class Liar {
  readonly peerId: PeerId;
  readonly endpoint: Endpoint;
  readonly pieces: PieceSummary;
  readonly lie: Lie;
  readonly #sim: SimulatedSwarm;
  readonly #network: Network;
  readonly #claimed: Bitfield;
  #truths = 0;

  static async join(sim: SimulatedSwarm, lie: Lie, number: number): Promise<Liar> {
    const liar = new Liar(sim, lie, number);
    if (lie !== 'nowhere')
      await liar.#network.listen(liar.endpoint.port, (connection) => liar.#lieTo(connection, false));
    return liar;
  }

  private constructor(sim: SimulatedSwarm, lie: Lie, number: number) {
    const { pieceCount } = sim.metainfo;
    this.#sim = sim;
    this.lie = lie;
    this.peerId = peerIdFromBytes(sim.random.bytes(20));
    this.endpoint = { host: `10.66.${Math.floor(number / 250)}.${(number % 250) + 1}`, port: 47_470 };
    this.#network = sim.network.host(this.endpoint.host);
    this.#claimed = Bitfield.full(pieceCount);
    if (number % 2 === 0) {
      this.pieces = { kind: 'all' };
    } else {
      // Who holds everything is spared by others; who lacks a piece is asked first.
      this.#claimed.delete((pieceCount - 1) as Parameters<Bitfield['delete']>[0]);
      const ranges = [{ start: 0, end: pieceCount - 1 }];
      this.pieces = { kind: 'some', count: pieceCount - 1, ranges, more: false };
    }
  }

  /** Links with an honest peer by itself. */
  async call(peer: SimulatedPeer): Promise<void> {
    if (this.lie === 'nowhere') return;
    const dialing = this.#network.dial(peer.endpoint, new AbortController().signal);
    this.#lieTo(await dialing, true);
  }

  #lieTo(connection: Connection, dialed: boolean): void {
    const timers: Timer[] = [];
    const decoder = new LanDecoder({ takePiece: () => undefined });
    const handshake = encodeHandshake(shortId(this.peerId));
    if (dialed) connection.write([handshake, this.#hello()]);
    connection.open({
      onData: (chunk) => {
        for (const input of decoder.push(chunk)) {
          if (input.type === 'hello') {
            decoder.checksummed = true;
            if (!dialed) connection.write([handshake, this.#hello()]);
            this.#claim(connection, timers);
          } else this.#answer(connection, input, timers);
        }
      },
      onClose: () => {
        for (const timer of timers) timer.cancel();
      },
    });
  }

  #truth(index: number, length: number): Uint8Array {
    const start = index * this.#sim.metainfo.pieceLength;
    return this.#sim.content.bytes.subarray(start, start + length);
  }

  #hello(): Uint8Array {
    const hello = {
      version: 1,
      infoHash: this.#sim.metainfo.infoHash,
      peerId: this.peerId,
      port: this.endpoint.port,
      maxRequests: 256,
      metainfoSize: this.#sim.metainfo.infoBytes.length,
      features: [FEATURE_CRC32],
    };
    return encodeMessage({ type: 'hello', hello });
  }

  #claim(connection: Connection, timers: Timer[]): void {
    const bits = this.#claimed.bytes;
    say(connection, { type: 'bitfield', bits }, { type: 'unchoke' }, { type: 'interested' });
    if (this.lie !== 'floods') return;
    timers.push(repeat(this.#sim.clock, 50, () => this.#flood(connection)));
  }

  #flood(connection: Connection): void {
    const { pieceCount } = this.#sim.metainfo;
    const index = (): number => randomInteger(this.#sim.random, pieceCount);
    say(connection, ...Array.from({ length: 50 }, () => ({ type: 'have', index: index() }) as const));
    say(connection, { type: 'request', index: index() });
  }

  #answer(connection: Connection, input: LanInput, timers: Timer[]): void {
    if (input.type !== 'request') return;
    const { index } = input;
    const piece = index as Parameters<Bitfield['has']>[0];
    const length = pieceSize(this.#sim.metainfo, piece);
    switch (this.lie) {
      case 'rejects':
        return say(connection, { type: 'reject', index }, { type: 'have', index });
      case 'garbage':
        return sendPiece(connection, index, Buffer.alloc(length, index));
      case 'trickles':
        if (timers.length > 0) return;
        connection.write([encodePieceHeader(index, length, true)]);
        timers.push(repeat(this.#sim.clock, 1_000, () => connection.write([Buffer.alloc(1)])));
        return;
      case 'turns':
        if (this.#truths++ < TRUTHS) sendPiece(connection, index, this.#truth(index, length));
        return;
      case 'stalls':
      case 'floods':
      case 'nowhere':
        return;
    }
  }
}

function sendPiece(connection: Connection, index: number, content: Uint8Array): void {
  const header = encodePieceHeader(index, content.length, true);
  connection.write([header, content, encodePieceTrailer(crc32(content))]);
}

function say(connection: Connection, ...messages: LanMessage[]): void {
  connection.write([Buffer.concat(messages.map(encodeMessage))]);
}
