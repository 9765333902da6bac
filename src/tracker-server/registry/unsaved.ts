import { MAX_UNSAVED_GOODBYES } from '../../limits.ts';
import type { StoreBatch } from '../store/peer-store.ts';
import type { Announcement } from './announcement.ts';
import type { PeerList } from './peer-list.ts';
import { CONTENT_ROW_BYTES, PEER_ROW_BYTES, PEER_STATES } from './rows.ts';
import type { Swarm } from './swarm.ts';
import { writeContentRow, writeGoodbyeRow, writePeerRow } from './write-rows.ts';

/** What the store has not been told yet. */
export class Unsaved {
  readonly #saveAgainSeconds: number;
  /** Contents in which something may be unsaved, the next one first; each once. */
  readonly #swarms = new Set<Swarm>();
  /** Contents that are to be saved as a whole, before they are among those above. */
  #whole = new Set<Swarm>();
  /** Rows of peers that said goodbye. */
  readonly #goodbyes: Uint8Array[] = [];

  /** A peer that only went on announcing is saved when what is saved of it is older than this. */
  constructor(saveAgainSeconds: number) {
    this.#saveAgainSeconds = saveAgainSeconds;
  }

  /** Rows that `take` has not given yet. Looks at each content that has some. */
  get count(): number {
    let rows = this.#goodbyes.length;
    for (const swarm of this.#swarms)
      if (!this.#whole.has(swarm)) rows += changedPeers(swarm) + (swarm.isCompletedUnsaved ? 1 : 0);
    for (const { leechers, seeders, completed } of this.#whole)
      rows += leechers + seeders + (completed > 0 ? 1 : 0);
    return rows;
  }

  /** The peer in that slot has announced. */
  announced(swarm: Swarm, list: PeerList, slot: number): void {
    if (list.isMarkedChanged(slot) || list.seenAt(slot) - list.savedAt(slot) <= this.#saveAgainSeconds)
      return;
    list.markChanged(slot);
    this.#swarms.add(swarm);
  }

  completed(swarm: Swarm): void {
    swarm.isCompletedUnsaved = true;
    this.#swarms.add(swarm);
  }

  /** What these have is to be saved again, all of it. */
  saveAll(swarms: Iterable<Swarm>): void {
    this.#whole = new Set(swarms);
  }

  /** It has no peers any more: were it kept for its last changes, contents that come and go would pile up while a store fails. */
  forgot(swarm: Swarm): void {
    this.#swarms.delete(swarm);
    this.#whole.delete(swarm);
  }

  /** Beyond the limit it is not saved: that peer expires in the store, as one does that says nothing. */
  saidGoodbye(announcement: Announcement, seconds: number): void {
    if (this.#goodbyes.length < MAX_UNSAVED_GOODBYES)
      this.#goodbyes.push(writeGoodbyeRow(announcement, seconds));
  }

  /**
   * What is given counts as saved: the caller keeps it until it is. Costs as much as has changed, and nothing where
   * nothing has.
   */
  take(mostRows: number): StoreBatch {
    if (this.#swarms.size + this.#whole.size + this.#goodbyes.length === 0) return NOTHING;
    const peers = new Uint8Array(Math.min(mostRows, this.#prepare(mostRows)) * PEER_ROW_BYTES);
    const contents: Uint8Array[] = [];
    let rows = 0;
    for (const row of this.#goodbyes.splice(0, mostRows)) peers.set(row, rows++ * PEER_ROW_BYTES);
    const view = new DataView(peers.buffer);
    for (const swarm of this.#swarms) {
      if (rows === mostRows || contents.length === mostRows) break;
      if (swarm.isCompletedUnsaved) contents.push(writeContentRow(swarm));
      swarm.isCompletedUnsaved = false;
      rows = takeOf(swarm, view, rows, mostRows);
      if (rows < mostRows) this.#swarms.delete(swarm);
    }
    return { peers: peers.subarray(0, rows * PEER_ROW_BYTES), contents: concatenated(contents) };
  }

  /** How many rows of peers there are, counted up to `enough`; of contents that are to be saved whole, too. */
  #prepare(enough: number): number {
    let rows = this.#goodbyes.length;
    for (const swarm of this.#swarms) {
      rows += changedPeers(swarm);
      if (rows >= enough) return rows;
    }
    for (const swarm of this.#whole) {
      rows += this.#markWhole(swarm);
      if (rows >= enough) return rows;
    }
    return rows;
  }

  /** Gives how many peers were not marked before. */
  #markWhole(swarm: Swarm): number {
    const before = this.#swarms.has(swarm) ? changedPeers(swarm) : 0;
    for (const { leechers, seeders } of swarm.tables()) {
      leechers.markAllChanged();
      seeders.markAllChanged();
    }
    if (swarm.completed > 0) swarm.isCompletedUnsaved = true;
    this.#whole.delete(swarm);
    this.#swarms.add(swarm);
    return changedPeers(swarm) - before;
  }
}

function changedPeers(swarm: Swarm): number {
  let peers = 0;
  for (const { leechers, seeders } of swarm.tables()) peers += leechers.changedCount + seeders.changedCount;
  return peers;
}

const NOTHING: StoreBatch = { peers: new Uint8Array(0), contents: new Uint8Array(0) };

function takeOf(swarm: Swarm, view: DataView, from: number, mostRows: number): number {
  const { infoHash } = swarm;
  let rows = from;
  for (const { leechers, seeders } of swarm.tables()) {
    for (const list of [leechers, seeders]) {
      const state = list === seeders ? PEER_STATES.seeder : PEER_STATES.leecher;
      while (rows < mostRows) {
        const slot = list.takeChanged();
        if (slot === undefined) break;
        writePeerRow(infoHash, list, slot, state, view, rows++ * PEER_ROW_BYTES);
      }
    }
  }
  return rows;
}

function concatenated(rows: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(rows.length * CONTENT_ROW_BYTES);
  rows.forEach((row, at) => {
    all.set(row, at * CONTENT_ROW_BYTES);
  });
  return all;
}
