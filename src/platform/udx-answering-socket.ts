import {
  type Answer,
  type AnsweringSocket,
  type AnsweringSocketOptions,
  type OpenAnsweringSocket,
  RECEIVED_BYTES,
} from './answering-socket.ts';
import type { Endpoint } from './endpoint.ts';
import { loadUdxBinding, type UdxBinding } from './udx-binding.ts';

/** Datagrams are put here whatever their length; udx itself cuts them at RECEIVED_BYTES. */
const RECEIVE_MEMORY_BYTES = 64 * 1024;

/**
 * By udx-native, for IPv4, at less than half of node:dgram's user time; undefined where it does not load. It leaves the
 * scope of IPv6 addresses out, so link-local clients could not be answered.
 */
export function udxAnsweringSockets(): OpenAnsweringSocket | undefined {
  const binding = loadUdxBinding();
  if (binding === undefined) return undefined;
  return async (options, answer) => new UdxAnsweringSocket(binding, options, answer);
}

/** An answer on its way: what udx needs for it, and its bytes. */
interface Sending {
  readonly id: number;
  readonly request: Buffer;
  readonly memory: Buffer;
  readonly view: DataView;
  /** The memory's beginnings, by length: most answers have one of a few lengths. */
  readonly beginnings: (Buffer | undefined)[];
}

class UdxAnsweringSocket implements AnsweringSocket {
  readonly kind = 'udx-native';
  readonly local: AnsweringSocket['local'];
  unsent = 0;
  readonly #binding: UdxBinding;
  readonly #answer: Answer;
  readonly #options: AnsweringSocketOptions;
  readonly #udx: Buffer;
  readonly #socket: Buffer;
  readonly #memory = Buffer.alloc(RECEIVE_MEMORY_BYTES);
  readonly #received = new DataView(this.#memory.buffer, this.#memory.byteOffset, RECEIVED_BYTES);
  readonly #sendings: Sending[] = [];
  /** The last one is taken first: its memory is at hand. */
  readonly #free: Sending[] = [];
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => {};

  constructor(binding: UdxBinding, options: AnsweringSocketOptions, answer: Answer) {
    this.#binding = binding;
    this.#options = options;
    this.#answer = answer;
    this.#udx = Buffer.alloc(binding.sizeof_udx_napi_t);
    this.#socket = Buffer.alloc(binding.sizeof_udx_napi_socket_t);
    binding.udx_napi_init(this.#udx, this.#memory);
    binding.udx_napi_socket_init(
      this.#udx,
      this.#socket,
      this,
      this.#sent,
      this.#arrived,
      () => this.#onClosed(),
      () => this.#memory,
    );
    const { address, port, receiveBufferBytes } = options;
    try {
      const bound = binding.udx_napi_socket_bind(this.#socket, port, address, 4, 0);
      this.local = { host: address, port: bound };
    } catch (error) {
      binding.udx_napi_socket_close(this.#socket);
      throw error;
    }
    try {
      binding.udx_napi_socket_set_recv_buffer_size(this.#socket, receiveBufferBytes);
    } catch {
      // The system's own size will do.
    }
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#binding.udx_napi_socket_close(this.#socket);
    });
    return this.#closing;
  }

  readonly #arrived = (length: number, port: number, host: string): Buffer => {
    if (this.#isClosing()) return this.#memory;
    const sending = this.#free[this.#free.length - 1] ?? this.#newSending();
    if (sending === undefined) {
      this.unsent++;
      return this.#memory;
    }
    const answerLength = this.#answer(this.#received, length, host, sending.view, port);
    // Sending after it was closed, by `answer` perhaps, would end the process.
    if (answerLength > 0 && !this.#isClosing()) this.#send(sending, answerLength, port, host);
    return this.#memory;
  };

  send(bytes: Uint8Array, { host, port }: Endpoint): void {
    if (this.#isClosing()) return;
    const sending = this.#free[this.#free.length - 1] ?? this.#newSending();
    if (sending === undefined) {
      this.unsent++;
      return;
    }
    sending.memory.set(bytes);
    this.#send(sending, bytes.length, port, host);
  }

  #isClosing(): boolean {
    return this.#closing !== undefined;
  }

  #send(sending: Sending, length: number, port: number, host: string): void {
    this.#free.pop();
    const bytes = sending.beginnings[length] ?? newBeginning(sending, length);
    try {
      this.#binding.udx_napi_socket_send_ttl(
        this.#socket,
        sending.request,
        sending.id,
        bytes,
        port,
        host,
        4,
        0,
      );
    } catch {
      this.unsent++;
      this.#free.push(sending);
    }
  }

  readonly #sent = (id: number, status: number): void => {
    if (status < 0) this.unsent++;
    const sending = this.#sendings[id];
    if (sending !== undefined) this.#free.push(sending);
  };

  #newSending(): Sending | undefined {
    const { answerBytes, maxWaiting } = this.#options;
    if (this.#sendings.length >= maxWaiting) return undefined;
    const memory = Buffer.alloc(answerBytes);
    const sending = {
      id: this.#sendings.length,
      request: Buffer.alloc(this.#binding.sizeof_udx_socket_send_t),
      memory,
      view: new DataView(memory.buffer, memory.byteOffset, answerBytes),
      beginnings: new Array<Buffer | undefined>(answerBytes + 1).fill(undefined),
    };
    this.#sendings.push(sending);
    this.#free.push(sending);
    return sending;
  }
}

function newBeginning({ memory, beginnings }: Sending, length: number): Buffer {
  const beginning = memory.subarray(0, length);
  beginnings[length] = beginning;
  return beginning;
}
