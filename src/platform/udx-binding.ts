import { createRequire } from 'node:module';

/**
 * The native half of the package udx-native: a UDP socket of libuv that is called without the detours of node:dgram.
 * Its JavaScript half, which brings objects and an event emitter for each datagram, is left out: that halves what a
 * datagram costs. The package's version is pinned for this.
 */
export interface UdxBinding {
  readonly sizeof_udx_napi_t: number;
  readonly sizeof_udx_napi_socket_t: number;
  readonly sizeof_udx_socket_send_t: number;
  /** `received` is where datagrams are put. */
  udx_napi_init(udx: Buffer, received: Buffer): void;
  udx_napi_socket_init(
    udx: Buffer,
    socket: Buffer,
    context: object,
    onSend: (id: number, status: number) => void,
    /** Gives where the next one is to be put. */
    onMessage: (length: number, port: number, host: string, family: number) => Buffer,
    onClose: () => void,
    /** The same, after `onMessage` has thrown. */
    reallocate: () => Buffer,
  ): void;
  /** Gives the port. Throws the system's error. */
  udx_napi_socket_bind(socket: Buffer, port: number, host: string, family: 4 | 6, flags: number): number;
  udx_napi_socket_set_recv_buffer_size(socket: Buffer, bytes: number): void;
  /** `request` and `bytes` are in use until `onSend` is called with `id`, which mostly happens before it returns. */
  udx_napi_socket_send_ttl(
    socket: Buffer,
    request: Buffer,
    id: number,
    bytes: Buffer,
    port: number,
    host: string,
    family: 4 | 6,
    ttl: number,
  ): void;
  /** Nothing may be sent any more: the process would be aborted. */
  udx_napi_socket_close(socket: Buffer): void;
}

const FUNCTIONS: readonly (keyof UdxBinding)[] = [
  'udx_napi_init',
  'udx_napi_socket_init',
  'udx_napi_socket_bind',
  'udx_napi_socket_set_recv_buffer_size',
  'udx_napi_socket_send_ttl',
  'udx_napi_socket_close',
];
const SIZES: readonly (keyof UdxBinding)[] = [
  'sizeof_udx_napi_t',
  'sizeof_udx_napi_socket_t',
  'sizeof_udx_socket_send_t',
];

/** Undefined where the package has no binary for this machine, or is another one than we know. */
export function loadUdxBinding(): UdxBinding | undefined {
  try {
    const binding: unknown = createRequire(import.meta.url)('udx-native/binding.js');
    return isUdxBinding(binding) ? binding : undefined;
  } catch {
    return undefined;
  }
}

function isUdxBinding(binding: unknown): binding is UdxBinding {
  if (typeof binding !== 'object' || binding === null) return false;
  const members = new Map<string, unknown>(Object.entries(binding));
  return (
    FUNCTIONS.every((name) => typeof members.get(name) === 'function') &&
    SIZES.every((name) => typeof members.get(name) === 'number')
  );
}
