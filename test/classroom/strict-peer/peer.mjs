import { Choking } from './choking.mjs';
import { BITFIELD, CHOKE, HAVE, INTERESTED, NOT_INTERESTED, PIECE, REQUEST, UNCHOKE } from './connection.mjs';
import { meetOthers } from './meeting.mjs';
import { Neighbor } from './neighbor.mjs';
import { PieceSet } from './pieces.mjs';
import { Requests } from './requests.mjs';

const LONGEST_GATHERING_MS = 10_000;
const CHOKE_PAUSE_MS = 150;

/** One running peer: `end(exitCode, why)` is called when it is over. */
export class Peer {
  #me;
  #peers;
  #pieces;
  #log;
  #habits;
  #end;
  #neighbors = new Map();
  /** Who was seen with the whole file; it may be gone since. */
  #complete = new Set();
  #choking;
  #requests;
  #begun = false;
  #ending = false;

  constructor({ me, project, pieces, log, habits, end }) {
    this.#me = me;
    this.#peers = project.peers;
    this.#pieces = pieces;
    this.#log = log;
    this.#habits = habits;
    this.#end = end;
    const parts = { common: project.common, neighbors: this.#neighbors, pieces, log, habits };
    this.#choking = new Choking(parts);
    this.#requests = new Requests(parts);
  }

  start() {
    meetOthers({
      me: this.#me,
      peers: this.#peers,
      habits: this.#habits,
      met: (...whom) => this.#meet(...whom),
      failed: (why) => this.#end(1, why),
    });
    if (this.#habits.waitForAll) setTimeout(() => this.#begin(), LONGEST_GATHERING_MS);
    else this.#begin();
  }

  /** From now on messages go out and are heard. */
  #begin() {
    if (this.#begun) return;
    this.#begun = true;
    if (!this.#habits.neverUnchoke) this.#choking.start();
    this.#requests.start();
    for (const neighbor of this.#neighbors.values()) this.#open(neighbor);
  }

  #meet(connection, id, dialed) {
    if (dialed) this.#log.makesConnection(id);
    else this.#log.isConnected(id);
    this.#neighbors.get(id)?.destroy();
    const neighbor = new Neighbor(id, connection, this.#pieces.total, this.#habits);
    this.#neighbors.set(id, neighbor);
    if (this.#begun) this.#open(neighbor);
    else if (this.#neighbors.size === this.#peers.length - 1) this.#begin();
    return {
      message: (type, payload) => this.#take(neighbor, type, payload),
      close: () => this.#lose(neighbor),
    };
  }

  #open(neighbor) {
    if (!this.#habits.speakSecond || neighbor.unheard.length > 0) neighbor.start(this.#pieces);
    for (const [type, payload] of neighbor.unheard.splice(0)) this.#hear(neighbor, type, payload);
  }

  #take(neighbor, type, payload) {
    if (!this.#begun) {
      neighbor.unheard.push([type, payload]);
      return;
    }
    if (!neighbor.started) neighbor.start(this.#pieces);
    this.#hear(neighbor, type, payload);
  }

  #lose(neighbor) {
    this.#requests.release(neighbor);
    if (this.#neighbors.get(neighbor.id) === neighbor) this.#neighbors.delete(neighbor.id);
    for (const other of this.#neighbors.values()) this.#requests.consider(other);
  }

  #hear(neighbor, type, payload) {
    switch (type) {
      case CHOKE:
        this.#log.choked(neighbor.id);
        neighbor.chokesMe = true;
        this.#requests.release(neighbor);
        break;
      case UNCHOKE:
        this.#log.unchoked(neighbor.id);
        neighbor.chokesMe = false;
        this.#requests.consider(neighbor);
        break;
      case INTERESTED:
        this.#log.interested(neighbor.id);
        neighbor.interested = true;
        break;
      case NOT_INTERESTED:
        this.#log.notInterested(neighbor.id);
        neighbor.interested = false;
        break;
      case HAVE:
        this.#hearHave(neighbor, payload.readUInt32BE());
        break;
      case BITFIELD:
        this.#hearBitfield(neighbor, payload);
        break;
      case REQUEST:
        this.#hearRequest(neighbor, payload.readUInt32BE());
        break;
      case PIECE:
        this.#hearPiece(neighbor, payload.readUInt32BE(), payload.subarray(4));
        break;
      default:
        throw new Error(`a message of the type ${type}`);
    }
  }

  #hearHave(neighbor, index) {
    this.#log.have(neighbor.id, index);
    neighbor.has.add(index);
    neighbor.sayInterest(this.#wants(neighbor), false);
    this.#requests.consider(neighbor);
    this.#lookWhoIsComplete(neighbor);
  }

  #hearBitfield(neighbor, payload) {
    neighbor.has = PieceSet.fromBytes(payload, this.#pieces.total);
    neighbor.sayInterest(this.#wants(neighbor), true);
    this.#lookWhoIsComplete(neighbor);
  }

  #hearRequest(neighbor, index) {
    if (neighbor.chokedByMe || neighbor.losesRequest()) return;
    if (!this.#pieces.has(index)) throw new Error(`a request for the piece ${index}, which is not here`);
    neighbor.requestsHeard += 1;
    const { chokeOnRequest, pieceAfterChoke } = this.#habits;
    const chokes = chokeOnRequest > 0 && neighbor.requestsHeard % chokeOnRequest === 0;
    if (chokes) this.#chokeForAMoment(neighbor);
    if (!chokes || pieceAfterChoke) neighbor.sendPiece(index, this.#pieces.read(index));
  }

  #chokeForAMoment(neighbor) {
    neighbor.choke();
    setTimeout(() => {
      if (neighbor.chokedByMe) neighbor.unchoke();
    }, CHOKE_PAUSE_MS);
  }

  #hearPiece(neighbor, index, bytes) {
    if (!neighbor.everAsked.has(index)) throw new Error(`the piece ${index} was not asked for`);
    if (bytes.length !== this.#pieces.sizeOf(index)) throw new Error(`${bytes.length} bytes for a piece`);
    neighbor.bytesInRound += bytes.length;
    if (neighbor.asked === index) this.#requests.release(neighbor);
    if (!this.#pieces.has(index)) this.#keep(neighbor, index, bytes);
    this.#requests.consider(neighbor);
  }

  #keep(from, index, bytes) {
    this.#pieces.write(index, bytes);
    this.#log.downloaded(index, from.id, this.#pieces.count);
    if (this.#pieces.complete) this.#log.complete();
    for (const neighbor of this.#neighbors.values()) {
      neighbor.sendHave(index);
      if (neighbor.iAmInterested) neighbor.sayInterest(this.#wants(neighbor), false);
    }
    this.#endWhenAllHaveIt();
  }

  #wants(neighbor) {
    for (const index of neighbor.has) if (!this.#pieces.has(index)) return true;
    return false;
  }

  #lookWhoIsComplete(neighbor) {
    if (!neighbor.has.complete) return;
    this.#complete.add(neighbor.id);
    this.#endWhenAllHaveIt();
  }

  #endWhenAllHaveIt() {
    const others = this.#peers.filter(({ id }) => id !== this.#me.id);
    if (this.#ending || !this.#pieces.complete || !others.every(({ id }) => this.#complete.has(id))) return;
    this.#ending = true;
    const links = [...this.#neighbors.values()].map((neighbor) => neighbor.end());
    Promise.all(links).then(
      () => this.#end(0, 'everybody has the file'),
      (error) => this.#end(1, error.message),
    );
  }
}
