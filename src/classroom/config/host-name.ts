import { addressBytes, canonicalAddress, unmapAddress } from '../../platform/endpoint.ts';

/** An IPv6 address may stand in brackets, as in a URL. */
export function hostAsWritten(text: string): string {
  return /^\[(.*)\]$/.exec(text)?.[1] ?? text;
}

/** A name (RFC 1123, with the `_` of real machines) or an address; an IPv6 one with a scope, where it has one. */
export function isHost(host: string): boolean {
  if (host.includes(':')) return /^[^%]+(?:%[\w.-]+)?$/.test(host) && addressBytes(host) !== undefined;
  if (/^[\d.]+$/.test(host)) return addressBytes(host) !== undefined;
  return host.length <= 253 && /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u.test(host);
}

/** Equal for two spellings of one host, as far as that can be said without asking anybody. */
export function sameHostKey(host: string): string {
  const name = canonicalAddress(unmapAddress(host.toLowerCase())).replace(/\.$/, '');
  return LOOPBACK.has(name) ? 'localhost' : name;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', 'localhost.localdomain', '127.0.0.1', '::1']);
