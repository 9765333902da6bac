import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleContent } from '../../support/sample-content.ts';

export type Behaviour = (request: IncomingMessage, response: ServerResponse, file: Buffer) => void;

/** An HTTP server on this machine that has the files of a content below /pub/, and what it was asked. */
export class FileServer {
  /** `bytes=0-99 /pub/movie.bin`. */
  readonly asked: string[] = [];
  /** The most requests that were open at the same time. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #server: Server;

  static async start(content: SampleContent, behaviour: Behaviour = serveRange): Promise<FileServer> {
    const files = filesOf(content);
    const server = new FileServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      server.#opened(request, response, path);
      const file = files.get(path);
      if (file === undefined) response.writeHead(404).end('no');
      else behaviour(request, response, file);
    });
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  private constructor(onRequest: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#server = createServer(onRequest);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/pub/`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #opened(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.asked.push(`${request.headers.range} ${path}`);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    response.once('close', () => this.#atOnce--);
  }
}

export const serveRange: Behaviour = ({ headers }, response, file) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const part = file.subarray(Number(first), Number(last) + 1);
  if (Number(first) >= file.length) response.writeHead(416).end();
  else response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${file.length}` }).end(part);
};

function filesOf({ metainfo, bytes }: SampleContent): ReadonlyMap<string, Buffer> {
  return new Map(
    metainfo.files
      .filter(({ padding }) => !padding)
      .map(({ path, offset, length }) => [
        ['/pub', metainfo.name, ...path].join('/'),
        bytes.subarray(offset, offset + length),
      ]),
  );
}
