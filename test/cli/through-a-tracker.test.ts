import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { createNode } from '../../src/node/create-node.ts';
import { openStore } from '../../src/tracker-server/store/open-store.ts';
import { createTrackerServer } from '../../src/tracker-server/tracker-server.ts';
import { someBytes } from '../support/loopback-nodes.ts';
import { type FakeHost, fakeHost, jsonLines, temporaryDirectory } from './fake-host.ts';

const ALONE = ['--no-mdns', '--no-beacon', '--no-lsd', '--json'];
const running: Command[] = [];
afterEach(async () => {
  for (const command of running.splice(0).reverse()) await command.interrupt();
});

interface Command {
  readonly host: FakeHost;
  readonly exitCode: Promise<number>;
  events(): readonly Record<string, unknown>[];
  /** The first of that kind, when it is there; throws when the command has ended without. */
  event(kind: string): Promise<Record<string, unknown>>;
  interrupt(): Promise<number>;
}

/** A real command in a folder of its own, on the real network. */
async function start(words: readonly string[], cwd?: string): Promise<Command> {
  const host = fakeHost({
    cwd: cwd ?? (await temporaryDirectory()),
    env: { LANSHARE_CACHE_DIR: await temporaryDirectory() },
    createNode,
    createTrackerServer,
    openStore,
  });
  let hasEnded = false;
  const exitCode = run(words, host).finally(() => {
    hasEnded = true;
  });
  const events = (): readonly Record<string, unknown>[] => jsonLines(host.stdout.text);
  const command: Command = {
    host,
    exitCode,
    events,
    async event(kind) {
      for (;;) {
        const found = events().find(({ event }) => event === kind);
        if (found !== undefined) return found;
        if (hasEnded) throw new Error(`${words[0]} ended without ${kind}: ${host.stdout.text}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    interrupt() {
      host.events.emit('SIGINT');
      return exitCode;
    },
  };
  running.push(command);
  return command;
}

function startTracker(...words: readonly string[]): Promise<Command> {
  return start(['tracker', ...words, '--port', '0', '--host', '127.0.0.1', '--no-mdns', '--json']);
}

async function urlsOf(tracker: Command): Promise<readonly string[]> {
  return (await tracker.event('listening'))['urls'] as string[];
}

async function folderWith(name: string, bytes: Uint8Array): Promise<string> {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, name), bytes);
  return folder;
}

describe('a fetch through a tracker of our own', () => {
  it.each([
    ['udp', 'udp'],
    ['udp', 'http'],
    ['http', 'udp'],
    ['http', 'http'],
  ])('finds by %s who shares by %s', async (fetching, sharing) => {
    const content = someBytes(300_000);
    const tracker = await startTracker();
    const urls = await urlsOf(tracker);
    const urlBy = (protocol: string): string => urls.find((url) => url.startsWith(protocol)) ?? '';

    const from = await folderWith('movie.bin', content);
    const share = await start(['share', 'movie.bin', '--tracker', urlBy(sharing), ...ALONE], from);
    const { infoHash } = await share.event('sharing');
    await share.event('trackers');
    const fetch = await start(['fetch', String(infoHash), '--tracker', urlBy(fetching), ...ALONE]);
    expect(await fetch.exitCode).toBe(0);
    expect(await readFile(join(fetch.host.cwd, 'movie.bin'))).toEqual(content);

    const match = await tracker.event('matched');
    expect(match).toMatchObject({ infoHash, name: null, with: [expect.stringMatching(/^127\.0\.0\.1:/)] });
    expect(await share.interrupt()).toBe(0);
    expect(await tracker.interrupt()).toBe(0);
  });

  it('needs no more than the .torrent that the tracker made and hands out', async () => {
    const content = someBytes(100_000, 2);
    const from = await folderWith('movie.bin', content);
    const tracker = await start(
      ['tracker', 'movie.bin', '--port', '0', '--host', '127.0.0.1', '--no-mdns', '--json'],
      from,
    );
    const urls = await urlsOf(tracker);
    const handedOut = await globalThis.fetch(new URL('/torrents/movie.torrent', urls[1]));
    const torrent = Buffer.from(await handedOut.arrayBuffer());
    expect(parseTorrent(torrent).trackers).toEqual([urls]);
    expect(await readFile(join(from, 'movie.torrent'))).toEqual(torrent);

    const seed = await start(['seed', 'movie.torrent', ...ALONE], from);
    await seed.event('trackers');
    const to = await folderWith('movie.torrent', torrent);
    const fetch = await start(['fetch', 'movie.torrent', ...ALONE], to);
    expect(await fetch.exitCode).toBe(0);
    expect(await readFile(join(to, 'movie.bin'))).toEqual(content);
    expect(await tracker.event('matched')).toMatchObject({ name: 'movie.bin' });
  });

  it('finds who announced before the tracker was started again, with a store', async () => {
    const content = someBytes(50_000, 3);
    const from = await folderWith('movie.bin', content);
    const store = ['--store', `sqlite:${join(await temporaryDirectory(), 'peers.db')}`];
    const first = await startTracker(...store);
    const [udp = ''] = await urlsOf(first);
    // Of one name, so that one announcement is all there is to wait for.
    const share = await start(['share', 'movie.bin', '--v1', '--tracker', udp, ...ALONE], from);
    await share.event('trackers');
    expect(await first.interrupt()).toBe(0);

    const again = ['--port', new URL(udp.replace('udp:', 'http:')).port, '--host', '127.0.0.1', '--no-mdns'];
    const second = await start(['tracker', ...again, ...store, '--json']);
    expect(await second.event('store')).toMatchObject({
      state: 'loaded',
      message: 'the sqlite store is open: it knows 1 peer of 1 content',
    });
    await second.event('listening');
    const { infoHash } = await share.event('sharing');
    const fetch = await start(['fetch', String(infoHash), '--tracker', udp, ...ALONE]);
    expect(await fetch.exitCode).toBe(0);
    expect(await readFile(join(fetch.host.cwd, 'movie.bin'))).toEqual(content);
  });
});
