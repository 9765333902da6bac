import { PROBE_MAX_GUESSED_PIECES } from '../../limits.ts';
import { type PieceIndex, pieceIndex } from '../../metainfo/metainfo.ts';
import { Bitfield } from '../../pieces/bitfield.ts';
import type { Conversation, Entry, Said } from './conversation.ts';
import { type Facts, type FileShape, pieceLength } from './facts.ts';

/** One side of a connection, as far as its messages tell. */
export interface Side {
  /** It chokes the other side; so it is at the start. */
  choking: boolean;
  /** undefined: it has not said. */
  interested: boolean | undefined;
  /** It said that it is interested when it was known. */
  interestedAgain: boolean;
  /** What it said it has, and what it was given. */
  readonly pieces: Bitfield;
  /** Pieces of its haves. */
  readonly told: Set<number>;
  /** Its requests without an answer, with the time of the last one. */
  readonly requests: Map<number, number>;
  /** Everything that it ever asked for, and how many pieces it may still get for that: a choke is no answer. */
  readonly owed: Map<number, number>;
  /** When it choked the other side the last time: milliseconds since the connection was made. */
  chokedAt: number;
  /** When it unchoked the other side although that was unchoked already. */
  unchokedAgainAt: number;
  /** Messages after the handshake. */
  messages: number;
}

/** Where a conversation stands: what both sides have said so far. The probe looks at it live, the rules afterwards. */
export class Dialogue {
  readonly probe: Side;
  readonly program: Side;
  readonly file: FileShape | undefined;
  /** When it was over, or could not be read any more: milliseconds since the connection was made. */
  closedAt: number | undefined;
  /** `probe.pieces` as a list: they are few, and the file may have many. */
  readonly #claims = new Set<PieceIndex>();

  constructor({ file, hasFile }: Pick<Facts, 'file' | 'hasFile'>) {
    this.file = file;
    this.probe = newSide(file);
    this.program = newSide(file);
    // One that has the file and says nothing is taken at PeerInfo.cfg's word; its bitfield is missed elsewhere.
    if (hasFile === true)
      for (let index = 0; index < this.#pieceCount; index++) this.#add(this.program, index);
  }

  apply({ at, by, said }: Entry): void {
    const [side, other] = by === 'probe' ? [this.probe, this.program] : [this.program, this.probe];
    if (said.type === 'closed' || said.type === 'unreadable') this.closedAt ??= at;
    else if (said.type !== 'handshake') {
      this.#hear(side, other, said, at);
      side.messages++;
    }
  }

  #hear(side: Side, other: Side, said: Said, at: number): void {
    switch (said.type) {
      case 'choke':
        other.requests.clear();
        if (!side.choking) side.chokedAt = at;
        side.choking = true;
        return;
      case 'unchoke':
        if (!side.choking) side.unchokedAgainAt = at;
        side.choking = false;
        return;
      case 'interested':
      case 'not interested':
        side.interestedAgain ||= said.type === 'interested' && side.interested === true;
        side.interested = said.type === 'interested';
        return;
      case 'misshapen':
        // What it means is plain; its shape is another rule.
        if (said.name === 'interested' || said.name === 'not interested' || said.name === 'unchoke')
          this.#hear(side, other, { type: said.name }, at);
        return;
      case 'have':
        side.told.add(said.index);
        return this.#add(side, said.index);
      case 'bitfield':
        return this.#replace(side, said.bits);
      case 'request':
        side.requests.set(said.index, at);
        side.owed.set(said.index, (side.owed.get(said.index) ?? 0) + 1);
        return;
      case 'piece':
        other.requests.delete(said.index);
        other.owed.set(said.index, Math.max(0, (other.owed.get(said.index) ?? 0) - 1));
        if (this.#isWhole(said.index, said.length)) this.#add(other, said.index);
        return;
      default:
    }
  }

  /** The program lacks something that the probe says it has. */
  get programShouldWant(): boolean {
    return this.lackedByProgram().next().done !== true;
  }

  /** What the probe says it has and the program lacks. */
  *lackedByProgram(): Generator<PieceIndex> {
    for (const index of this.#claims) if (!this.program.pieces.has(index)) yield index;
  }

  /** What the program has and the probe does not say it has. */
  *lackedByProbe(): Generator<PieceIndex> {
    for (const index of this.program.pieces.held()) if (!this.probe.pieces.has(index)) yield index;
  }

  has(side: Side, index: number): boolean {
    const piece = pieceIndex(index, side.pieces.size);
    return piece !== undefined && side.pieces.has(piece);
  }

  get #pieceCount(): number {
    return this.file?.pieceCount ?? 0;
  }

  #isWhole(index: number, length: number): boolean {
    return this.file === undefined || length === pieceLength(this.file, index);
  }

  #add(side: Side, index: number): void {
    const piece = pieceIndex(index, side.pieces.size);
    if (piece === undefined) return;
    side.pieces.add(piece);
    if (side === this.probe) this.#claims.add(piece);
  }

  #replace(side: Side, bits: Uint8Array): void {
    for (const index of side.pieces.held()) side.pieces.delete(index);
    if (side === this.probe) this.#claims.clear();
    for (let index = 0; index < Math.min(bits.length * 8, side.pieces.size); index++)
      if (((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0) this.#add(side, index);
  }
}

/** Each entry with what stood before it; the same `Dialogue` each time. */
export function* replay(
  conversation: Conversation,
  facts: Pick<Facts, 'file' | 'hasFile'>,
): Generator<{ readonly entry: Entry; readonly before: Dialogue }> {
  const before = new Dialogue(facts);
  for (const entry of conversation.entries) {
    yield { entry, before };
    before.apply(entry);
  }
}

function newSide(file: FileShape | undefined): Side {
  return {
    choking: true,
    interested: undefined,
    interestedAgain: false,
    pieces: new Bitfield(file?.pieceCount ?? PROBE_MAX_GUESSED_PIECES),
    told: new Set(),
    requests: new Map(),
    owed: new Map(),
    chokedAt: Number.NEGATIVE_INFINITY,
    unchokedAgainAt: Number.NEGATIVE_INFINITY,
    messages: 0,
  };
}
