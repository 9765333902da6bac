import type { ListedPeerId } from '../config/project.ts';
import type { LogEntry } from '../log/parse-log.ts';
import { PieceLines } from './piece-lines.ts';

/** A line, and when it was written as far as that can be read. */
export interface Moment {
  readonly line: number;
  /** Milliseconds. */
  readonly time: number | undefined;
}

export interface Download extends Moment {
  readonly piece: number;
  readonly from: ListedPeerId;
  /** The source had told of it by a have that stands in the same log. */
  readonly announced: boolean;
}

/** Neighbours that were chosen. */
export interface Choice extends Moment {
  readonly by: 'rate' | 'chance';
  readonly neighbors: readonly ListedPeerId[];
}

/** What a log says about its peer and one other. */
export class NeighborFacts {
  made: Moment | undefined;
  accepted: Moment | undefined;
  connections = 0;
  /** The latest connection. What lies before it may be about an earlier life of the other side. */
  connected: Moment | undefined;
  /** The first answer to our bitfield since then: whatever we downloaded later had to be told by have. */
  interestHeard: Moment | undefined;
  timesInterested = 0;
  /** Since the latest connection; an unchoke of who was unchoked is not counted. */
  unchokes: Moment[] = [];
  unchoked = false;
  /** What it told, over all connections. */
  readonly haves = new PieceLines();
}

/** What one log says, kept so small that the logs of a whole run fit in memory. */
export class LogFacts {
  readonly peer: ListedPeerId;
  lines = 0;
  fromLine = 1;
  first: Moment | undefined;
  last: Moment | undefined;
  complete: Moment | undefined;
  /** The count that stands in the latest download, and in the first one. */
  pieces = 0;
  firstCount: number | undefined;
  readonly downloads: Download[] = [];
  readonly downloaded = new PieceLines();
  readonly choices: Choice[] = [];
  readonly #neighbors = new Map<ListedPeerId, NeighborFacts>();

  constructor(peer: ListedPeerId) {
    this.peer = peer;
  }

  /** By its own count, or by the pieces that came: programs count wrong, or go on with what they had before. */
  hasAll(pieceCount: number): boolean {
    return this.pieces === pieceCount || this.downloads.length === pieceCount;
  }

  about(other: ListedPeerId): NeighborFacts | undefined {
    return this.#neighbors.get(other);
  }

  take(entry: LogEntry): void {
    const { event } = entry;
    const moment = { line: entry.line, time: entry.time };
    this.first ??= moment;
    this.last = moment;
    switch (event.kind) {
      case 'makes connection':
        this.#connect(event.to, moment).made ??= moment;
        break;
      case 'is connected':
        this.#connect(event.from, moment).accepted ??= moment;
        break;
      case 'preferred neighbors':
        this.choices.push({ ...moment, by: 'rate', neighbors: event.neighbors });
        break;
      case 'optimistically unchoked neighbor':
        this.choices.push({ ...moment, by: 'chance', neighbors: [event.neighbor] });
        break;
      case 'unchoked':
        this.#unchoke(this.#of(event.by), moment);
        break;
      case 'choked':
        this.#of(event.by).unchoked = false;
        break;
      case 'have':
        this.#of(event.from).haves.add(event.piece, entry.line, entry.time);
        break;
      case 'interested':
        this.#of(event.from).timesInterested += 1;
        this.#of(event.from).interestHeard ??= moment;
        break;
      case 'not interested':
        this.#of(event.from).interestHeard ??= moment;
        break;
      case 'downloaded piece':
        this.#download(event.piece, event.from, moment);
        this.counted(event.pieces);
        break;
      case 'complete':
        this.complete ??= moment;
        break;
    }
  }

  /** A piece came, whichever it is. */
  counted(pieces: number): void {
    this.pieces = pieces;
    this.firstCount ??= pieces;
  }

  #connect(other: ListedPeerId, moment: Moment): NeighborFacts {
    const facts = this.#of(other);
    facts.connections += 1;
    facts.connected = moment;
    facts.interestHeard = undefined;
    facts.unchokes = [];
    facts.unchoked = false;
    return facts;
  }

  #unchoke(facts: NeighborFacts, moment: Moment): void {
    if (!facts.unchoked) facts.unchokes.push(moment);
    facts.unchoked = true;
  }

  #download(piece: number, from: ListedPeerId, moment: Moment): void {
    if (!this.downloaded.add(piece, moment.line, moment.time)) return;
    this.downloads.push({ ...moment, piece, from, announced: this.#of(from).haves.has(piece) });
  }

  #of(other: ListedPeerId): NeighborFacts {
    const facts = this.#neighbors.get(other) ?? new NeighborFacts();
    this.#neighbors.set(other, facts);
    return facts;
  }
}
