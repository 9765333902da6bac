import { PEER_STATES } from '../../registry/rows.ts';
import type { SqlStep } from './sqlite-thread.ts';

/*
 * What the database is like, and all that is said to it. Values stand there as they stand in the rows (registry/rows.ts),
 * numbers in network order, which compare as numbers do. A whole batch is one value that SQLite takes apart itself:
 * that saves calling it for each row, which takes four times as long.
 */

/** "LANT", so that nobody's file is taken for ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c414e54;
export const SCHEMA_VERSION = 1;

export const CREATE: readonly string[] = [
  `CREATE TABLE peers (
     info_hash BLOB NOT NULL, endpoint BLOB NOT NULL, peer_id BLOB NOT NULL, state BLOB NOT NULL, seen_at BLOB NOT NULL,
     PRIMARY KEY (info_hash, endpoint)
   ) WITHOUT ROWID`,
  `CREATE TABLE contents (info_hash BLOB PRIMARY KEY, completed BLOB NOT NULL, saved_at INTEGER NOT NULL) WITHOUT ROWID`,
  // Has an entry only within a transaction: it leads to what is to be deleted.
  `CREATE INDEX gone ON peers (seen_at) WHERE state = x'0${PEER_STATES.gone}'`,
  `PRAGMA application_id = ${APPLICATION_ID}`,
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
];

/** 0, 1, ... for each row of ?2. */
const EACH = 'WITH RECURSIVE each (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM each WHERE n + 1 < ?2)';

const SAVE_PEERS = `${EACH}
  INSERT INTO peers (info_hash, endpoint, peer_id, state, seen_at)
  SELECT substr(?1, n*64 + 1, 20), substr(?1, n*64 + 41, 18), substr(?1, n*64 + 21, 20), substr(?1, n*64 + 59, 1),
         substr(?1, n*64 + 61, 4)
  FROM each WHERE true
  ON CONFLICT DO UPDATE SET peer_id = excluded.peer_id, state = excluded.state, seen_at = excluded.seen_at
  WHERE excluded.seen_at >= seen_at`;

const REMOVE_GONE = `DELETE FROM peers WHERE state = x'0${PEER_STATES.gone}'`;

const SAVE_CONTENTS = `${EACH}
  INSERT INTO contents (info_hash, completed, saved_at)
  SELECT substr(?1, n*24 + 1, 20), substr(?1, n*24 + 21, 4), ?3 FROM each WHERE true
  ON CONFLICT DO UPDATE SET completed = max(completed, excluded.completed), saved_at = excluded.saved_at`;

/** `rows` is not empty. */
export function savePeers(rows: Uint8Array<ArrayBuffer>, count: number): readonly SqlStep[] {
  return [
    { sql: SAVE_PEERS, values: [rows, count] },
    { sql: REMOVE_GONE, values: [] },
  ];
}

/** `rows` is not empty. */
export function saveContents(
  rows: Uint8Array<ArrayBuffer>,
  count: number,
  nowSeconds: number,
): readonly SqlStep[] {
  return [{ sql: SAVE_CONTENTS, values: [rows, count, nowSeconds] }];
}

const REMOVE_EXPIRED = 'DELETE FROM peers WHERE seen_at < ?1';
const REMOVE_FORGOTTEN = `DELETE FROM contents WHERE saved_at < ?1
  AND NOT EXISTS (SELECT 1 FROM peers WHERE peers.info_hash = contents.info_hash)`;

/** Peers last seen before, and contents without peers that were last completed before. */
export function purge(peersBefore: number, contentsBefore: number): readonly SqlStep[] {
  return [
    { sql: REMOVE_EXPIRED, values: [seconds(peersBefore)] },
    { sql: REMOVE_FORGOTTEN, values: [contentsBefore] },
  ];
}

const PEERS_AFTER = `
  SELECT CAST(info_hash || peer_id || endpoint || state || x'00' || seen_at AS BLOB) FROM peers
  WHERE (info_hash, endpoint) > (?1, ?2) AND seen_at >= ?3 ORDER BY info_hash, endpoint LIMIT ?4`;
const CONTENTS_AFTER = `
  SELECT CAST(info_hash || completed AS BLOB) FROM contents WHERE info_hash > ?1 ORDER BY info_hash LIMIT ?2`;

/** The next rows after `last`, which is empty at the beginning. */
export function peersAfter(last: Uint8Array, sinceSeconds: number, most: number): SqlStep {
  return {
    sql: PEERS_AFTER,
    values: [
      Uint8Array.from(last.subarray(0, 20)),
      Uint8Array.from(last.subarray(40, 58)),
      seconds(sinceSeconds),
      most,
    ],
  };
}

export function contentsAfter(last: Uint8Array, most: number): SqlStep {
  return { sql: CONTENTS_AFTER, values: [Uint8Array.from(last.subarray(0, 20)), most] };
}

function seconds(unixSeconds: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, Math.max(0, unixSeconds));
  return bytes;
}
