import { createServer, type OnReadOpts, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { LanshareError, systemErrorCode } from '../errors.ts';
import { RECEIVE_BUFFER_BYTES } from '../limits.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { type Endpoint, unmapAddress } from './endpoint.ts';
import type { Connection, ConnectionHandlers, Listener, Network } from './network.ts';

export const tcpNetwork: Network = { dial, listen };

const KEEP_ALIVE_AFTER_MS = 30_000;

/** Windows fills buffers in the background, and may still do so when their owner has taken them back. */
const RECEIVES_IN_PLACE = process.platform !== 'win32';

/**
 * One buffer serves all sockets: libuv fills it and calls back within one turn, and `onData`
 * may not keep it. Windows fills buffers in the background, so there each socket has its own.
 */
let sharedReceiveBuffer: Uint8Array | undefined;

function receiveBuffer(): Uint8Array {
  if (process.platform === 'win32') return Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
  sharedReceiveBuffer ??= Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
  return sharedReceiveBuffer;
}

interface Receiving {
  readonly onread: OnReadOpts & { buffer(): Uint8Array };
  readonly attach: (handlers: ConnectionHandlers) => void;
}

/** What one socket receives into, and who is told of it. */
function receivingFor(): Receiving {
  const own = receiveBuffer();
  let handlers: ConnectionHandlers | undefined;
  return {
    onread: {
      // Called after each read, for the next one.
      buffer: () => (RECEIVES_IN_PLACE ? handlers?.receiveInto?.() : undefined) ?? own,
      callback(length, buffer) {
        handlers?.onData(buffer.subarray(0, length));
        return true;
      },
    },
    attach(opened) {
      handlers = opened;
    },
  };
}

function dial(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const receiving = receivingFor();
    const socket = tcpConnect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
      onread: receiving.onread,
    });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      // Nothing may arrive before somebody listens.
      socket.pause();
      socket.removeAllListeners('error');
      resolve(new TcpConnection(socket, receiving.attach));
    });
  });
}

async function listen(
  port: number,
  onConnection: (connection: Connection) => void,
  host?: string,
): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: true }, (socket) => {
    const receiving = receivingFor();
    onConnection(new TcpConnection(acceptedSocket(socket, receiving.onread), receiving.attach));
  });
  try {
    await listenOn(server, port, host ?? '::');
  } catch (error) {
    // A machine without IPv6.
    const isWithoutIpv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(systemErrorCode(error) ?? '');
    if (host !== undefined || !isWithoutIpv6) throw listenError(error, port);
    await listenOn(server, port, '0.0.0.0').catch((second: unknown) => {
      throw listenError(second, port);
    });
  }
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listenOn(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      // Too many open files while accepting: that connection is lost, the listener is not.
      server.on('error', () => {});
      resolve();
    });
  });
}

/** Why nothing could be bound to a port, TCP or UDP. */
export function listenError(error: unknown, port: number): LanshareError {
  const code = systemErrorCode(error);
  if (code === 'EADDRINUSE') {
    return new LanshareError(
      'PORT_IN_USE',
      `port ${port} is in use by another program`,
      'choose another one with --port, or leave --port out to take any free one',
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new LanshareError(
      'NETWORK',
      `port ${port} needs more rights than you have`,
      'choose a port above 1023',
      {
        cause: error,
      },
    );
  }
  if (code === 'EADDRNOTAVAIL') {
    return new LanshareError(
      'NETWORK',
      'cannot listen on an address that is none of this machine',
      'leave --host out to listen on all',
      { cause: error },
    );
  }
  return new LanshareError(
    'NETWORK',
    `cannot listen on port ${port}: ${code ?? String(error)}`,
    'choose another --port',
    {
      cause: error,
    },
  );
}

class TcpConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #attach: (handlers: ConnectionHandlers) => void;
  #error: string | undefined;

  constructor(socket: Socket, attach: (handlers: ConnectionHandlers) => void) {
    this.#socket = socket;
    this.#attach = attach;
    this.remote = { host: unmapAddress(socket.remoteAddress ?? 'unknown'), port: socket.remotePort ?? 0 };
    this.local = { host: unmapAddress(socket.localAddress ?? 'unknown'), port: socket.localPort ?? 0 };
    socket.on('error', (error) => {
      this.#error = systemErrorCode(error) ?? error.message;
    });
  }

  open(handlers: ConnectionHandlers): void {
    if (this.#socket.destroyed) {
      queueMicrotask(() => handlers.onClose(this.#error));
      return;
    }
    this.#attach(handlers);
    this.#socket.once('close', () => handlers.onClose(this.#error));
    // The other side is done: nothing more of ours is wanted either.
    this.#socket.once('end', () => this.#socket.destroySoon());
    this.#socket.resume();
  }

  write(chunks: readonly Uint8Array[], sent?: () => void): void {
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (socket.destroyed || socket.writableEnded || last < 0) {
      if (sent !== undefined) queueMicrotask(sent);
      return;
    }
    socket.cork();
    chunks.forEach((chunk, at) => {
      if (at === last && sent !== undefined) socket.write(chunk, () => sent());
      else socket.write(chunk);
    });
    socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.destroySoon();
  }

  shutdown(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
