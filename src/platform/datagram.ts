import type { Endpoint } from './endpoint.ts';

/** One UDP socket, of one address family. */
export interface DatagramSocket {
  /** The address and port it is bound to. */
  readonly local: Endpoint;
  /**
   * Hands the datagram to the system before it returns, so that a goodbye is out when the process ends.
   * `to.host` is an address, never a host name. A failure goes to `onError`; nobody waits for a datagram.
   */
  send(bytes: Uint8Array, to: Endpoint): void;
  /**
   * Hears a multicast group on the interface of `membership` (the IPv4 address of an interface, or `::%name`).
   * Already a member is no error; throws the system's error otherwise.
   */
  join(group: string, membership: string): void;
  /** Not a member, or the interface gone, is no error. */
  leave(group: string, membership: string): void;
  close(): Promise<void>;
}

export interface DatagramHandlers {
  /** The bytes belong to the receiver. An IPv6 link-local `from.host` has its scope: `fe80::1%eth0`. */
  onDatagram(bytes: Uint8Array, from: Endpoint): void;
  /** A datagram could not be sent (`to` is known then), or the socket has a fault. The socket stays open. */
  onError(error: Error, to: Endpoint | undefined): void;
}

export interface DatagramOptions {
  readonly family: 'IPv4' | 'IPv6';
  /** An own address, a multicast group (only what goes to it is received then), or `0.0.0.0` / `::`. */
  readonly address: string;
  /** 0 takes any. */
  readonly port: number;
  /** Others on this machine may bind the same port: for group ports only. */
  readonly shared: boolean;
  /** The interface multicast goes out on, as in `join`. Default: the system's choice. */
  readonly multicastInterface?: string;
  /** IP time to live of multicast. Default 1: it stays on the link. */
  readonly multicastTtl?: number;
}

/** The machine's UDP, or a test's. */
export interface DatagramNetwork {
  /** Rejects with the system's error. */
  open(options: DatagramOptions, handlers: DatagramHandlers): Promise<DatagramSocket>;
  /** Addresses of a host name; of an address, itself. Rejects with the system's error. */
  resolve(host: string): Promise<readonly string[]>;
}
