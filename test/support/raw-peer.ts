import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { Connection } from '../../src/platform/network.ts';
import { LanDecoder } from '../../src/wire/lan/decode.ts';
import { encodeMessage } from '../../src/wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../../src/wire/lan/handshake.ts';
import { type Hello, type LanInput, type LanMessage, ProtocolError } from '../../src/wire/lan/message.ts';
import type { SimulatedPeer, SimulatedSwarm } from './simulated-swarm.ts';

/** A stranger that says to a peer exactly what a test wants, and remembers what it is told. */
export class RawPeer {
  readonly heard: LanInput[] = [];
  closed = false;
  readonly #connection: Connection;
  readonly #sim: SimulatedSwarm;

  static async dial(sim: SimulatedSwarm, to: SimulatedPeer, host = '10.9.9.9'): Promise<RawPeer> {
    const dialing = sim.network.host(host).dial(to.endpoint, new AbortController().signal);
    await sim.clock.advance(10);
    return new RawPeer(sim, await dialing);
  }

  /** Waits at an address; those who dial it are in the array, in their order. */
  static async listen(sim: SimulatedSwarm, at: Endpoint): Promise<RawPeer[]> {
    const callers: RawPeer[] = [];
    await sim.network
      .host(at.host)
      .listen(at.port, (connection) => void callers.push(new RawPeer(sim, connection)));
    return callers;
  }

  private constructor(sim: SimulatedSwarm, connection: Connection) {
    this.#sim = sim;
    this.#connection = connection;
    const decoder = new LanDecoder({ takePiece: (_index, length) => Buffer.alloc(length) });
    connection.open({
      onData: (chunk) => {
        try {
          for (const input of decoder.push(chunk)) {
            if (input.type === 'hello') decoder.checksummed = input.hello.features.includes('crc32');
            this.heard.push(input);
          }
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          // It does not understand what it is told, as a node that tries another dialect must see.
          connection.destroy();
        }
      },
      onClose: () => {
        this.closed = true;
      },
    });
  }

  /** A hello that is in order, with what a test changes in it. */
  hello(changes: Partial<Hello> = {}): Hello {
    return {
      version: 1,
      infoHash: this.#sim.metainfo.infoHash,
      peerId: peerIdFromBytes(Buffer.alloc(20, 0x77)),
      port: 0,
      maxRequests: 10,
      metainfoSize: undefined,
      features: ['crc32'],
      ...changes,
    };
  }

  /** Handshake and hello as they should be. */
  async introduce(changes: Partial<Hello> = {}): Promise<void> {
    const hello = this.hello(changes);
    await this.bytes(
      Buffer.concat([encodeHandshake(shortId(hello.peerId)), encodeMessage({ type: 'hello', hello })]),
    );
  }

  async say(...messages: LanMessage[]): Promise<void> {
    await this.bytes(Buffer.concat(messages.map(encodeMessage)));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    this.#connection.write([bytes]);
    await this.#sim.clock.advance(50);
  }

  leave(): void {
    this.#connection.destroy();
  }

  get refusal(): string | undefined {
    const last = this.heard.at(-1);
    return last?.type === 'refusal' ? last.reason : undefined;
  }

  count(type: LanInput['type']): number {
    return this.heard.filter((input) => input.type === type).length;
  }
}
