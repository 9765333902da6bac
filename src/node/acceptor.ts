import { MAX_LINKS_PER_ADDRESS, MAX_LINKS_TOTAL } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import type { Introduction, LocalPeer, Welcome } from '../peer/link-setup.ts';
import { openLink } from '../peer/open-link.ts';
import type { PeerLink } from '../peer/peer-link.ts';
import type { Clock } from '../platform/clock.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection } from '../platform/network.ts';
import type { Swarm } from '../transfer/swarm.ts';
import { Handshakes } from './handshakes.ts';

export interface AcceptorOptions {
  readonly local: LocalPeer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  swarmOf(infoHash: InfoHash): Swarm | undefined;
}

/** Takes incoming connections, within limits, to the swarm that their hello asks for. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #handshakes = new Handshakes();

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  accept(connection: Connection): void {
    const { local, clock, logger, buffers } = this.#options;
    const refusal = this.#refusal(connection.remote.host);
    logger.debug({ remote: formatEndpoint(connection.remote), refusal }, 'connection accepted');
    if (refusal !== undefined) {
      // Without a listener for its errors a refused socket would bring the process down.
      connection.open({ onData: () => {}, onClose: () => {} });
      return connection.destroy();
    }
    this.#admit(connection);
    openLink(
      {
        connection,
        local,
        clock,
        logger,
        buffers,
        role: { kind: 'listener' },
        welcome: (opening, introduction) => {
          this.#handshakes.over(connection);
          return this.#welcome(opening, introduction);
        },
        onFailed: (closed) =>
          logger.debug({ remote: formatEndpoint(connection.remote), ...closed }, 'link refused'),
      },
      'lan',
      () => this.#leave(connection),
    );
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #welcome(link: PeerLink, introduction: Introduction): Welcome {
    const swarm = this.#options.swarmOf(introduction.infoHash);
    if (swarm !== undefined) return swarm.welcome(link, introduction);
    return {
      kind: 'refused',
      reason: 'unknown content',
      text: `${introduction.infoHash} is not shared here`,
    };
  }

  #refusal(address: string): string | undefined {
    if (this.#connections.size >= MAX_LINKS_TOTAL) return `${MAX_LINKS_TOTAL} links are open`;
    if ((this.#perAddress.get(address) ?? 0) >= MAX_LINKS_PER_ADDRESS)
      return `${MAX_LINKS_PER_ADDRESS} links from there`;
    return undefined;
  }

  #admit(connection: Connection): void {
    const { host } = connection.remote;
    this.#connections.add(connection);
    this.#perAddress.set(host, (this.#perAddress.get(host) ?? 0) + 1);
    const displaced = this.#handshakes.begin(connection);
    if (displaced === undefined) return;
    this.#options.logger.debug({ remote: formatEndpoint(displaced.remote) }, 'handshake displaced by others');
    displaced.destroy();
  }

  #leave(connection: Connection): void {
    const { host } = connection.remote;
    this.#handshakes.over(connection);
    this.#connections.delete(connection);
    const left = (this.#perAddress.get(host) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(host);
    else this.#perAddress.set(host, left);
  }
}
