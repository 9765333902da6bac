import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { httpGet } from '../../src/platform/http-client.ts';

const names = vi.hoisted(() => new Map<string, readonly LookupAddress[]>());
vi.mock('node:dns/promises', () => ({
  lookup: async (host: string) => names.get(host) ?? [],
}));

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer((_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
});
afterEach(async () => {
  names.clear();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function ask(family?: 4 | 6) {
  const options = { signal: new AbortController().signal, maxBytes: 100, timeoutMs: 5_000 };
  return httpGet(`http://several.test:${port}/`, family === undefined ? options : { ...options, family });
}

describe('a host with several addresses', () => {
  it.each([undefined, 4] as const)('is asked at the next where one refuses (family %s)', async (family) => {
    names.set('several.test', [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    expect(await ask(family)).toMatchObject({ status: 200, address: '127.0.0.1' });
  });

  it('is asked at those of one family only where that is wanted', async () => {
    names.set('several.test', [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    expect((await ask(4)).address).toBe('127.0.0.1');
    await expect(ask(6)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('that has none of the family is a fault with a sentence', async () => {
    names.set('several.test', [{ address: '127.0.0.1', family: 4 }]);
    await expect(ask(6)).rejects.toThrow(`several.test:${port} has no IPv6 address`);
  });
});
