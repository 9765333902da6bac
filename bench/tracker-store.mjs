/*
 * What a tracker's store costs: node bench/tracker-store.mjs [sqlite:PATH | redis://HOST:PORT/DB] [peers] [contents]
 * Saves all peers once, then each again, then reads them; says rows a second, and how long the main thread was busy.
 * For Redis also how long until another tracker has heard of a peer. Needs `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../dist/platform/clock.js';
import { systemRandom } from '../dist/platform/random.js';
import { openStore } from '../dist/tracker-server/store/open-store.js';
import { median, percentile } from './statistics.mjs';

const folder = await mkdtemp(join(tmpdir(), 'lanshare-store-'));
const [url = `sqlite:${join(folder, 'tracker.db')}`, peers = '1000000', contents = '10000'] =
  process.argv.slice(2);
const ROW_BYTES = 64;
const BATCH_ROWS = 4_096;
const NOTHING = new Uint8Array(0);
const now = Math.floor(Date.now() / 1000);
const options = { clock: systemClock, random: systemRandom, keepSeconds: 3_660 };

const rows = makeRows(Number(peers), Number(contents));
const store = await openStore(url, options);
await timed('first save', saveAll);
await timed('saved again', () => {
  for (let at = 60; at < rows.length; at += ROW_BYTES) rows.writeUInt32BE(now + 1, at);
  return saveAll();
});
await store.close();
const opened = performance.now();
const again = await openStore(url, options);
console.log(`opened in ${(performance.now() - opened).toFixed(0)} ms`);
await timed('loaded', async () => {
  let loaded = 0;
  await again.load(0, (batch) => (loaded += batch.peers.length / ROW_BYTES), new AbortController().signal);
  return { rows: loaded, busy: [] };
});
if (again.kind === 'redis') await hearing(again, await openStore(url, options));
await again.close();
await rm(folder, { recursive: true });

async function saveAll() {
  const busy = [];
  for (let from = 0; from < rows.length; from += BATCH_ROWS * ROW_BYTES) {
    const batch = { peers: rows.subarray(from, from + BATCH_ROWS * ROW_BYTES), contents: NOTHING };
    const start = performance.now();
    const saved = store.save(batch);
    busy.push(performance.now() - start);
    await saved;
  }
  return { rows: rows.length / ROW_BYTES, busy };
}

async function timed(what, run) {
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  const { rows: count, busy } = await run();
  const ms = performance.now() - start;
  const { active } = performance.eventLoopUtilization(before);
  const perBatch =
    busy.length === 0
      ? ''
      : `, a call of save ${median(busy).toFixed(2)} ms (99 %: ${percentile(busy, 99).toFixed(2)})`;
  console.log(
    `${what}: ${count} rows, ${Math.round((count / ms) * 1000)} rows/s, main thread ${active.toFixed(0)} of ${ms.toFixed(0)} ms${perBatch}`,
  );
}

async function hearing(one, other) {
  const delays = [];
  let heard = () => {};
  other.follow(() => heard());
  for (let round = 0; round < 200; round++) {
    const start = performance.now();
    const arrived = new Promise((resolve) => (heard = resolve));
    await one.save({ peers: rows.subarray(0, ROW_BYTES), contents: NOTHING });
    await arrived;
    delays.push(performance.now() - start);
  }
  console.log(
    `heard by another tracker after ${median(delays).toFixed(2)} ms (99 %: ${percentile(delays, 99).toFixed(2)})`,
  );
  await other.close();
}

/** As a registry gives them: content after content. */
function makeRows(peerCount, contentCount) {
  const bytes = Buffer.alloc(peerCount * ROW_BYTES);
  const each = Math.ceil(peerCount / contentCount);
  let infoHash = systemRandom.bytes(20);
  for (let peer = 0; peer < peerCount; peer++) {
    const at = peer * ROW_BYTES;
    if (peer % each === 0) infoHash = systemRandom.bytes(20);
    bytes.set(infoHash, at);
    bytes.set(systemRandom.bytes(20), at + 20);
    bytes.writeUInt16BE(0xffff, at + 50);
    bytes.set(systemRandom.bytes(6), at + 52);
    bytes[at + 57] |= 1;
    bytes[at + 58] = 1 + (peer & 1);
    bytes.writeUInt32BE(now, at + 60);
  }
  return bytes;
}
