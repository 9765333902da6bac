import { BITFIELD, CHOKE, HAVE, INTERESTED, NOT_INTERESTED, PIECE, REQUEST, UNCHOKE } from './connection.mjs';
import { PieceSet } from './pieces.mjs';

/** One neighbour: how it stands with us, and what we say to it. */
export class Neighbor {
  /** It hears nothing from us before. */
  started = false;
  /** What it said before we begin. */
  unheard = [];
  chokedByMe = true;
  chokesMe = true;
  /** It is interested in what I have; I am in what it has. */
  interested = false;
  iAmInterested = false;
  /** The piece that is asked for now, and all that ever were. */
  asked;
  everAsked = new Set();
  bytesInRound = 0;
  requestsHeard = 0;
  #connection;
  #habits;
  #losesNextRequest = false;

  constructor(id, connection, total, habits) {
    this.id = id;
    this.#connection = connection;
    this.#habits = habits;
    this.has = new PieceSet(total);
  }

  /** The first messages: a bitfield, unless there is nothing in it. */
  start(pieces) {
    this.started = true;
    if (pieces.count > 0 || this.#habits.emptyBitfield) this.#connection.send(BITFIELD, pieces.bitfield());
  }

  choke() {
    this.chokedByMe = true;
    this.#connection.send(CHOKE);
  }

  unchoke() {
    this.chokedByMe = false;
    this.#losesNextRequest = this.#habits.earlyUnchoke;
    this.#connection.send(UNCHOKE);
    if (this.#habits.unchokeTwice) this.#connection.send(UNCHOKE);
  }

  /** After a bitfield it is said in any case, later where it has changed. */
  sayInterest(wanted, always) {
    const again = this.#habits.repeatInterested && wanted;
    if (wanted === this.iAmInterested && !always && !again) return;
    this.iAmInterested = wanted;
    this.#connection.send(wanted ? INTERESTED : NOT_INTERESTED);
  }

  sendHave(index) {
    if (!this.started) return; // The bitfield will tell it.
    if (this.#habits.spareHaves && this.has.has(index)) return;
    this.#connection.send(HAVE, indexBytes(index));
  }

  sendRequest(index) {
    this.asked = index;
    this.everAsked.add(index);
    this.#connection.send(REQUEST, indexBytes(index));
  }

  sendPiece(index, bytes) {
    this.#connection.send(PIECE, Buffer.concat([indexBytes(index), bytes]));
  }

  /** Whether this request is lost, as in programs that unchoke before they listen. */
  losesRequest() {
    const loses = this.#losesNextRequest;
    this.#losesNextRequest = false;
    return loses;
  }

  end() {
    return this.#connection.end();
  }

  destroy() {
    this.#connection.destroy();
  }
}

function indexBytes(index) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(index);
  return bytes;
}
