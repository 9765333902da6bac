import type { Holding } from '../../holdings/holding.ts';
import { ANNOUNCE_MERGE_MS, ANNOUNCE_REPEATS_MS, MAX_HOLDING_TTL_MS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { announceInterval, type LanLoad, lifetime, piecesInterval, randomized } from './announce-interval.ts';
import type { Withdrawal } from './beacon-message.ts';
import { splitHoldings } from './encode-beacon.ts';

export interface Announcement {
  readonly holdings: readonly Holding[];
  readonly withdrawn: readonly Withdrawal[];
  readonly lifetimeMs: number;
}

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What the LAN has to carry. */
  load(): LanLoad;
  send(announcement: Announcement): void;
}

/**
 * When to say what we hold: a new or whole content at once and twice more soon after, a fetcher's new pieces
 * every few seconds where there is room, and everything again in turns, at an interval that grows with the number
 * of nodes.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #holdings: ReadonlyMap<InfoHash, Holding> = new Map();
  /** The holdings, a datagram each. */
  #turns: readonly (readonly Holding[])[] = [];
  #nextTurn = 0;

  #changed = new Set<InfoHash>();
  #withdrawn = new Map<InfoHash, Withdrawal>();
  #merging: Timer | undefined;
  readonly #repeats = new Set<Timer>();

  readonly #morePieces = new Set<InfoHash>();
  #piecesTimer: Timer | undefined;
  #piecesToldAt = Number.NEGATIVE_INFINITY;

  #regular: Timer | undefined;
  #regularAt: number;
  /** The lifetime that the last regular announcement promised. */
  #promisedMs = Number.POSITIVE_INFINITY;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#regularAt = options.clock.now();
  }

  get holdings(): Iterable<Holding> {
    return this.#holdings.values();
  }

  /** The lifetime that a record told now has. */
  get lifetimeMs(): number {
    return lifetime(announceInterval(this.#options.load()), Math.max(1, this.#turns.length));
  }

  /** All that we hold from now on. */
  update(holdings: readonly Holding[]): void {
    const before = this.#holdings;
    this.#holdings = new Map(holdings.map((holding) => [holding.infoHash, holding]));
    this.#turns = splitHoldings(holdings);
    for (const holding of holdings) this.#noteChange(before.get(holding.infoHash), holding);
    for (const [infoHash, { version }] of before)
      if (!this.#holdings.has(infoHash)) this.#withdrawn.set(infoHash, { infoHash, version });
    if (this.#changed.size > 0 || this.#withdrawn.size > 0) this.#tellChangesSoon();
    if (this.#morePieces.size > 0) this.#tellPiecesSoon();
    this.#keepRegular();
  }

  /** Says all again at once, as on a network that has just appeared. */
  repeatAll(): void {
    for (const infoHash of this.#holdings.keys()) this.#changed.add(infoHash);
    if (this.#changed.size > 0) this.#tellChangesSoon();
  }

  stop(): void {
    for (const timer of [this.#merging, this.#piecesTimer, this.#regular, ...this.#repeats]) timer?.cancel();
  }

  #noteChange(before: Holding | undefined, holding: Holding): void {
    const { infoHash, version, pieces } = holding;
    this.#withdrawn.delete(infoHash);
    if (before?.version === version) return;
    const onlyPieces = before?.pieces.kind === 'some' && pieces.kind === 'some' && pieces.count > 0;
    if (onlyPieces) this.#morePieces.add(infoHash);
    else this.#changed.add(infoHash);
  }

  #tellChangesSoon(): void {
    this.#merging ??= this.#options.clock.setTimer(ANNOUNCE_MERGE_MS, () => {
      this.#merging = undefined;
      const changed = [...this.#changed];
      const withdrawn = [...this.#withdrawn.values()];
      this.#changed.clear();
      this.#withdrawn.clear();
      this.#tell(changed, withdrawn);
      for (const delayMs of ANNOUNCE_REPEATS_MS) this.#repeatAfter(delayMs, changed, withdrawn);
    });
  }

  #repeatAfter(delayMs: number, changed: readonly InfoHash[], withdrawn: readonly Withdrawal[]): void {
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#repeats.delete(timer);
      this.#tell(
        changed,
        withdrawn.filter(({ infoHash }) => !this.#holdings.has(infoHash)),
      );
    });
    this.#repeats.add(timer);
  }

  #tellPiecesSoon(): void {
    const { clock, load } = this.#options;
    const intervalMs = piecesInterval(load());
    if (this.#piecesTimer !== undefined || intervalMs === undefined) return;
    const due = this.#piecesToldAt + intervalMs;
    const delayMs = Math.max(ANNOUNCE_MERGE_MS, due - clock.now());
    this.#piecesTimer = clock.setTimer(delayMs, () => {
      this.#piecesTimer = undefined;
      this.#piecesToldAt = clock.now();
      const more = [...this.#morePieces];
      this.#morePieces.clear();
      this.#tell(more, []);
    });
  }

  #tell(infoHashes: readonly InfoHash[], withdrawn: readonly Withdrawal[]): void {
    const holdings = infoHashes.flatMap((infoHash) => this.#holdings.get(infoHash) ?? []);
    if (holdings.length === 0 && withdrawn.length === 0) return;
    this.#options.send({ holdings, withdrawn, lifetimeMs: this.lifetimeMs });
  }

  #keepRegular(): void {
    if (this.#turns.length === 0) {
      this.#regular?.cancel();
      this.#regular = undefined;
    } else if (this.#regular === undefined) {
      this.#regularAt = this.#options.clock.now();
      this.#waitForTurn();
    }
  }

  #waitForTurn(): void {
    const { clock } = this.#options;
    this.#regular = clock.setTimer(Math.max(0, this.#nextRegularAt() - clock.now()), () => this.#takeTurn());
  }

  /**
   * Half the promised lifetime is the end of patience: many nodes that have just appeared stretch the interval,
   * but our records, told with a shorter lifetime before, must not end meanwhile.
   */
  #nextRegularAt(): number {
    const { random, load } = this.#options;
    const interval = randomized(announceInterval(load()), random.next());
    return this.#regularAt + Math.min(interval, this.#promisedMs / 2);
  }

  /** Timer reconsideration (RFC 3550 section 6.3.6): what has been heard meanwhile may ask for more patience. */
  #takeTurn(): void {
    const now = this.#options.clock.now();
    if (this.#nextRegularAt() <= now) {
      const holdings = this.#turns[this.#nextTurn % this.#turns.length] ?? [];
      this.#nextTurn++;
      this.#regularAt = now;
      const { lifetimeMs } = this;
      // The longest lifetime may be too short for all turns: then the bandwidth comes first, and gossip tells the rest.
      this.#promisedMs =
        lifetimeMs < MAX_HOLDING_TTL_MS ? lifetimeMs / this.#turns.length : Number.POSITIVE_INFINITY;
      this.#options.send({ holdings, withdrawn: [], lifetimeMs });
    }
    this.#waitForTurn();
  }
}
