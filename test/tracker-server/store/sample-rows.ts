import { createHash } from 'node:crypto';
import {
  CONTENT_ROW_BYTES,
  PEER_ROW_AT,
  PEER_ROW_BYTES,
  PEER_STATES,
} from '../../../src/tracker-server/registry/rows.ts';
import type { PeerStore, StoreBatch } from '../../../src/tracker-server/store/peer-store.ts';

export interface SamplePeer {
  readonly content?: string;
  readonly port: number;
  readonly state?: keyof typeof PEER_STATES;
  readonly seenAt: number;
  readonly id?: string;
}

const digest = (text: string): Uint8Array => createHash('sha1').update(text).digest();

/** At 10.0.0.1. */
export function peerRow({
  content = 'a film',
  port,
  state = 'leecher',
  seenAt,
  id = '',
}: SamplePeer): Uint8Array {
  const row = new Uint8Array(PEER_ROW_BYTES);
  const view = new DataView(row.buffer);
  row.set(digest(content), PEER_ROW_AT.infoHash);
  row.set(digest(`peer ${port} ${id}`), PEER_ROW_AT.peerId);
  row.set([0xff, 0xff, 10, 0, 0, 1], PEER_ROW_AT.address + 10);
  view.setUint16(PEER_ROW_AT.port, port);
  view.setUint8(PEER_ROW_AT.state, PEER_STATES[state]);
  view.setUint32(PEER_ROW_AT.seenAt, seenAt);
  return row;
}

export function contentRow(content: string, completed: number): Uint8Array {
  const row = new Uint8Array(CONTENT_ROW_BYTES);
  row.set(digest(content));
  new DataView(row.buffer).setUint32(20, completed);
  return row;
}

export function batchOf(peers: readonly SamplePeer[], contents: readonly Uint8Array[] = []): StoreBatch {
  return {
    peers: new Uint8Array(Buffer.concat(peers.map(peerRow))),
    contents: new Uint8Array(Buffer.concat(contents)),
  };
}

/** As a registry would have it after merging: rows by content and endpoint, without those that are gone. */
export class Merged {
  readonly #peers = new Map<string, Uint8Array>();
  readonly #contents = new Map<string, number>();

  readonly take = ({ peers, contents }: StoreBatch): void => {
    for (let at = 0; at < peers.length; at += PEER_ROW_BYTES)
      this.#merge(Uint8Array.from(peers.subarray(at, at + PEER_ROW_BYTES)));
    for (let at = 0; at < contents.length; at += CONTENT_ROW_BYTES) {
      const key = hex(contents.subarray(at, at + 20));
      const completed = new DataView(contents.buffer, contents.byteOffset + at).getUint32(20);
      this.#contents.set(key, Math.max(completed, this.#contents.get(key) ?? 0));
    }
  };

  /** Hexadecimal, in the order of the keys. */
  get peers(): readonly string[] {
    return [...this.#peers.values()].map(hex).sort();
  }

  get ports(): readonly number[] {
    return [...this.#peers.values()]
      .map((row) => new DataView(row.buffer).getUint16(PEER_ROW_AT.port))
      .sort();
  }

  completed(content: string): number | undefined {
    return this.#contents.get(hex(digest(content)));
  }

  #merge(row: Uint8Array): void {
    const key = hex(row.subarray(0, 20)) + hex(row.subarray(PEER_ROW_AT.address, PEER_ROW_AT.state));
    const known = this.#peers.get(key);
    if (known !== undefined && seenAt(known) > seenAt(row)) return;
    if (row[PEER_ROW_AT.state] === PEER_STATES.gone) this.#peers.delete(key);
    else this.#peers.set(key, row);
  }
}

export async function loadAll(store: PeerStore, sinceSeconds: number): Promise<Merged> {
  const merged = new Merged();
  await store.load(sinceSeconds, merged.take, new AbortController().signal);
  return merged;
}

export function rowsIn(peers: readonly SamplePeer[]): readonly string[] {
  return peers.map((peer) => hex(peerRow(peer))).sort();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function seenAt(row: Uint8Array): number {
  return new DataView(row.buffer, row.byteOffset).getUint32(PEER_ROW_AT.seenAt);
}
