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
  const bare = /^[0-9a-fA-F:]+(?:%[^\s:]+)?$/.exec(text);
  const match = bracketed ?? plain;
  const host = match?.[1] ?? (bare !== null && text.includes('::') ? text : undefined);
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

/** `::ffff:10.0.0.1`, as a dual-stack socket reports an IPv4 peer, is `10.0.0.1`. */
export function unmapAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
