import { describe, expect, it } from 'vitest';
import { HTTP_HEAD_TIMEOUT_MS, HTTP_IDLE_TIMEOUT_MS, MAX_HTTP_UNSENT_BYTES } from '../../../src/limits.ts';
import type { Connection, ConnectionHandlers } from '../../../src/platform/network.ts';
import { HttpExchange } from '../../../src/tracker-server/http/http-exchange.ts';
import type { HttpRequest } from '../../../src/tracker-server/http/http-request.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const SECOND = 1_000;

/** A client that takes what it is sent only when the test says so. */
class FakeConnection implements Connection {
  readonly remote = { host: '10.0.0.1', port: 1 };
  readonly local = { host: '10.0.0.2', port: 2 };
  readonly written: string[] = [];
  state: 'flowing' | 'paused' | 'ended' | 'destroyed' = 'flowing';
  #handlers: ConnectionHandlers | undefined;
  #untaken: (() => void)[] = [];

  open(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
  }

  /** The memory of what is received is used again at once. */
  receive(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#handlers?.onData(bytes);
    bytes.fill(0xee);
  }

  write(chunks: readonly Uint8Array[], sent?: () => void): void {
    this.written.push(Buffer.concat(chunks).toString('latin1'));
    if (sent !== undefined) this.#untaken.push(sent);
  }

