import { addressBytes, addressFromBytes, unmapAddress } from '../../platform/endpoint.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';

/**
 * Reads an address into 32-bit words in network order: the first for IPv4, all four for IPv6. An IPv4 address in IPv6
 * clothes (::ffff:10.0.0.1) is IPv4; a scope is left out. Undefined where it is no address.
 */
export function readAddress(text: string, words: Uint32Array): AddressFamily | undefined {
  const ipv4 = ipv4Word(text);
  if (ipv4 !== undefined) {
    words[0] = ipv4;
    return 'IPv4';
  }
  const bytes = addressBytes(unmapAddress(text));
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const mapped = bytes.length === 16 && isMapped(view);
  for (let at = mapped ? 12 : 0, word = 0; at < bytes.length; at += 4) words[word++] = view.getUint32(at);
  return bytes.length === 4 || mapped ? 'IPv4' : 'IPv6';
}

/** Undefined where the text is not four numbers from 0 to 255; without a regular expression, for each datagram has one. */
function ipv4Word(text: string): number | undefined {
  let address = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || part > 255 || ++dots > 3) return undefined;
      address = (address << 8) | part;
      part = 0;
      digits = 0;
    } else {
      if (code < ZERO || code > NINE || ++digits > 3) return undefined;
      part = part * 10 + code - ZERO;
    }
  }
  return dots === 3 && digits > 0 && part <= 255 ? ((address << 8) | part) >>> 0 : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
function isMapped(view: DataView): boolean {
  return view.getUint32(0) === 0 && view.getUint32(4) === 0 && view.getUint32(8) === 0xffff;
}

/** The reverse. */
export function addressText(words: Uint32Array, family: AddressFamily): string {
  const bytes = new Uint8Array(family === 'IPv4' ? 4 : 16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, words[at / 4] ?? 0);
  return addressFromBytes(bytes);
}
