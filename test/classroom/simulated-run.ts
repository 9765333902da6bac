import type { ListedPeer, ListedPeerId, Project } from '../../src/classroom/config/project.ts';
import { listedPeerId } from '../../src/classroom/config/project.ts';
import type { LogEvent } from '../../src/classroom/log/log-event.ts';
import { logLine } from '../../src/classroom/log/sentence.ts';
import { type Random, randomInteger, shuffle } from '../../src/platform/random.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** A run of correct peers, as far as their logs show it. Times are in milliseconds. */
export interface SimulatedRunOptions {
  readonly seed: number;
  readonly peers: number;
  /** How many of the first listed have the file. */
  readonly seeders: number;
  readonly pieces: number;
  /** When each starts; 0 where nothing is said. */
  readonly startsAt?: ReadonlyMap<number, number>;
  /** Is killed, its log is lost, and it starts again a second later. */
  readonly restarts?: { readonly peer: number; readonly at: number };
}

export const BEGIN = Date.UTC(2026, 10, 21, 10, 0, 0);
const K = 2;
const P_MS = 1_000;
const M_MS = 2_000;
const GAP_MS = 1_000;
const PIECE_MS = 40;

export interface SimulatedRun {
  readonly project: Project;
  /** The lines of each log. */
  readonly logs: Map<ListedPeerId, string[]>;
}

export function simulatedRun(options: SimulatedRunOptions): SimulatedRun {
  return new Simulation(options).run();
}

export function idOf(value: number): ListedPeerId {
  const id = listedPeerId(value);
  if (id === undefined) throw new RangeError(`${value} is no ID`);
  return id;
}

type Message =
  | { readonly kind: 'unchoke' | 'choke' | 'interested' | 'not interested' }
  | { readonly kind: 'bitfield'; readonly pieces: readonly number[] }
  | { readonly kind: 'have' | 'request' | 'piece'; readonly piece: number };

/** One side of a link. */
interface Side {
  readonly other: Process;
  readonly theirs: Set<number>;
  interestSaid: boolean | undefined;
  wantsOurs: boolean;
  unchokedByUs: boolean;
  unchokesUs: boolean;
  asked: number | undefined;
  lastArrival: number;
}

/** One life of a peer. */
interface Process {
  readonly listed: ListedPeer;
  readonly lines: string[];
  readonly pieces: Set<number>;
  readonly links: Map<ListedPeerId, Side>;
  preferred: readonly ListedPeerId[];
  optimistic: ListedPeerId | undefined;
  alive: boolean;
}

class Simulation {
  readonly #options: SimulatedRunOptions;
  readonly #random: Random;
  readonly #project: Project;
  readonly #processes = new Map<ListedPeerId, Process>();
  #now = 0;
  #events: { readonly at: number; readonly act: () => void }[] = [];

