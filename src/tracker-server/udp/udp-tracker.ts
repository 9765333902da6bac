import { systemErrorCode } from '../../errors.ts';
import { MAX_ANSWERS_WAITING, MAX_UDP_ANSWER_BYTES, TRACKER_RECEIVE_BUFFER_BYTES } from '../../limits.ts';
import type { AnsweringSocket, OpenAnsweringSocket } from '../../platform/answering-socket.ts';
import { addressBytes, type Endpoint } from '../../platform/endpoint.ts';
import { onceATurn } from '../../platform/once-a-turn.ts';
import { openAnsweringSocket } from '../../platform/system-answering-socket.ts';
import { listenError } from '../../platform/tcp-network.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import type { UdpAnswers } from './udp-answers.ts';

export interface UdpTrackerOptions {
  /** 0 takes any that is free for both families. */
  readonly port: number;
  /** The address to listen on. Default: all, IPv4 and IPv6. */
  readonly host?: string | undefined;
  readonly answers: UdpAnswers;
  /** What else comes to this port. */
  readonly others?: OtherDatagrams | undefined;
  /** Unix time. */
  readonly nowSeconds: () => number;
  /** Default: this machine's. */
  readonly open?: OpenAnsweringSocket;
}

/** Another protocol's datagrams on the tracker's port. */
export interface OtherDatagrams {
  /** The number that they begin with, of four bytes. Of a tracker's connection ids, one in 2^32 begins so, too. */
  readonly magic: number;
  /** Whether it was one. The bytes belong to the receiver. */
  receive(bytes: Uint8Array, from: Endpoint): boolean;
}

/** A tracker's UDP sockets: one for IPv4, one for IPv6, on one port number. */
export interface UdpTracker {
  readonly port: number;
  readonly sockets: readonly AnsweringSocket[];
  /** Answers that could not be sent, so far. */
  readonly unsent: number;
  /** Says something unasked, by the socket of that family. */
  send(bytes: Uint8Array, to: Endpoint): void;
  close(): Promise<void>;
}

/** Any free port of one family may be taken in the other: then another one is tried. */
const TRIES_FOR_ANY_PORT = 16;

/** Rejects with PORT_IN_USE or NETWORK. */
export async function openUdpTracker(options: UdpTrackerOptions): Promise<UdpTracker> {
  const sockets = await openBoth(options, options.port === 0 ? TRIES_FOR_ANY_PORT : 1);
  return {
    port: sockets[0]?.local.port ?? options.port,
    sockets,
    get unsent() {
      return sockets.reduce((sum, { unsent }) => sum + unsent, 0);
    },
    send(bytes, to) {
      const isFamily = ({ local }: AnsweringSocket): boolean => familyOf(local.host) === familyOf(to.host);
      sockets.find(isFamily)?.send(bytes, to);
    },
    async close() {
      await Promise.all(sockets.map((socket) => socket.close()));
    },
  };
}

async function openBoth(options: UdpTrackerOptions, tries: number): Promise<readonly AnsweringSocket[]> {
  const sockets: AnsweringSocket[] = [];
  for (const [family, address] of addressesOf(options.host)) {
    const port = sockets[0]?.local.port ?? options.port;
    try {
      sockets.push(await openOne(options, family, address, port));
    } catch (error) {
      if (options.host === undefined && isWithoutFamily(error)) continue;
      await Promise.all(sockets.map((socket) => socket.close()));
      if (tries > 1 && sockets.length > 0) return openBoth(options, tries - 1);
      throw listenError(error, port);
    }
  }
  return sockets;
}

function addressesOf(host: string | undefined): readonly (readonly [AddressFamily, string])[] {
  if (host !== undefined) return [[familyOf(host), host]];
  return [
    ['IPv4', '0.0.0.0'],
    ['IPv6', '::'],
  ];
}

function familyOf(address: string): AddressFamily {
  return addressBytes(address)?.length === 4 ? 'IPv4' : 'IPv6';
}

/** A machine without IPv6, say. */
function isWithoutFamily(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}

function openOne(
  { answers, others, nowSeconds, open = openAnsweringSocket }: UdpTrackerOptions,
  family: AddressFamily,
  address: string,
  port: number,
): Promise<AnsweringSocket> {
  const settings = {
    family,
    address,
    port,
    receiveBufferBytes: TRACKER_RECEIVE_BUFFER_BYTES,
    answerBytes: MAX_UDP_ANSWER_BYTES,
    maxWaiting: MAX_ANSWERS_WAITING,
  };
  const now = onceATurn(nowSeconds);
  return open(settings, (received, length, host, answer, from) => {
    if (others !== undefined && isOther(others, received, length, host, from)) return 0;
    return answers.answer(received, length, host, answer, now());
  });
}

function isOther(
  others: OtherDatagrams,
  received: DataView,
  length: number,
  host: string,
  port: number,
): boolean {
  if (length < 4 || received.getUint32(0) !== others.magic) return false;
  return others.receive(new Uint8Array(received.buffer, received.byteOffset, length).slice(), { host, port });
}
