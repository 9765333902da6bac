import {
  HTTP_HEAD_TIMEOUT_MS,
  HTTP_IDLE_TIMEOUT_MS,
  HTTP_SEND_TIMEOUT_MS,
  HTTP_SLOWEST_BYTES_PER_SECOND,
  MAX_HTTP_UNSENT_BYTES,
} from '../../limits.ts';
import type { Connection } from '../../platform/network.ts';
import type { HttpFault, HttpRequest } from './http-request.ts';
import {
  encodeHttpResponse,
  type HttpRecipient,
  type HttpResponse,
  statusResponse,
} from './http-response.ts';
import { RequestReader } from './request-reader.ts';

export interface HttpExchangeOptions {
  readonly connection: Connection;
  /** The response to a request, at once. */
  answer(request: HttpRequest): HttpResponse;
  /** Milliseconds, monotonic. */
  now(): number;
  onFault(fault: HttpFault): void;
  /** The connection is gone; told once. */
  onClose(): void;
}

const LAST: HttpRecipient = { method: 'GET', version: '1.1', keepsAlive: false };

/**
 * The requests of one connection and their responses, in the same order. Requests that come while much of what was
 * answered is not taken wait, and so does the client, for nothing more is received from it then.
 */
export class HttpExchange {
  /** When the connection was accepted, or has last asked for something. */
  lastRequestAt: number;
  readonly #options: HttpExchangeOptions;
  readonly #reader = new RequestReader();
  /** Until when a request must have come, or come to its end; never while one is answered. */
  #requestDeadline: number;
  /** Until when what was answered must have been taken. */
  #sendDeadline = Number.POSITIVE_INFINITY;
  #unsentBytes = 0;
  #isWithinRequest = true;
  #isPaused = false;
  #hasEnded = false;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    this.lastRequestAt = options.now();
    this.#requestDeadline = this.lastRequestAt + HTTP_HEAD_TIMEOUT_MS;
  }

  open(): void {
    this.#options.connection.open({
      onData: (chunk) => this.#onData(chunk),
      onClose: () => {
        this.#hasEnded = true;
        this.#options.onClose();
      },
    });
  }

  get address(): string {
    return this.#options.connection.remote.host;
  }

  /** Why it is time to cut it, if it is: it may as well ask again later, or it has begun what it does not end. */
  lateness(nowMs: number): 'idle' | 'slow' | undefined {
    if (nowMs > this.#sendDeadline) return 'slow';
    if (nowMs <= this.#requestDeadline) return undefined;
    return this.#isWithinRequest ? 'slow' : 'idle';
  }

  /** At once, whatever was not sent. */
  destroy(): void {
    this.#options.connection.destroy();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#reader.push(chunk);
    this.#answerAll();
    this.#reader.retain();
  }

  #answerAll(): void {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    while (!this.#hasEnded && this.#unsentBytes + bytes <= MAX_HTTP_UNSENT_BYTES) {
      const read = this.#reader.next();
      if (read === undefined) break;
      for (const chunk of this.#answer(read)) {
        chunks.push(chunk);
        bytes += chunk.length;
      }
    }
    if (bytes > 0) this.#send(chunks, bytes);
    this.#setRequestDeadline(bytes > 0);
  }

  #answer(read: HttpRequest | HttpFault): readonly Uint8Array[] {
    if (read.type === 'fault') {
      this.#hasEnded = true;
      this.#options.onFault(read);
      return encodeHttpResponse(statusResponse(read.status), LAST);
    }
    this.#hasEnded = !read.keepsAlive;
    this.lastRequestAt = this.#options.now();
    return encodeHttpResponse(this.#options.answer(read), read);
  }

  #send(chunks: readonly Uint8Array[], bytes: number): void {
    const { connection } = this.#options;
    const waits = this.#unsentBytes > 0;
    this.#unsentBytes += bytes;
    if (!waits) this.#setSendDeadline();
    connection.write(chunks, () => this.#sent(bytes));
    if (this.#hasEnded) connection.end();
    else if (this.#unsentBytes > MAX_HTTP_UNSENT_BYTES) {
      this.#isPaused = true;
      connection.pause();
    }
  }

  #sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    this.#setSendDeadline();
    if (this.#unsentBytes > 0 || this.#hasEnded) return;
    if (this.#isPaused) this.#goOn();
    else if (!this.#isWithinRequest) this.#requestDeadline = this.#options.now() + HTTP_IDLE_TIMEOUT_MS;
  }

  #goOn(): void {
    this.#isPaused = false;
    this.#answerAll();
    this.#reader.retain();
    // It may have had to stop again.
    if (!this.#isPaused && !this.#hasEnded) this.#options.connection.resume();
  }

  #setSendDeadline(): void {
    const ms = HTTP_SEND_TIMEOUT_MS + (this.#unsentBytes * 1000) / HTTP_SLOWEST_BYTES_PER_SECOND;
    this.#sendDeadline = this.#unsentBytes === 0 ? Number.POSITIVE_INFINITY : this.#options.now() + ms;
  }

  /** More bytes of the same request give it no more time. */
  #setRequestDeadline(hasAnswered: boolean): void {
    const isSameRequest = !hasAnswered && this.#requestDeadline !== Number.POSITIVE_INFINITY;
    const wasWithin = this.#isWithinRequest;
    this.#isWithinRequest = this.#reader.isWithinRequest;
    if (!this.#isWithinRequest || this.#isPaused) this.#requestDeadline = Number.POSITIVE_INFINITY;
    else if (!wasWithin || !isSameRequest) this.#requestDeadline = this.#options.now() + HTTP_HEAD_TIMEOUT_MS;
  }
}
