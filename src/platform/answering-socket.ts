import type { Endpoint } from './endpoint.ts';

/** Bytes of a datagram that are received; what is longer is cut. A tracker's longest request has 1,496 (BEP 15). */
export const RECEIVED_BYTES = 2_048;

/**
 * What a server says to a datagram: it reads the first `length` bytes of `received`, which came from this address and
 * port, writes into `answer`, and gives the length of the answer, 0 for none. Both memories are used again when it returns.
 */
export type Answer = (
  received: DataView,
  length: number,
  host: string,
  answer: DataView,
  port: number,
) => number;

export interface AnsweringSocketOptions {
  readonly family: 'IPv4' | 'IPv6';
  /** An own address, or `0.0.0.0` / `::`. */
  readonly address: string;
  /** 0 takes any. */
  readonly port: number;
  /** Asked of the system, which may give less. */
  readonly receiveBufferBytes: number;
  /** The longest answer. */
  readonly answerBytes: number;
  /** Answers that wait for room in the system's buffer; those beyond are dropped. */
  readonly maxWaiting: number;
}

/** A UDP socket that answers each datagram at once, to where it came from; it can say something unasked, too. */
export interface AnsweringSocket {
  readonly local: Endpoint;
  /** What it is made of. */
  readonly kind: 'udx-native' | 'node:dgram';
  /** Answers that could not be sent, so far. */
  readonly unsent: number;
  /** At most `answerBytes`, which are copied. What cannot be sent counts as unsent. */
  send(bytes: Uint8Array, to: Endpoint): void;
  close(): Promise<void>;
}

/** Rejects with the system's error. */
export type OpenAnsweringSocket = (
  options: AnsweringSocketOptions,
  answer: Answer,
) => Promise<AnsweringSocket>;
