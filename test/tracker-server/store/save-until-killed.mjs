/*
 * Saves batches to the SQLite store named by its first argument as fast as it can, and prints the number of each that
 * is saved; the second argument, the run's number, keeps the runs' contents apart. Ends by being killed.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../dist/tracker-server/store/sqlite/sqlite-store.js';

const [path, run] = process.argv.slice(2);
const ROW_BYTES = 64;
/** The same peers in each batch, and new ones. */
const AGAIN = 500;
const NEW = 50;

const store = await openSqliteStore({
  path,
  keepSeconds: 3_600,
  nowSeconds: () => 1_700_000_000,
});
for (let batch = 1; ; batch++) {
  const again = rows(`run ${run}`, AGAIN, batch);
  const fresh = rows(`run ${run} batch ${batch}`, NEW, batch);
  await store.save({ peers: new Uint8Array(Buffer.concat([again, fresh])), contents: new Uint8Array(0) });
  writeSync(1, `${batch}\n`);
}

function rows(content, count, batch) {
  const infoHash = createHash('sha1').update(content).digest();
  const bytes = Buffer.alloc(count * ROW_BYTES);
  for (let index = 0; index < count; index++) {
    const at = index * ROW_BYTES;
    infoHash.copy(bytes, at);
    bytes.writeUInt16BE(0xffff, at + 50);
    bytes.writeUInt32BE(0x0a000001, at + 52);
    bytes.writeUInt16BE(index + 1, at + 56);
    bytes[at + 58] = 1;
    bytes.writeUInt32BE(1_700_000_000 + batch, at + 60);
  }
  return bytes;
}
