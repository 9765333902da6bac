import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { PEER_ROW_AT, PEER_ROW_BYTES } from '../../../src/tracker-server/registry/rows.ts';
import { openSqliteStore } from '../../../src/tracker-server/store/sqlite/sqlite-store.ts';
import { SqliteThread } from '../../../src/tracker-server/store/sqlite/sqlite-thread.ts';
import { TemporaryFolders } from '../../support/temporary-folders.ts';

/** Fifty take a minute. */
const KILLS = Number(process.env['LANSHARE_KILLS'] ?? 5);
const SAVER = fileURLToPath(new URL('save-until-killed.mjs', import.meta.url));
const folders = new TemporaryFolders();
afterEach(() => folders.remove());

describe('a tracker that is killed while it saves', () => {
  it('has saved what it was told was saved, and the file is whole', {
    timeout: 20_000 + KILLS * 5_000,
  }, async () => {
    const path = join(await folders.make(), 'tracker.db');
    for (let run = 1; run <= KILLS; run++) {
      const told = await savesUntilKilled(path, run);
      expect(told).toBeGreaterThan(0);
      const { times, contents } = await rowsOf(path, run, told);
      expect(times).toHaveLength(500);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(1_700_000_000 + told);
      // A batch is kept as a whole or not at all.
      expect(new Set(times).size).toBe(1);
      expect(contents).toEqual(Array.from({ length: told }, () => 50));
      expect(await integrityOf(path)).toBe('ok');
    }
  });
});

/** Gives the number of the last batch that it said was saved. */
async function savesUntilKilled(path: string, run: number): Promise<number> {
  const saver = spawn(process.execPath, [SAVER, path, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  saver.stdout.on('data', (text) => {
    printed += String(text);
  });
  await once(saver.stdout, 'data');
  await wait(Math.random() * 500);
  saver.kill('SIGKILL');
  await once(saver, 'close');
  return Number(printed.trimEnd().split('\n').at(-1));
}

/** When the peers that are in each batch were seen, and how many of those there are that are in one only. */
async function rowsOf(path: string, run: number, batches: number) {
  const rows = new Map<string, number[]>();
  const store = await openSqliteStore({ path, keepSeconds: 3_600, nowSeconds: () => 1_700_000_000 });
  const take = ({ peers }: { peers: Uint8Array }): void => {
    const view = Buffer.from(peers.buffer, peers.byteOffset, peers.length);
    for (let at = 0; at < view.length; at += PEER_ROW_BYTES) {
      const infoHash = view.toString('hex', at, at + 20);
      rows.set(infoHash, [...(rows.get(infoHash) ?? []), view.readUInt32BE(at + PEER_ROW_AT.seenAt)]);
    }
  };
  await store.load(0, take, new AbortController().signal);
  await store.close();
  const of = (content: string): number[] => rows.get(createHash('sha1').update(content).digest('hex')) ?? [];
  const contents = Array.from({ length: batches }, (_, at) => of(`run ${run} batch ${at + 1}`).length);
  return { times: of(`run ${run}`), contents };
}

async function integrityOf(path: string): Promise<unknown> {
  const thread = new SqliteThread();
  await thread.open(path);
  const found = await thread.ask('PRAGMA integrity_check');
  await thread.close();
  return found;
}
