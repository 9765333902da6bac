import { createSocket, type Socket } from 'node:dgram';
import {
  type Answer,
  type AnsweringSocket,
  type AnsweringSocketOptions,
  type OpenAnsweringSocket,
  RECEIVED_BYTES,
} from './answering-socket.ts';
import type { Endpoint } from './endpoint.ts';

/** By node:dgram. It keeps the scope of link-local IPv6 addresses, and is there on every system. */
export const openDgramAnsweringSocket: OpenAnsweringSocket = async (options, answer) => {
  const { family, address, port } = options;
  const socket = createSocket({
    type: family === 'IPv4' ? 'udp4' : 'udp6',
    ipv6Only: family === 'IPv6',
    // At once: Node would look even an address up on a later tick, which costs a fifth of all datagrams.
    lookup: (host, _options, found) => found(null, host, family === 'IPv4' ? 4 : 6),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  try {
    socket.setRecvBufferSize(options.receiveBufferBytes);
  } catch {
    // The system's own size will do.
  }
  return answering(socket, options, answer);
};

function answering(
  socket: Socket,
  { answerBytes, maxWaiting }: AnsweringSocketOptions,
  answer: Answer,
): AnsweringSocket {
  const memory = new Uint8Array(RECEIVED_BYTES);
  const received = new DataView(memory.buffer);
  const written = Buffer.alloc(answerBytes);
  const view = new DataView(written.buffer, written.byteOffset, answerBytes);
  const { address: host, port } = socket.address();
  let closing: Promise<void> | undefined;
  let unsent = 0;
  socket.on('message', (datagram, { address, port: from }) => {
    if (isClosing()) return;
    const length = Math.min(datagram.length, RECEIVED_BYTES);
    memory.set(length < datagram.length ? datagram.subarray(0, length) : datagram);
    const answerLength = answer(received, length, address, view, from);
    if (answerLength > 0) send(written.subarray(0, answerLength), { host: address, port: from });
  });
  socket.on('error', () => {
    unsent++;
  });
  function isClosing(): boolean {
    return closing !== undefined;
  }
  function send(bytes: Uint8Array, to: Endpoint): void {
    if (isClosing()) return;
    if (to.port === 0 || socket.getSendQueueCount() >= maxWaiting) unsent++;
    // Node may keep what it is given until later.
    else socket.send(Buffer.from(bytes), to.port, to.host, onSent);
  }
  function onSent(error: Error | null): void {
    if (error !== null) unsent++;
  }
  return {
    local: { host, port },
    kind: 'node:dgram',
    get unsent() {
      return unsent;
    },
    send,
    close() {
      closing ??= new Promise((resolve) => socket.close(() => resolve()));
      return closing;
    },
  };
}
