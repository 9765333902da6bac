import { canonicalAddress, unmapAddress } from '../platform/endpoint.ts';

/** RFC 6890: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$)/.test(plain(address));
}

/** RFC 6890: 169.254.0.0/16 and fe80::/10; at one of the former, clouds serve their secrets. */
export function isLinkLocalAddress(address: string): boolean {
  return /^(169\.254\.|fe[89ab])/i.test(plain(address));
}

function plain(address: string): string {
  return canonicalAddress(unmapAddress(address));
}
