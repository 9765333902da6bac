import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HTTP_KEEP_ALIVE_MS } from '../limits.ts';

/** Connections to HTTP servers that are kept between requests, for who asks the same server again and again. */
export class HttpConnections {
  readonly #http = new HttpAgent({ keepAlive: true, timeout: HTTP_KEEP_ALIVE_MS });
  readonly #https = new HttpsAgent({ keepAlive: true, timeout: HTTP_KEEP_ALIVE_MS });

  agentFor(url: URL): HttpAgent {
    return url.protocol === 'https:' ? this.#https : this.#http;
  }

  /** Ends all of them, also those in use. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}
