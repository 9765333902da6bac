import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_HTTP_REDIRECTS } from '../../src/limits.ts';
import { createHttpGet, type HttpGetOptions, httpGet } from '../../src/platform/http-client.ts';
import { HttpConnections } from '../../src/platform/http-connections.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Its address: `http://127.0.0.1:port`. */
async function serve(handler: Handler, host = '127.0.0.1'): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://${host}:${address.port}`;
}

function options(more: Partial<HttpGetOptions> = {}): HttpGetOptions {
  return { signal: new AbortController().signal, maxBytes: 10_000, timeoutMs: 5_000, ...more };
}

function redirectTo(location: string, status = 302): Handler {
  return (_, response) => response.writeHead(status, { location }).end();
}

describe('a GET', () => {
  it('gives status, headers and body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(206, { 'x-range': request.headers.range }).end(`you asked for ${request.url}`);
    });
    const answer = await httpGet(`${url}/a?b=%01`, options({ headers: { range: 'bytes=0-9' } }));
    expect(answer).toMatchObject({ status: 206, headers: { 'x-range': 'bytes=0-9' } });
    expect(Buffer.from(answer.body).toString()).toBe('you asked for /a?b=%01');
  });

  it('finds a host by its name', async () => {
    const url = await serve((_, response) => response.end('here'));
    const answer = await httpGet(url.replace('127.0.0.1', 'localhost'), options());
    expect(Buffer.from(answer.body).toString()).toBe('here');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('inflates %s', async (encoding, compress) => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('hello '.repeat(100)));
    });
    const { body } = await httpGet(url, options());
    expect(Buffer.from(body).toString()).toBe('hello '.repeat(100));
  });

  it('uses a connection again where connections are kept, and closes them in the end', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('again');
    });
    const connections = new HttpConnections();
    for (let times = 0; times < 3; times++) await httpGet(url, options({ connections }));
    expect(ports.size).toBe(1);
    connections.close();
    await httpGet(url, options());
    expect(ports.size).toBe(2);
  });
});

describe('a kept connection', () => {
  it('that the server ends when it is used again is replaced by a new one', async () => {
    const requests = new Map<object, number>();
    const url = await serve((request, response) => {
      const before = requests.get(request.socket) ?? 0;
      requests.set(request.socket, before + 1);
      if (before === 0) response.end('here');
      else request.socket.destroy();
    });
    const connections = new HttpConnections();
    for (let times = 0; times < 3; times++) {
      const { body } = await httpGet(url, options({ connections }));
      expect(Buffer.from(body).toString()).toBe('here');
    }
    expect([...requests.values()].some((count) => count > 1)).toBe(true);
    connections.close();
  });
});

