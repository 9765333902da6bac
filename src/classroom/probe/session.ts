import { PROBE_BYTE_GAP_MS, PROBE_HANDSHAKE_MS, PROBE_MAX_MESSAGES } from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import type { Connection } from '../../platform/network.ts';
import { encodeMessage, encodePieceHeader } from '../../wire/lan/encode.ts';
import { encodeHandshake } from '../../wire/lan/handshake.ts';
import type { Conversation, Entry, Packets, PlainMessage, Said, ScenarioName } from './conversation.ts';
import { Dialogue } from './dialogue.ts';
import type { Facts } from './facts.ts';
import type { PieceBook } from './piece-book.ts';
import { ProgramReader } from './program-reader.ts';

export interface SessionOptions {
  readonly connection: Connection;
  readonly scenario: ScenarioName;
  readonly facts: Facts;
  readonly pieces: PieceBook;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One connection to the program: says what it is told to, writes down all that is said, and waits within limits. */
export class Session {
  readonly dialogue: Dialogue;
  readonly #options: SessionOptions;
  readonly #entries: Entry[] = [];
  readonly #startedAt: number;
  readonly #reader: ProgramReader;
  readonly #waiting = new Set<() => void>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.dialogue = new Dialogue(options.facts);
    this.#reader = new ProgramReader({
      onSaid: (said) => this.#heard(said),
      checkContent: (index, content) => options.pieces.check(index, content),
    });
    options.connection.open({
      onData: (chunk) => this.#reader.push(chunk),
      onClose: (error) => {
        this.#reader.end();
        this.#write('program', { type: 'closed', error });
      },
    });
  }

  get conversation(): Conversation {
    return { scenario: this.#options.scenario, entries: this.#entries };
  }

  /** The connection stands, and what comes can be read. */
  get isOpen(): boolean {
    return this.dialogue.closedAt === undefined;
  }

  /** Whether the program's handshake came. */
  async shakeHands(packets: Packets = 'as usual'): Promise<boolean> {
    const bytes = encodeHandshake(this.#options.facts.as);
    await this.#put({ type: 'handshake', bytes }, bytes, packets);
    return this.#handshakeCame();
  }

  async say(message: PlainMessage, packets: Packets = 'as usual'): Promise<void> {
    await this.#put(message, encodeMessage(message), packets);
  }

  /** All in one packet. */
  sayTogether(messages: readonly PlainMessage[], packets: Packets): void {
    for (const message of messages) this.#write('probe', message, packets);
    this.#send([Buffer.concat(messages.map(encodeMessage))]);
  }

  givePiece(index: number, content: Uint8Array): void {
    this.#write('probe', { type: 'piece', index, length: content.length, content: 'right' });
    this.#send([encodePieceHeader(index, content.length, false), content]);
  }

  /** What no peer should send. */
  provoke(text: string, bytes: Uint8Array): void {
    this.#write('probe', { type: 'provocation', text });
    this.#send([bytes]);
  }

  /** Waits until it holds; false when the connection or the time is over before. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    const deadline = clock.now() + withinMs;
    while (!holds() && this.isOpen && clock.now() < deadline) {
      signal.throwIfAborted();
      await this.#nextEntry(deadline - clock.now());
    }
    signal.throwIfAborted();
    return holds();
  }

  /** Waits until the program says what matches, counted from the probe's last word; false as for `until`. */
  untilSaid(matches: (said: Said) => boolean, withinMs: number): Promise<boolean> {
    const from = this.#entries.findLastIndex(({ by }) => by === 'probe') + 1;
    return this.until(
      () => this.#entries.slice(from).some(({ by, said }) => by === 'program' && matches(said)),
      withinMs,
    );
  }

  /** Lets the time pass, or less where the connection ends. */
  async pause(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Ends the conversation, and the connection within that time. */
  async close(withinMs: number): Promise<void> {
    const { clock, connection } = this.#options;
    this.#reader.endOfHandshake();
    this.#write('probe', { type: 'closed', error: undefined });
    connection.end();
    await sleep(clock, withinMs);
    connection.destroy();
  }

  #handshakeCame(): Promise<boolean> {
    return this.until(
      () => this.#entries.some(({ by, said }) => by === 'program' && said.type === 'handshake'),
      PROBE_HANDSHAKE_MS,
    );
  }

  async #put(said: Said, bytes: Uint8Array, packets: Packets): Promise<void> {
    const { clock, signal } = this.#options;
    if (packets === 'byte by byte')
      for (let at = 0; at < bytes.length - 1 && this.isOpen; at++) {
        this.#send([bytes.subarray(at, at + 1)]);
        await sleep(clock, PROBE_BYTE_GAP_MS, signal);
        signal.throwIfAborted();
      }
    this.#write('probe', said, packets);
    this.#send([packets === 'byte by byte' ? bytes.subarray(-1) : bytes]);
  }

  #send(chunks: readonly Uint8Array[]): void {
    if (this.isOpen) this.#options.connection.write(chunks);
  }

  #heard(said: Said): void {
    if (this.#entries.length < PROBE_MAX_MESSAGES) return this.#write('program', said);
    this.#write('program', { type: 'unreadable', text: `more than ${PROBE_MAX_MESSAGES} messages came` });
    this.#write('probe', { type: 'closed', error: undefined });
    this.#options.connection.destroy();
  }

  /** What comes after the end is not part of the conversation. */
  #write(by: Entry['by'], said: Said, sent: Packets = 'as usual'): void {
    if (!this.isOpen) return;
    const entry: Entry = { at: this.#options.clock.now() - this.#startedAt, by, said, sent };
    this.#entries.push(entry);
    this.dialogue.apply(entry);
    for (const wake of [...this.#waiting]) wake();
  }

  #nextEntry(withinMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = clock.setTimer(withinMs, wake);
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}
