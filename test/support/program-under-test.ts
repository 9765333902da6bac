import type { Clock } from '../../src/platform/clock.ts';
import type { Connection, Listener, Network } from '../../src/platform/network.ts';

/** One thing that somebody's program does wrong. */
export type Fault =
  | 'no handshake'
  | 'half a handshake'
  | 'another header'
  | 'zeros as characters'
  | 'ID as text'
  | 'ID little-endian'
  | 'ID of the probe'
  | 'header not checked'
  | 'ID not checked'
  | 'length without the type'
  | 'length little-endian'
  | 'length as text'
  | 'a byte too many'
  | 'a type of its own'
  | 'bitfield late'
  | 'bitfield twice'
  | 'bitfield too long'
  | 'bitfield spare bits'
  | 'bitfield low bit first'
  | 'no bitfield'
  | 'claims what it lacks'
  | 'always interested'
  | 'never interested'
  | 'interest only after bitfield'
  | 'interested to the end'
  | 'never unchokes'
  | 'answers the choked'
  | 'answers nothing'
  | 'loses the first request'
  | 'loses the second interested'
  | 'pads the last piece'
  | 'short pieces'
  | 'other content'
  | 'the next piece instead'
  | 'a piece twice'
  | 'a piece nobody asked for'
  | 'asks for nothing'
  | 'asks for one piece'
  | 'asks for what nobody has'
  | 'asks for what it has'
  | 'asks for two'
  | 'asks on while choked'
  | 'asks at each unchoke'
  | 'no have'
  | 'a packet is a message'
  | 'a packet is a handshake'
  | 'unchokes everybody'
  | 'index little-endian'
  | 'length counts itself'
  | 'one message a packet'
  | 'answers beyond the end'
  | 'closes after a request'
  | 'one connection only'
  | 'ends when a peer leaves'
  | 'dies of length zero'
  | 'silent until spoken to'
  | 'bitfield of zeros'
  | 'floods';

export interface ProgramOptions {
  readonly clock: Clock;
  readonly fault: Fault | undefined;
  readonly id: number;
  /** Who may connect. */
  readonly neighbour: number;
  readonly hasFile: boolean;
  readonly pieceSize: number;
  readonly content: Buffer;
  /** From the neighbour's interest to its unchoke: milliseconds. */
  readonly unchokeAfterMs: number;
}

/** A small program for the assignment, as a student might write it, that has one fault or none. */
export class ProgramUnderTest {
  readonly options: ProgramOptions;
  readonly pieces = new Map<number, Buffer>();
  connections = 0;
  #listener: Listener | undefined;

  constructor(options: ProgramOptions) {
    this.options = options;
    if (options.hasFile)
      for (let index = 0; index < this.pieceCount; index++) this.pieces.set(index, this.piece(index));
  }

  async listen(network: Network, port: number): Promise<void> {
    this.#listener = await network.listen(port, (connection) => new Neighbour(this, connection));
  }

  end(): void {
    this.#listener?.close().catch(() => {});
  }

  get pieceCount(): number {
    return Math.ceil(this.options.content.length / this.options.pieceSize);
  }

  piece(index: number): Buffer {
    const { content, pieceSize } = this.options;
    return content.subarray(index * pieceSize, (index + 1) * pieceSize);
  }
}

/** The program's end of one connection. */
class Neighbour {
  readonly #program: ProgramUnderTest;
  readonly #connection: Connection;
  readonly #number: number;
  #received: Buffer = Buffer.alloc(0);
  #isDue = false;
  #handshakeDone = false;
  /** Pieces that the neighbour says it has. */
  readonly #held = new Set<number>();
  #choking = true;
  #choked = true;
  #interested: boolean | undefined;
  #heardInterested = 0;
  #heardRequests = 0;
  #asked: number | undefined;
  #fetched = 0;

