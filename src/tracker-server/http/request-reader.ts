import { MAX_HTTP_HEAD_BYTES, MAX_HTTP_REQUEST_LINE_BYTES } from '../../limits.ts';
import { fault, type HttpFault, type HttpRequest } from './http-request.ts';
import { RequestHead } from './request-head.ts';

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/**
 * Bytes of a connection in, requests out, however the bytes are cut. Lines end with CR LF and with nothing else. After
 * a fault nothing more is read.
 */
export class RequestReader {
  #bytes: Buffer = NOTHING;
  /** Where the first line begins that was not read, and how far its end was looked for. */
  #at = 0;
  #searched = 0;
  #head: RequestHead | undefined;
  /** Of the request that is being read, up to `#at`. */
  #headBytes = 0;
  #hasFailed = false;

  /** Takes a chunk, which has to stay as it is until `retain` is called. */
  push(chunk: Uint8Array): void {
    const arrived = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const left = this.#bytes.length - this.#at;
    this.#searched -= this.#at;
    this.#bytes = left === 0 ? arrived : Buffer.concat([this.#bytes.subarray(this.#at), arrived]);
    this.#at = 0;
  }

  /** The next request; undefined where more bytes are needed. */
  next(): HttpRequest | HttpFault | undefined {
    while (!this.#hasFailed) {
      const end = this.#bytes.indexOf(LF, this.#searched);
      const length = (end < 0 ? this.#bytes.length : end + 1) - this.#at;
      const read = this.#tooLong(length) ?? (end < 0 ? undefined : this.#readLine(end));
      if (end < 0) this.#searched = this.#bytes.length;
      if (read?.type === 'fault') this.#hasFailed = true;
      if (read !== undefined || end < 0) return read;
    }
    return undefined;
  }

  /** What was not read yet is kept elsewhere; the chunk is free. */
  retain(): void {
    this.#searched -= this.#at;
    this.#bytes = this.#at === this.#bytes.length ? NOTHING : Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = 0;
  }

  /** Whether a request has begun and not ended. */
  get isWithinRequest(): boolean {
    return this.#head !== undefined || this.#at < this.#bytes.length;
  }

  #tooLong(lineBytes: number): HttpFault | undefined {
    if (this.#head === undefined) return lineBytes > MAX_HTTP_REQUEST_LINE_BYTES ? fault(414) : undefined;
    return this.#headBytes + lineBytes > MAX_HTTP_HEAD_BYTES ? fault(431) : undefined;
  }

  /** The line that ends with the LF at `end`; gives the request if it was its last one. */
  #readLine(end: number): HttpRequest | HttpFault | undefined {
    if (end === this.#at || this.#bytes[end - 1] !== CR) return fault(400);
    const line = this.#bytes.toString('latin1', this.#at, end - 1);
    this.#headBytes += end + 1 - this.#at;
    this.#at = end + 1;
    this.#searched = this.#at;
    if (this.#head === undefined) return this.#begin(line);
    if (line !== '') return this.#head.field(line);
    const request = this.#head.end();
    this.#head = undefined;
    this.#headBytes = 0;
    return request;
  }

  #begin(line: string): HttpFault | undefined {
    const head = RequestHead.begin(line);
    if (!(head instanceof RequestHead)) return head;
    this.#head = head;
    return undefined;
  }
}
