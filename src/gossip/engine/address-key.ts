import type { Endpoint } from '../../platform/endpoint.ts';

/** One address, as a key. */
export function addressKey({ host, port }: Endpoint): string {
  return `${host}|${port}`;
}