  constructor(program: ProgramUnderTest, connection: Connection) {
    this.#program = program;
    this.#connection = connection;
    this.#number = ++program.connections;
    connection.open({
      onData: (chunk) => this.#arrived(chunk),
      onClose: () => {
        if (this.#has('ends when a peer leaves')) program.end();
      },
    });
  }

  /** All that arrives at one moment is one packet. */
  #arrived(chunk: Uint8Array): void {
    if (this.#has('one connection only') && this.#number > 1) return;
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#program.options.clock.setTimer(0, () => {
      this.#isDue = false;
      this.#readPacket();
    });
  }

  #readPacket(): void {
    for (;;) {
      const message = this.#handshakeDone ? this.#nextMessage() : this.#nextHandshake();
      if (message === undefined) break;
      if (this.#handshakeDone) this.#take(message);
      else this.#greet(message);
      if (this.#has('one message a packet')) this.#received = Buffer.alloc(0);
    }
    if (this.#has('a packet is a message')) this.#received = Buffer.alloc(0);
  }

  #nextHandshake(): Buffer | undefined {
    if (this.#received.length >= 32) return this.#cut(32);
    if (this.#received.length > 0 && this.#has('a packet is a handshake')) this.#connection.end();
    return undefined;
  }

  #nextMessage(): Buffer | undefined {
    if (this.#received.length < 4) return undefined;
    const length = this.#received.readUInt32BE();
    if (length === 0 && this.#has('dies of length zero')) {
      this.#program.end();
      this.#connection.destroy();
      return undefined;
    }
    if (length === 0 || length > 1 << 20) {
      this.#connection.end();
      return undefined;
    }
    return this.#received.length < 4 + length ? undefined : this.#cut(4 + length).subarray(4);
  }

  #cut(bytes: number): Buffer {
    const cut = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return cut;
  }

  #greet(handshake: Buffer): void {
    const { neighbour } = this.#program.options;
    this.#handshakeDone = true;
    if (!this.#has('header not checked') && handshake.toString('latin1', 0, 18) !== 'P2PFILESHARINGPROJ')
      return this.#connection.end();
    if (!this.#has('ID not checked') && handshake.readUInt32BE(28) !== neighbour)
      return this.#connection.end();
    if (this.#has('no handshake')) return;
    this.#send(this.#handshake());
    if (this.#has('floods')) for (let at = 0; at < 20_000; at++) this.#say(4, word(0));
    if (!this.#has('silent until spoken to')) this.#sayBitfield();
    if (!this.#has('unchokes everybody')) return;
    this.#choking = false;
    this.#say(1);
  }

  #handshake(): Buffer {
    const { id, neighbour } = this.#program.options;
    const bytes = Buffer.alloc(32);
    bytes.write(this.#has('another header') ? 'P2PFILESHARINGPORJ' : 'P2PFILESHARINGPROJ', 'latin1');
    if (this.#has('zeros as characters')) bytes.fill('0', 18, 28);
    if (this.#has('ID as text')) bytes.write(String(id), 28, 'latin1');
    else if (this.#has('ID little-endian')) bytes.writeUInt32LE(id, 28);
    else bytes.writeUInt32BE(this.#has('ID of the probe') ? neighbour : id, 28);
    return this.#has('half a handshake') ? bytes.subarray(0, 16) : bytes;
  }

  #sayBitfield(): void {
    const { pieces, pieceCount } = this.#program;
    const bits = Buffer.alloc(Math.ceil(pieceCount / 8) + (this.#has('bitfield too long') ? 1 : 0));
    const lowFirst = this.#has('bitfield low bit first');
    for (const index of pieces.keys()) {
      const bit = lowFirst ? 1 << (index & 7) : 0x80 >> (index & 7);
      bits.writeUInt8(bits.readUInt8(index >> 3) | bit, index >> 3);
    }
    if (this.#has('claims what it lacks')) bits.writeUInt8(0x80, 0);
    if (this.#has('bitfield spare bits'))
      bits.writeUInt8(bits.readUInt8(bits.length - 1) | 1, bits.length - 1);
    if (this.#has('bitfield late')) this.#say(0);
    const isEmpty =
      pieces.size === 0 && !['bitfield of zeros', 'claims what it lacks'].some((fault) => this.#has(fault));
    if (isEmpty || this.#has('no bitfield')) return;
    this.#say(5, bits);
    if (this.#has('bitfield twice')) this.#say(5, bits);
  }

  #take(message: Buffer): void {
    const payload = message.subarray(1);
    switch (message.readUInt8()) {
      case 0:
        this.#choked = true;
        this.#asked = undefined;
        if (this.#has('asks on while choked'))
          this.#program.options.clock.setTimer(1_000, () => this.#ask(true));
        return;
      case 1:
        this.#choked = false;
        return this.#ask(this.#has('asks at each unchoke'));
      case 2:
        return this.#heardInterest();
      case 4:
        this.#held.add(payload.readUInt32BE());
        return this.#decide('have');
      case 5:
        return this.#heardBitfield(payload);
      case 6:
        return this.#heardRequest(payload.readUInt32BE());
      case 7:
        return this.#heardPiece(payload.readUInt32BE(), Buffer.from(payload.subarray(4)));
      default:
    }
  }

  #heardBitfield(bits: Buffer): void {
    if (this.#has('silent until spoken to')) this.#sayBitfield();
    for (let index = 0; index < this.#program.pieceCount; index++)
      if ((bits.readUInt8(index >> 3) & (0x80 >> (index & 7))) !== 0) this.#held.add(index);
    this.#decide('bitfield');
  }

  #decide(after: 'bitfield' | 'have' | 'piece'): void {
    if (this.#has('never interested')) return;
    if (this.#has('interest only after bitfield') && after !== 'bitfield') return;
    if (this.#has('interested to the end') && after === 'piece') return;
    const wants = this.#lacked().length > 0 || this.#has('always interested');
    if (after !== 'bitfield' && wants === (this.#interested ?? false)) return;
    this.#interested = wants;
    this.#say(wants ? 2 : 3);
  }

  #heardInterest(): void {
    const { clock, unchokeAfterMs } = this.#program.options;
    this.#heardInterested++;
    if (this.#has('a type of its own')) this.#say(42);
    if (this.#has('never unchokes') || !this.#choking) return;
    clock.setTimer(unchokeAfterMs, () => {
      this.#choking = false;
      this.#say(1);
      if (this.#has('a piece nobody asked for')) this.#sayPiece(5);
    });
  }

  #heardRequest(index: number): void {
    if (this.#choking && !this.#has('answers the choked')) return;
    this.#heardRequests++;
    if (this.#has('closes after a request')) return this.#connection.end();
    if (this.#has('answers nothing')) return;
    if (this.#has('loses the first request') && this.#heardRequests === 1) return;
    if (this.#has('loses the second interested') && this.#heardInterested > 1) return;
    if (index >= this.#program.pieceCount && !this.#has('answers beyond the end')) return;
    this.#sayPiece(index);
    if (this.#has('a piece twice')) this.#sayPiece(index);
  }

  #sayPiece(index: number): void {
    const { pieceSize } = this.#program.options;
    const next = this.#has('the next piece instead') ? index + 1 : index;
    const place = next % this.#program.pieceCount;
    let content = this.#program.pieces.get(place) ?? this.#program.piece(place);
    if (this.#has('pads the last piece')) content = Buffer.concat([content], pieceSize);
    if (this.#has('short pieces')) content = content.subarray(0, -1);
    if (this.#has('other content')) content = Buffer.alloc(content.length, 'x');
    this.#say(7, Buffer.concat([this.#index(index), content]));
  }

  #heardPiece(index: number, content: Buffer): void {
    this.#program.pieces.set(index, content);
    this.#asked = undefined;
    this.#fetched++;
    if (!this.#has('no have')) this.#say(4, word(index));
    this.#decide('piece');
    this.#ask(false);
  }

  #ask(anyway: boolean): void {
    if (this.#has('asks for nothing') || (this.#has('asks for one piece') && this.#fetched > 0)) return;
    const [first, second] = this.#lacked();
    if (first === undefined || (!anyway && (this.#choked || this.#asked !== undefined))) return;
    this.#asked = first;
    this.#say(6, this.#index(this.#wrongIndex() ?? (anyway ? second : undefined) ?? first));
    if (this.#has('asks for two') && second !== undefined) this.#say(6, word(second));
  }

  #wrongIndex(): number | undefined {
    const { pieceCount, pieces } = this.#program;
    if (this.#has('asks for what nobody has'))
      for (let index = 0; index < pieceCount; index++) if (!this.#held.has(index)) return index;
    if (this.#has('asks for what it has')) for (const index of pieces.keys()) return index;
    return undefined;
  }

  #lacked(): number[] {
    return [...this.#held].filter((index) => !this.#program.pieces.has(index));
  }

  #say(type: number, payload: Buffer = Buffer.alloc(0)): void {
    const extra = type === 2 && this.#has('a byte too many') ? 1 : 0;
    const body = Buffer.concat([Buffer.from([type]), payload, Buffer.alloc(extra)]);
    this.#send(Buffer.concat([this.#length(body.length), body]));
  }

  #index(index: number): Buffer {
    return this.#has('index little-endian') ? word(index).reverse() : word(index);
  }

  #length(length: number): Buffer {
    if (this.#has('length as text')) return Buffer.from(String(length).padStart(4, '0'), 'latin1');
    const more = this.#has('length counts itself') ? 4 : 0;
    const bytes = word(length + more - (this.#has('length without the type') ? 1 : 0));
    return this.#has('length little-endian') ? bytes.reverse() : bytes;
  }

  #send(bytes: Buffer): void {
    this.#connection.write([bytes]);
  }

  #has(fault: string): boolean {
    return this.#program.options.fault === fault;
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
