import { MATCHES_TOLD_PER_SECOND } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import { isServed } from '../access/address-scope.ts';
import { addressText } from '../access/address-words.ts';
import type { Announcement } from './announcement.ts';
import { chosenEndpoints } from './chosen-endpoints.ts';
import { infoHashOf } from './info-hash-words.ts';
import { type Chosen, Matching } from './matching.ts';
import type { PeerTable } from './peer-table.ts';
import { type OwnAddress, Reach } from './reach.ts';
import type { Registry } from './registry.ts';

/** Somebody asked and was given these peers. */
export interface Match {
  readonly infoHash: InfoHash;
  readonly peer: Endpoint;
  readonly with: readonly Endpoint[];
}

export interface MatchmakerOptions {
  readonly registry: Registry;
  readonly ownAddress: OwnAddress;
  /** Serve addresses that are not private, too. */
  readonly allowPublic: boolean;
  /** Told of MATCHES_TOLD_PER_SECOND of those where somebody was given peers. */
  readonly onMatched?: ((match: Match) => void) | undefined;
}

/** Who is served, and whom of the registry they are given; the part of a tracker that all its protocols share. */
export class Matchmaker {
  readonly registry: Registry;
  /** That of the address that `serves` was asked about last. */
  readonly reach: Reach;
  /** How often somebody was given peers. */
  matches = 0;
  readonly #allowPublic: boolean;
  readonly #matching: Matching;
  readonly #onMatched: ((match: Match) => void) | undefined;
  #toldSecond = 0;
  #told = 0;

  constructor({ registry, ownAddress, allowPublic, onMatched }: MatchmakerOptions) {
    this.registry = registry;
    this.reach = new Reach(ownAddress);
    this.#allowPublic = allowPublic;
    this.#matching = new Matching(this.reach);
    this.#onMatched = onMatched;
  }

  /** To be asked about the address of each request, before anything else. */
  serves(address: Uint32Array, family: AddressFamily): boolean {
    return isServed(this.reach.from(address, family), this.#allowPublic);
  }

  /**
   * Writes at most `most` peers of the table, as `Matching` does, for who has just announced. Gives the end; who they
   * are is in `chosen` until the next time.
   */
  writePeers(
    table: PeerTable,
    asker: Announcement,
    most: number,
    nowSeconds: number,
    view: DataView,
    at: number,
  ): number {
    const end = this.#matching.write(table, asker, most, view, at);
    if (this.chosen.count === 0) return end;
    this.matches++;
    if (this.#onMatched !== undefined) this.#tell(this.#onMatched, table, asker, nowSeconds);
    return end;
  }

  get chosen(): Chosen {
    return this.#matching;
  }

  #tell(onMatched: (match: Match) => void, table: PeerTable, asker: Announcement, nowSeconds: number): void {
    if (nowSeconds !== this.#toldSecond) this.#told = 0;
    this.#toldSecond = nowSeconds;
    if (++this.#told > MATCHES_TOLD_PER_SECOND) return;
    onMatched({
      infoHash: infoHashOf(asker.infoHash),
      peer: { host: addressText(asker.address, asker.family), port: asker.port },
      with: chosenEndpoints(table, this.chosen, this.reach),
    });
  }
}
