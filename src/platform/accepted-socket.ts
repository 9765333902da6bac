import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/**
 * The same connection, read as a dialled one is: into memory that `onread` gives. Node offers that for sockets that it
 * dials; what comes over an accepted one it puts into fresh memory, 64 KiB at a time, and a gigabyte of that costs
 * a quarter of all processor time of a fetch. So the handle of the accepted socket moves into a socket of ours.
 *
 * `accepted` is new and has never been read from (`pauseOnConnect`); it must not be used any more. The server waits for the
 * socket that is returned as it would have for that one.
 */
export function acceptedSocket(accepted: Socket, onread: OnReadOpts): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle');
  // Taken from Node's inside, so it may be gone one day; then what comes is read as Node likes it.
  if (!isReadableInto(handle)) return readByNode(accepted, onread);
  Reflect.set(accepted, '_handle', null);
  const options: SocketFromHandle = { handle, pauseOnCreate: true, readable: true, writable: true, onread };
  const socket = new Socket(options);
  socket.once('close', () => accepted.destroy());
  return socket;
}

/** What Node gives its sockets itself, and does not document. */
interface SocketFromHandle extends SocketConstructorOpts {
  readonly handle: object;
  readonly pauseOnCreate: boolean;
  readonly onread: OnReadOpts;
}

function isReadableInto(handle: unknown): handle is object {
  return typeof handle === 'object' && handle !== null && 'useUserBuffer' in handle;
}

function readByNode(accepted: Socket, { callback }: OnReadOpts): Socket {
  return accepted.on('data', (chunk) => callback(chunk.length, chunk));
}
