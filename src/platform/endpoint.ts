/** An address as it was heard from or given: IPv4, IPv6 (with `%scope` where link-local), or a host name. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `10.77.0.2:47470`, `[fe80::1%eth0]:47470`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host`, `host:port`, `[v6]:port` and a bare v6 address; undefined where it is none of them. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  const [, host = text, digits] = bracketed ?? plain ?? [];
  // `fd77::1:47470` is no address: with a port, it stands in brackets.
  const isHost = host.includes(':') ? /^\S+$/.test(host) && addressBytes(host) !== undefined : plain !== null;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (!isHost || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

/** `::ffff:10.0.0.1`, as a dual-stack socket reports an IPv4 peer, is `10.0.0.1`. */
export function unmapAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** 4 bytes of an IPv4 address, 16 of an IPv6 one (without its scope); undefined for anything else. */
export function addressBytes(address: string): Uint8Array | undefined {
  return address.includes(':') ? ipv6Bytes(address.split('%')[0] ?? '') : ipv4Bytes(address);
}

/** The reverse, of 4 or 16 bytes; IPv6 as RFC 5952 writes it, as does the system. */
export function addressFromBytes(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** As the system spells it, so that it can be compared with where a datagram came from. */
export function canonicalAddress(address: string): string {
  const [, scope] = address.split('%');
  const bytes = addressBytes(address);
  if (bytes === undefined) return address;
  return scope === undefined ? addressFromBytes(bytes) : `${addressFromBytes(bytes)}%${scope}`;
}

function ipv4Bytes(address: string): Uint8Array | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const parts = address.split('.').map(Number);
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}

/** RFC 4291 section 2.2, with the dotted form at the end, too. */
function ipv6Bytes(address: string): Uint8Array | undefined {
  const [head, tail, ...more] = address.split('::');
  if (head === undefined || more.length > 0) return undefined;
  const first = groupBytes(head);
  const last = tail === undefined ? [] : groupBytes(tail);
  if (first === undefined || last === undefined) return undefined;
  const missing = 16 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...first, ...new Array<number>(missing).fill(0), ...last]);
}

function groupBytes(groups: string): number[] | undefined {
  const bytes: number[] = [];
  for (const group of groups === '' ? [] : groups.split(':')) {
    const dotted = ipv4Bytes(group);
    if (dotted !== undefined) bytes.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** RFC 5952 section 4: no leading zeros, lower case, the first of the longest runs of zeros shortened. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  const text = groups.join(':');
  let start = 0;
  let length = 0;
  for (const run of text.matchAll(/\b0(?::0)+\b/g)) {
    if (run[0].length <= length) continue;
    start = run.index;
    length = run[0].length;
  }
  if (length === 0) return text;
  return (text.slice(0, start) || ':') + (text.slice(start + length) || ':');
}
