import type { Connection } from '../../src/platform/network.ts';
import { LanDecoder } from '../../src/wire/lan/decode.ts';
import { encodeMessage, encodePieceHeader } from '../../src/wire/lan/encode.ts';
import { encodeHandshake } from '../../src/wire/lan/handshake.ts';
import type { AssignmentMessage, LanInput } from '../../src/wire/lan/message.ts';
import type { ClassroomSwarm } from './classroom-swarm.ts';

/** Somebody's program, which says to a peer exactly what a test wants, and remembers what it is told. */
export class RawStudent {
  readonly heard: LanInput[] = [];
  closed = false;
  readonly #connection: Connection;
  readonly #swarm: ClassroomSwarm;

  /** Dials the peer at place `to` from the host of place `from`, or from anywhere. */
  static async dial(swarm: ClassroomSwarm, to: number, from?: number): Promise<RawStudent> {
    const network = from === undefined ? swarm.network.host('10.9.9.9') : swarm.hostOf(from);
    const { host = '', port = 0 } = swarm.project.peers[to] ?? {};
    const dialing = network.dial({ host, port }, new AbortController().signal);
    await swarm.clock.advance(10);
    return new RawStudent(swarm, await dialing);
  }

  /** Stands at a place of PeerInfo.cfg; those who dial it are in the array, in their order. */
  static async listen(swarm: ClassroomSwarm, place: number): Promise<RawStudent[]> {
    const callers: RawStudent[] = [];
    const { port = 0 } = swarm.project.peers[place] ?? {};
    await swarm
      .hostOf(place)
      .listen(port, (connection) => void callers.push(new RawStudent(swarm, connection)));
    return callers;
  }

  private constructor(swarm: ClassroomSwarm, connection: Connection) {
    this.#swarm = swarm;
    this.#connection = connection;
    const decoder = new LanDecoder({ takePiece: (_index, length) => Buffer.alloc(length) });
    connection.open({
      onData: (chunk) => {
        for (const input of decoder.push(chunk)) this.heard.push(input);
      },
      onClose: () => {
        this.closed = true;
      },
    });
  }

  async shakeHands(id: number): Promise<void> {
    await this.bytes(encodeHandshake(id));
  }

  async say(...messages: AssignmentMessage[]): Promise<void> {
    await this.bytes(Buffer.concat(messages.map(encodeMessage)));
  }

  async bitfield(holds: (index: number) => boolean): Promise<void> {
    const bits = Buffer.alloc(Math.ceil(this.#pieceCount / 8));
    for (let index = 0; index < this.#pieceCount; index++)
      if (holds(index)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7));
    await this.say({ type: 'bitfield', bits });
  }

  /** The content of the piece as it is. */
  async piece(index: number): Promise<void> {
    const { pieceSize } = this.#swarm.project.common;
    const content = this.#swarm.bytes.subarray(index * pieceSize, (index + 1) * pieceSize);
    await this.bytes(Buffer.concat([encodePieceHeader(index, content.length, false), content]));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    this.#connection.write([bytes]);
    await this.#swarm.clock.advance(50);
  }

  leave(): void {
    this.#connection.destroy();
  }

  count(type: LanInput['type']): number {
    return this.heard.filter((input) => input.type === type).length;
  }

  /** Indexes of all requests that came, in their order. */
  get requests(): number[] {
    return this.heard.flatMap((input) => (input.type === 'request' ? [input.index] : []));
  }

  get #pieceCount(): number {
    const { fileSize, pieceSize } = this.#swarm.project.common;
    return Math.ceil(fileSize / pieceSize);
  }
}