describe('a GET is ended', () => {
  it('by the signal, with its reason', async () => {
    const abort = new AbortController();
    const url = await serve(() => abort.abort(new Error('enough')));
    await expect(httpGet(url, options({ signal: abort.signal }))).rejects.toThrow('enough');
    await expect(httpGet(url, options({ signal: abort.signal }))).rejects.toThrow('enough');
  });

  it('when its time is up, also while the body drips', async () => {
    const silent = await serve(() => {});
    const dripping = await serve((request, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      request.socket.once('close', () => clearInterval(timer));
    });
    for (const url of [silent, dripping])
      await expect(httpGet(url, options({ timeoutMs: 300 }))).rejects.toMatchObject({
        code: 'NETWORK',
        message: `${new URL(url).host} did not answer within 0.3 seconds`,
      });
  });

  it.each<[string, Handler]>([
    ['that says so', (_, response) => response.writeHead(200, { 'content-length': 10_001 }).write('x')],
    ['that does not say so', (_, response) => response.end(Buffer.alloc(10_001))],
    [
      'that is a bomb of gzip',
      (_, response) => {
        const bomb = gzipSync(Buffer.alloc(5_000_000));
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      },
    ],
    [
      'that is long as gzip and short inflated',
      (_, response) => {
        const empty = gzipSync('');
        const members = Buffer.concat(new Array(1_000).fill(empty));
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(members);
      },
    ],
  ])('by an answer of too many bytes %s', async (_, handler) => {
    const url = await serve(handler);
    await expect(httpGet(url, options())).rejects.toThrow('an answer of more than 10000 bytes');
  });

  it('by an answer that is cut off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    await expect(httpGet(url, options())).rejects.toThrow(/broke the connection off/);
  });

  it('by compressed data that is damaged, or compressed in another way', async () => {
    const damaged = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
    });
    await expect(httpGet(damaged, options())).rejects.toThrow(/sent damaged compressed data/);
    const brotli = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end());
    await expect(httpGet(brotli, options())).rejects.toThrow(/content encoding "br"/);
  });

  it('by a server that is not there', async () => {
    const url = await serve(() => {});
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(httpGet(url, options())).rejects.toMatchObject({
      code: 'NETWORK',
      message: `${new URL(url).host} refuses connections`,
    });
  });

  it('by a name that nobody has', async () => {
    const asked = httpGet('http://nobody.invalid/', options());
    await expect(asked).rejects.toThrow('cannot find the address of nobody.invalid');
  });

  it('by an address that is not HTTP', async () => {
    await expect(httpGet('file:///etc/passwd', options())).rejects.toThrow(/is not HTTP/);
    await expect(httpGet('nonsense', options())).rejects.toThrow(/is not HTTP/);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('of status %d is followed', async (status) => {
    const there = await serve((request, response) => response.end(`at ${request.url}`));
    const here = await serve(redirectTo(`${there}/there?x=1`, status));
    const { body } = await httpGet(`${here}/announce`, options());
    expect(Buffer.from(body).toString()).toBe('at /there?x=1');
  });

  it('may be relative', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/a/b') response.writeHead(302, { location: '../c' }).end();
      else response.end(request.url);
    });
    expect(Buffer.from((await httpGet(`${url}/a/b`, options())).body).toString()).toBe('/c');
  });

  it('is followed only so many times', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.writeHead(302, { location: '/again' }).end();
    });
    await expect(httpGet(url, options())).rejects.toThrow(/redirects more than 5 times/);
    expect(asked).toBe(MAX_HTTP_REDIRECTS + 1);
  });

  it('to what is not HTTP is refused', async () => {
    const url = await serve(redirectTo('file:///etc/passwd'));
    await expect(httpGet(url, options())).rejects.toThrow(/leads to an address that is not HTTP/);
  });
});

describe('a redirect from a public address', () => {
  const get = createHttpGet((address) => address === '127.0.0.1');

  it('to one that is not public is refused before it is asked', async () => {
    let asked = 0;
    const local = await serve((_, response) => {
      asked++;
      response.end('secret');
    }, '127.0.0.2');
    for (const target of [local, local.replace('http://127.0.0.2', 'http://0x7f.2')]) {
      const open = await serve(redirectTo(target));
      await expect(get(open, options())).rejects.toThrow(/a public server redirects to .* not public/);
    }
    expect(asked).toBe(0);
  });

  it('stays one however many public servers are between', async () => {
    const local = await serve((_, response) => response.end('secret'), '127.0.0.2');
    const second = await serve(redirectTo(local));
    const first = await serve(redirectTo(second));
    await expect(get(first, options())).rejects.toThrow(/not public/);
  });

  it('to another public one is followed, and from a local one to anywhere', async () => {
    const open = await serve((_, response) => response.end('open'));
    const local = await serve(redirectTo(open), '127.0.0.2');
    const first = await serve(redirectTo(open));
    for (const url of [first, local])
      expect(Buffer.from((await get(url, options())).body).toString()).toBe('open');
  });

  it('to a name is judged by the addresses that the name has', async () => {
    const open = await serve(redirectTo('http://localhost:1/'));
    const nowhereIsPublic = createHttpGet(() => false);
    const onlyFirst = createHttpGet(onceTrue());
    await expect(nowhereIsPublic(open, options())).rejects.toThrow(/refuses connections/);
    await expect(onlyFirst(open, options())).rejects.toThrow('redirects to localhost:1, which is not public');
  });
});

function onceTrue(): () => boolean {
  let calls = 0;
  return () => calls++ === 0;
}
