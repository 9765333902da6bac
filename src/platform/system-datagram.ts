import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { systemErrorCode } from '../errors.ts';
import { DATAGRAM_RECEIVE_BUFFER_BYTES } from '../limits.ts';
import type { DatagramHandlers, DatagramNetwork, DatagramOptions, DatagramSocket } from './datagram.ts';

/** UDP of the machine, by node:dgram. */
export const systemDatagrams: DatagramNetwork = {
  async open(options, handlers) {
    const socket = createSocket({
      type: options.family === 'IPv4' ? 'udp4' : 'udp6',
      reuseAddr: options.shared,
      ipv6Only: options.family === 'IPv6',
      // Answers in the same tick. Node would look even an address up on a later one, and a datagram that is
      // sent while the process exits would stay behind.
      lookup: (host, _options, found) => found(null, host, options.family === 'IPv4' ? 4 : 6),
    });
    try {
      await bind(socket, options);
      prepare(socket, options);
    } catch (error) {
      socket.close();
      throw error;
    }
    return wrap(socket, handlers);
  },

  async resolve(host) {
    if (isIP(host.split('%')[0] ?? '') !== 0) return [host];
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },
};

function bind(socket: Socket, { address, port }: DatagramOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address: bindable(address) }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** Windows binds to no group; there a socket on every address takes its place. */
function bindable(address: string): string {
  if (process.platform !== 'win32') return address;
  if (/^ff/i.test(address)) return '::';
  const first = Number(address.split('.')[0]);
  return first >= 224 && first <= 239 ? '0.0.0.0' : address;
}

function prepare(socket: Socket, { family, multicastInterface, multicastTtl }: DatagramOptions): void {
  if (family === 'IPv4') socket.setBroadcast(true);
  if (multicastInterface !== undefined) socket.setMulticastInterface(multicastInterface);
  if (multicastTtl !== undefined) socket.setMulticastTTL(multicastTtl);
  try {
    socket.setRecvBufferSize(DATAGRAM_RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's own size will do.
  }
}

function wrap(socket: Socket, { onDatagram, onError }: DatagramHandlers): DatagramSocket {
  let closed = false;
  socket.on('message', (bytes, { address, port }) => onDatagram(bytes, { host: address, port }));
  socket.on('error', (error) => onError(error, undefined));
  const { address: host, port } = socket.address();
  return {
    local: { host, port },
    send(bytes, to) {
      if (closed) return;
      socket.send(bytes, to.port, to.host, (error) => {
        if (error !== null && !closed) onError(error, to);
      });
    },
    join(group, membership) {
      try {
        socket.addMembership(group, membership);
      } catch (error) {
        if (systemErrorCode(error) !== 'EADDRINUSE') throw error;
      }
    },
    leave(group, membership) {
      try {
        socket.dropMembership(group, membership);
      } catch {
        // The interface took the membership with it.
      }
    },
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}