  constructor(options: SimulatedRunOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#project = {
      common: {
        preferredNeighbors: K,
        unchokingIntervalSeconds: P_MS / 1000,
        optimisticUnchokingIntervalSeconds: M_MS / 1000,
        fileName: 'file',
        fileSize: options.pieces * 100,
        pieceSize: 100,
      },
      peers: Array.from({ length: options.peers }, (_, index) => ({
        id: idOf(1001 + index),
        host: 'localhost',
        port: 6001 + index,
        hasFile: index < options.seeders,
      })),
    };
  }

  run(): SimulatedRun {
    const { startsAt, restarts } = this.#options;
    for (const listed of this.#project.peers) {
      this.#after(startsAt?.get(listed.id) ?? 0, () => this.#start(listed));
      if (restarts?.peer !== listed.id) continue;
      this.#after(restarts.at, () => this.#kill(listed.id));
      this.#after(restarts.at + GAP_MS, () => this.#start(listed));
    }
    for (let event = this.#next(); event !== undefined; event = this.#next()) {
      this.#now = event.at;
      event.act();
    }
    return {
      project: this.#project,
      logs: new Map([...this.#processes].map(([id, { lines }]) => [id, lines])),
    };
  }

  #next(): { readonly at: number; readonly act: () => void } | undefined {
    this.#events.sort((one, other) => one.at - other.at);
    return this.#events.shift();
  }

  #after(ms: number, act: () => void): void {
    this.#events.push({ at: this.#now + ms, act });
  }

  #start(listed: ListedPeer): void {
    const all = Array.from({ length: this.#options.pieces }, (_, piece) => piece);
    const self: Process = {
      listed,
      lines: [],
      pieces: new Set(listed.hasFile ? all : []),
      links: new Map(),
      preferred: [],
      optimistic: undefined,
      alive: true,
    };
    this.#processes.set(listed.id, self);
    for (const other of this.#processes.values()) {
      if (other !== self && other.alive) this.#connect(self, other);
    }
    this.#after(P_MS / 2, () => this.#prefer(self));
    this.#after(P_MS / 2 + 50, () => this.#tryAnother(self));
  }

  #kill(id: ListedPeerId): void {
    const victim = this.#processes.get(id);
    if (victim === undefined) throw new Error('it has not been started');
    victim.alive = false;
    for (const { other } of victim.links.values()) other.links.delete(id);
  }

  #connect(one: Process, other: Process): void {
    const { peers } = this.#project;
    const [earlier, later] =
      peers.indexOf(one.listed) < peers.indexOf(other.listed) ? [one, other] : [other, one];
    later.links.set(earlier.listed.id, newSide(earlier));
    earlier.links.set(later.listed.id, newSide(later));
    this.#log(later, { kind: 'makes connection', to: earlier.listed.id });
    this.#log(earlier, { kind: 'is connected', from: later.listed.id });
    this.#send(one, other.listed.id, { kind: 'bitfield', pieces: [...one.pieces] });
    this.#send(other, one.listed.id, { kind: 'bitfield', pieces: [...other.pieces] });
  }

  #send(self: Process, to: ListedPeerId, message: Message): void {
    const side = self.links.get(to);
    const back = side?.other.links.get(self.listed.id);
    if (side === undefined || back === undefined) return;
    const wayMs = 1 + randomInteger(this.#random, 15) + (message.kind === 'piece' ? PIECE_MS : 0);
    side.lastArrival = Math.max(side.lastArrival, this.#now + wayMs);
    this.#after(side.lastArrival - this.#now, () => {
      if (side.other.alive && side.other.links.get(self.listed.id) === back) {
        this.#receive(side.other, back, message);
      }
    });
  }

  #receive(self: Process, side: Side, message: Message): void {
    const from = side.other.listed.id;
    switch (message.kind) {
      case 'bitfield':
        for (const piece of message.pieces) side.theirs.add(piece);
        this.#decide(self, side);
        break;
      case 'have':
        this.#log(self, { kind: 'have', from, piece: message.piece });
        side.theirs.add(message.piece);
        this.#decide(self, side);
        break;
      case 'interested':
      case 'not interested':
        this.#log(self, { kind: message.kind, from });
        side.wantsOurs = message.kind === 'interested';
        break;
      case 'unchoke':
        this.#log(self, { kind: 'unchoked', by: from });
        side.unchokesUs = true;
        break;
      case 'choke':
        this.#log(self, { kind: 'choked', by: from });
        side.unchokesUs = false;
        side.asked = undefined;
        break;
      case 'request':
        if (side.unchokedByUs) this.#send(self, from, { kind: 'piece', piece: message.piece });
        break;
      case 'piece':
        this.#takePiece(self, side, message.piece);
        break;
    }
    this.#ask(self, side);
  }

  #takePiece(self: Process, side: Side, piece: number): void {
    side.asked = undefined;
    if (self.pieces.has(piece)) return;
    self.pieces.add(piece);
    const from = side.other.listed.id;
    this.#log(self, { kind: 'downloaded piece', piece, from, pieces: self.pieces.size });
    if (self.pieces.size === this.#options.pieces) this.#log(self, { kind: 'complete' });
    for (const [id, other] of self.links) {
      this.#send(self, id, { kind: 'have', piece });
      this.#decide(self, other);
    }
  }

  #decide(self: Process, side: Side): void {
    const interested = [...side.theirs].some((piece) => !self.pieces.has(piece));
    if (side.interestSaid === interested) return;
    side.interestSaid = interested;
    this.#send(self, side.other.listed.id, { kind: interested ? 'interested' : 'not interested' });
  }

  #ask(self: Process, side: Side): void {
    if (!side.unchokesUs || side.asked !== undefined) return;
    const asked = new Set([...self.links.values()].map((link) => link.asked));
    const wanted = [...side.theirs].filter((piece) => !self.pieces.has(piece) && !asked.has(piece));
    const piece = wanted[randomInteger(this.#random, wanted.length)];
    if (piece === undefined) return;
    side.asked = piece;
    this.#send(self, side.other.listed.id, { kind: 'request', piece });
  }

  #prefer(self: Process): void {
    if (!self.alive || this.#over()) return;
    this.#after(P_MS, () => this.#prefer(self));
    const interested = [...self.links].filter(([, { wantsOurs }]) => wantsOurs).map(([id]) => id);
    const before = self.preferred;
    self.preferred = shuffle(this.#random, interested).slice(0, K);
    const changed =
      self.preferred.length !== before.length || self.preferred.some((id) => !before.includes(id));
    if (changed && self.preferred.length > 0) {
      this.#log(self, { kind: 'preferred neighbors', neighbors: self.preferred });
    }
    this.#unchoke(self);
  }

  #tryAnother(self: Process): void {
    if (!self.alive || this.#over()) return;
    this.#after(M_MS, () => this.#tryAnother(self));
    const choked = [...self.links]
      .filter(([, side]) => side.wantsOurs && !side.unchokedByUs)
      .map(([id]) => id);
    self.optimistic = choked[randomInteger(this.#random, choked.length)];
    if (self.optimistic !== undefined) {
      this.#log(self, { kind: 'optimistically unchoked neighbor', neighbor: self.optimistic });
    }
    this.#unchoke(self);
  }

  #unchoke(self: Process): void {
    for (const [id, side] of self.links) {
      const chosen = self.preferred.includes(id) || self.optimistic === id;
      if (chosen === side.unchokedByUs) continue;
      side.unchokedByUs = chosen;
      this.#send(self, id, { kind: chosen ? 'unchoke' : 'choke' });
    }
  }

  #over(): boolean {
    const { peers } = this.#project;
    return peers.every(({ id }) => this.#processes.get(id)?.pieces.size === this.#options.pieces);
  }

  #log(self: Process, event: LogEvent): void {
    self.lines.push(logLine(BEGIN + this.#now, self.listed.id, event));
  }
}

function newSide(other: Process): Side {
  return {
    other,
    theirs: new Set(),
    interestSaid: undefined,
    wantsOurs: false,
    unchokedByUs: false,
    unchokesUs: false,
    asked: undefined,
    lastArrival: 0,
  };
}
