import type { Endpoint } from './endpoint.ts';

/** One reliable byte stream to a peer: a TCP socket, or a pair of ends in a test's memory. */
export interface Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;

  /** Starts the flow of bytes; to be called once, before anything arrives. */
  open(handlers: ConnectionHandlers): void;
  /**
   * Sends the chunks in order as one vectored write. `sent` is called when the chunks may be reused:
   * after they went to the kernel, or when the connection is gone.
   */
  write(chunks: readonly Uint8Array[], sent?: () => void): void;
  /** Stops and restarts `onData`, for a rate limit. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. What the other side still sends may reset it before it has read all. */
  end(): void;
  /** Sends what is queued and says that nothing follows; closes when the other side has ended, too. */
  shutdown(): void;
  /** Closes now. `onClose` follows. */
  destroy(): void;
}

export interface ConnectionHandlers {
  /** The chunk is valid only during the call: its memory is used again. */
  onData(chunk: Uint8Array): void;
  /**
   * Asked before bytes are received: memory of the owner's that they may be put into right away; undefined for the
   * connection's own. A connection may do without asking.
   */
  receiveInto?(): Uint8Array | undefined;
  /** Exactly once, whoever closed; `error` is a system error's text, if there was one. */
  onClose(error: string | undefined): void;
}

export interface Listener {
  /** The port it got. */
  readonly port: number;
  close(): Promise<void>;
}

export interface Network {
  /** Rejects with the system's error, or when the signal aborts. */
  dial(endpoint: Endpoint, signal: AbortSignal): Promise<Connection>;
  /** Port 0 takes any; `host` is the address to listen on, default all. Rejects with PORT_IN_USE or NETWORK. */
  listen(port: number, onConnection: (connection: Connection) => void, host?: string): Promise<Listener>;
}
