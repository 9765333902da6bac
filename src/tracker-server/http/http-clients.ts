/** A connection as far as it matters which one has to go. */
export interface HttpClient {
  readonly address: string;
  /** Milliseconds, monotonic. */
  readonly lastRequestAt: number;
}

export interface HttpClientLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/**
 * The connections that are open. Where there is no room for another one, that goes which has not asked for the longest
 * time: of the same address where it has its share, else of all. So connections that ask nothing, however many, cost
 * those who do ask next to nothing.
 */
export class HttpClients<Client extends HttpClient> {
  readonly #limits: HttpClientLimits;
  readonly #all = new Set<Client>();
  readonly #byAddress = new Map<string, Set<Client>>();

  constructor(limits: HttpClientLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Client> {
    return this.#all[Symbol.iterator]();
  }

  /** Gives the one that has to go for it, which is not counted any more. */
  add(client: Client): Client | undefined {
    const same = this.#byAddress.get(client.address);
    const cut = this.#surplus(same);
    if (cut !== undefined) this.remove(cut);
    this.#all.add(client);
    // Looked up again: it may have gone with its last connection.
    const group = this.#byAddress.get(client.address);
    if (group === undefined) this.#byAddress.set(client.address, new Set([client]));
    else group.add(client);
    return cut;
  }

  /** Does nothing where it is not there any more. */
  remove(client: Client): void {
    if (!this.#all.delete(client)) return;
    const same = this.#byAddress.get(client.address);
    same?.delete(client);
    if (same?.size === 0) this.#byAddress.delete(client.address);
  }

  #surplus(same: ReadonlySet<Client> | undefined): Client | undefined {
    if (same !== undefined && same.size >= this.#limits.connectionsPerAddress) return idlest(same);
    return this.#all.size >= this.#limits.connections ? idlest(this.#all) : undefined;
  }
}

/** Looks at all of them, at most MAX_HTTP_CONNECTIONS: that takes less than to accept the connection did. */
function idlest<Client extends HttpClient>(clients: Iterable<Client>): Client | undefined {
  let found: Client | undefined;
  for (const client of clients) {
    if (found === undefined || client.lastRequestAt < found.lastRequestAt) found = client;
  }
  return found;
}