  /** The client takes all that was written so far. */
  take(): void {
    for (const sent of this.#untaken.splice(0)) sent();
  }

  close(): void {
    this.#handlers?.onClose(undefined);
  }

  pause(): void {
    this.state = 'paused';
  }

  resume(): void {
    this.state = 'flowing';
  }

  end(): void {
    this.state = 'ended';
  }

  shutdown(): void {
    this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }
}

function exchange(body = 'hello') {
  const clock = new VirtualClock();
  const connection = new FakeConnection();
  const asked: HttpRequest[] = [];
  const faults: number[] = [];
  const made = new HttpExchange({
    connection,
    now: () => clock.now(),
    answer(request) {
      asked.push(request);
      return { status: 200, contentType: 'text/plain', body: Buffer.from(body) };
    },
    onFault: ({ status }) => faults.push(status),
    onClose: () => {},
  });
  made.open();
  return { clock, connection, asked, faults, exchange: made, late: () => made.lateness(clock.now()) };
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const LAST = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

describe('a connection', () => {
  it('carries one response after the other', () => {
    const { connection } = exchange();
    connection.receive(GET);
    connection.receive(GET);
    expect(connection.written).toEqual(
      Array.from(
        { length: 2 },
        () => 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
      ),
    );
    expect(connection.state).toBe('flowing');
  });

  it('ends with the response to a request that wants no other', () => {
    const { connection, asked } = exchange();
    connection.receive(`${LAST}${GET}`);
    expect(connection.written).toEqual([expect.stringContaining('\r\nConnection: close\r\n')]);
    expect(connection.state).toBe('ended');
    expect(asked).toHaveLength(1);
  });

  it('ends with what is no request; those before it are answered', () => {
    const { connection, asked, faults } = exchange();
    connection.receive(`${GET}nonsense\r\n\r\n${GET}`);
    connection.receive(GET);
    expect(connection.written.join('')).toMatch(
      /^HTTP\/1\.1 200 OK[\s\S]*HTTP\/1\.1 400 Bad Request[\s\S]*400 Bad Request\n$/,
    );
    expect(connection.state).toBe('ended');
    expect(asked).toHaveLength(1);
    expect(faults).toEqual([400]);
  });

  it('says what an old client needs to ask again', () => {
    const { connection } = exchange();
    connection.receive('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(connection.written).toEqual([expect.stringContaining('\r\nConnection: keep-alive\r\n')]);
  });

  it('has no body in the response to HEAD, but its length', () => {
    const { connection } = exchange();
    connection.receive('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(connection.written).toEqual([expect.stringMatching(/Content-Length: 5\r\n\r\n$/)]);
  });

  it('carries a large body whole', () => {
    const body = 'x'.repeat(100_000);
    const { connection } = exchange(body);
    connection.receive(GET);
    expect(connection.written.join('').endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it('lets requests wait while its responses are not taken, and answers each once', () => {
    const { connection, asked } = exchange('x'.repeat(1_000));
    const room = MAX_HTTP_UNSENT_BYTES / 1_000;
    connection.receive(GET.repeat(300));
    expect(connection.state).toBe('paused');
    expect(asked.length).toBeLessThan(room + 2);
    for (let turn = 0; turn < 10 && connection.state === 'paused'; turn++) connection.take();
    expect(connection.state).toBe('flowing');
    expect(asked).toHaveLength(300);
    connection.receive(GET);
    expect(asked).toHaveLength(301);
  });

  it('answers nobody who is gone', () => {
    const { connection, asked } = exchange('x'.repeat(1_000));
    connection.receive(GET.repeat(300));
    const answered = asked.length;
    connection.close();
    connection.take();
    expect(asked).toHaveLength(answered);
  });
});

describe('a client', () => {
  it('that asks nothing has as long as one that is slow to ask', async () => {
    const { clock, late } = exchange();
    await clock.advance(HTTP_HEAD_TIMEOUT_MS);
    expect(late()).toBeUndefined();
    await clock.advance(1);
    expect(late()).toBe('slow');
  });

  it('gets no more time by sending a request byte by byte', async () => {
    const { clock, connection, late } = exchange();
    for (const byte of 'GET / H') {
      connection.receive(byte);
      await clock.advance(SECOND);
    }
    expect(late()).toBe('slow');
  });

  it('may ask again for half a minute, however often', async () => {
    const { clock, connection, late } = exchange();
    for (let again = 0; again < 5; again++) {
      connection.receive(GET);
      connection.take();
      await clock.advance(HTTP_IDLE_TIMEOUT_MS - SECOND);
      expect(late()).toBeUndefined();
    }
    await clock.advance(2 * SECOND);
    expect(late()).toBe('idle');
  });

  it('has the same time for each request', async () => {
    const { clock, connection, late } = exchange();
    connection.receive(GET);
    connection.take();
    await clock.advance(20 * SECOND);
    connection.receive('GET ');
    await clock.advance(HTTP_HEAD_TIMEOUT_MS - SECOND);
    expect(late()).toBeUndefined();
    // The end of one request and the begin of the next.
    connection.receive(`${GET.slice('GET '.length)}GET /`);
    connection.take();
    await clock.advance(HTTP_HEAD_TIMEOUT_MS - SECOND);
    expect(late()).toBeUndefined();
    await clock.advance(2 * SECOND);
    expect(late()).toBe('slow');
  });

  it('that does not take its response is slow, whatever it asks meanwhile', async () => {
    const { clock, connection, late } = exchange();
    for (let asked = 0; asked < 15; asked++) {
      connection.receive(GET);
      await clock.advance(SECOND);
    }
    expect(late()).toBe('slow');
  });

  it('has longer for a large response', async () => {
    const { clock, connection, late } = exchange('x'.repeat(1_000_000));
    connection.receive(GET);
    await clock.advance(60 * SECOND);
    expect(late()).toBeUndefined();
    await clock.advance(20 * SECOND);
    expect(late()).toBe('slow');
  });

  it('is not slow while it waits for room itself', async () => {
    const { clock, connection, late } = exchange('x'.repeat(1_000));
    connection.receive(`${GET.repeat(100)}GET /`);
    await clock.advance(HTTP_HEAD_TIMEOUT_MS + SECOND);
    expect(late()).toBeUndefined();
    for (let turn = 0; turn < 10; turn++) connection.take();
    await clock.advance(HTTP_HEAD_TIMEOUT_MS - SECOND);
    expect(late()).toBeUndefined();
    await clock.advance(2 * SECOND);
    expect(late()).toBe('slow');
  });
});
