import { setTimeout as pause } from 'node:timers/promises';

const HEADER = 'P2PFILESHARINGPROJ';
const HANDSHAKE_BYTES = 32;

export const CHOKE = 0;
export const UNCHOKE = 1;
export const INTERESTED = 2;
export const NOT_INTERESTED = 3;
export const HAVE = 4;
export const BITFIELD = 5;
export const REQUEST = 6;
export const PIECE = 7;

/**
 * One socket as handshake and messages. `on` has `handshake(id)`, `message(type, payload)` and `close()`; what throws
 * there ends this connection only.
 */
export class Connection {
  #socket;
  #habits;
  #on;
  #waiting = [];
  #waitingBytes = 0;
  #shaken = false;
  #sending = Promise.resolve();

  constructor(socket, habits, on) {
    this.#socket = socket;
    this.#habits = habits;
    this.#on = on;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {}); // 'close' follows.
    socket.on('close', () => on.close());
  }

  sendHandshake(id) {
    const bytes = Buffer.alloc(HANDSHAKE_BYTES, this.#habits.zeros);
    bytes.write(HEADER, 'latin1');
    bytes.writeUInt32BE(id, HANDSHAKE_BYTES - 4);
    this.#write(bytes, this.#habits.slowHandshake ? everyByte(bytes.length) : []);
  }

  send(type, payload = Buffer.alloc(0)) {
    const bytes = Buffer.allocUnsafe(5 + payload.length);
    bytes.writeUInt32BE(1 + payload.length);
    bytes.writeUInt8(type, 4);
    payload.copy(bytes, 5);
    this.#write(bytes, this.#habits.split ? severalCuts(bytes.length) : []);
  }

  /** Nothing more is sent; resolves when the other side has closed, too, or does not within a second. */
  async end() {
    await this.#sending;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    if (this.#socket.destroyed) return;
    if (this.#habits.reset) await this.#resetSoon();
    else this.#socket.end();
    await Promise.race([closed, pause(1000)]);
    this.#socket.destroy();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** A reset takes away what is still under way, so the last messages get a moment. */
  async #resetSoon() {
    await pause(200);
    this.#socket.resetAndDestroy();
  }

  /** `cuts` are the offsets where the bytes are parted. Without cuts, and with nothing parted before, it goes at once. */
  #write(bytes, cuts) {
    const { slowHandshake, split } = this.#habits;
    if (!slowHandshake && !split) {
      this.#socket.write(bytes);
      return;
    }
    this.#sending = this.#sending.then(async () => {
      let start = 0;
      for (const cut of [...cuts, bytes.length]) {
        if (this.#socket.destroyed) return;
        this.#socket.write(bytes.subarray(start, cut));
        start = cut;
        if (cuts.length > 0) await pause(1);
      }
    });
  }

  #take(chunk) {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    try {
      while (this.#takeNext());
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
      this.#socket.destroy();
    }
  }

  /** Hands on one handshake or message; false where it is not whole yet. */
  #takeNext() {
    if (!this.#shaken) {
      const bytes = this.#whole(HANDSHAKE_BYTES);
      if (bytes === undefined) return false;
      if (bytes.toString('latin1', 0, HEADER.length) !== HEADER) throw new Error('a wrong handshake');
      if (!this.#zerosFit(bytes.subarray(HEADER.length, -4))) throw new Error('a handshake with other zeros');
      this.#shaken = true;
      this.#on.handshake(bytes.readUInt32BE(HANDSHAKE_BYTES - 4));
      return true;
    }
    const length = this.#peekLength();
    if (length === undefined) return false;
    if (length === 0) throw new Error('a message without a type');
    const bytes = this.#whole(4 + length);
    if (bytes === undefined) return false;
    this.#on.message(bytes.readUInt8(4), bytes.subarray(5));
    return true;
  }

  /** Who fills them otherwise does not look at them either. */
  #zerosFit(bytes) {
    return this.#habits.zeros !== '\0' || bytes.every((byte) => byte === 0);
  }

  #peekLength() {
    if (this.#waitingBytes < 4) return undefined;
    if (this.#waiting[0].length < 4) this.#waiting = [Buffer.concat(this.#waiting)];
    return this.#waiting[0].readUInt32BE();
  }

  /** The next `count` bytes, if that many are here. */
  #whole(count) {
    if (this.#waitingBytes < count) return undefined;
    const all = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
    this.#waiting = all.length === count ? [] : [all.subarray(count)];
    this.#waitingBytes = all.length - count;
    return all.subarray(0, count);
  }
}

function everyByte(length) {
  return Array.from({ length: length - 1 }, (_, index) => index + 1);
}

/** Within the length, before the type, after it, and in the middle of the payload. */
function severalCuts(length) {
  const cuts = [2, 4, 5, 5 + Math.ceil((length - 5) / 2)];
  return cuts.filter((cut, index) => cut < length && cut !== cuts[index - 1]);
}
