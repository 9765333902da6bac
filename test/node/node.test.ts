import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Discovery } from '../../src/discovery/discovery.ts';
import type { LanshareError } from '../../src/errors.ts';
import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { DiscoveryContext, DiscoveryFactory, NodeEvent, Share } from '../../src/node/api.ts';
import { Deferred } from '../../src/node/scope.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { encodeMessage } from '../../src/wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../../src/wire/lan/handshake.ts';
import { byHash, byTorrent, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const KIB = 1024;
const nodes = new LoopbackNodes();
const sockets = new Set<Socket>();

beforeEach(() => nodes.begin());

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  expect(await nodes.end()).toEqual([]);
});

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(await nodes.folder(), name);
  await writeFile(file, bytes);
  return file;
}

function codeOf(fetch: Promise<unknown>): Promise<string> {
  return fetch.then(
    () => 'done',
    (error: LanshareError) => error.code,
  );
}

/** Resolves when `node` tells an event of this kind that `fits`. */
async function told<Kind extends NodeEvent['event']>(
  { events }: { readonly events: readonly NodeEvent[] },
  kind: Kind,
  fits: (event: Extract<NodeEvent, { event: Kind }>) => boolean = () => true,
): Promise<void> {
  await vi.waitFor(
    () => {
      const found = events.some(
        (event) => event.event === kind && fits(event as Extract<NodeEvent, { event: Kind }>),
      );
      expect(found).toBe(true);
    },
    { timeout: 10_000, interval: 5 },
  );
}

const NONE = { kind: 'none' } as const;

describe('a fetch', () => {
  it.each([
    ['of no byte', 0],
    ['of one byte', 1],
    ['of exactly one piece', 64 * KIB],
    ['of one piece and a byte', 64 * KIB + 1],
    ['of many pieces', 1024 * KIB + 77],
  ])('%s ends with identical bytes', async (_what, length) => {
    const bytes = someBytes(length);
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', bytes), { pieceLength: 64 * KIB });
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    const result = await fetcher.fetch(byHash(share), { out });
    await result.seeded;
    expect(result.path).toBe(path.join(out, 'movie.txt'));
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
    expect(await readdir(out)).toEqual(['movie.txt']);
    expect(result).toMatchObject({ bytes: length, downloadedBytes: length, alreadyThere: false });
    expect(result.peers).toBe(length === 0 ? 0 : 1);
  });

  it('of a folder ends with the same files', async () => {
    const source = path.join(await nodes.folder(), 'album');
    await mkdir(path.join(source, 'deep', 'deeper'), { recursive: true });
    await writeFile(path.join(source, 'a.txt'), someBytes(100_000, 1));
    await writeFile(path.join(source, 'deep', 'empty'), '');
    await writeFile(path.join(source, 'deep', 'deeper', 'run.sh'), someBytes(70_000, 2));
    await chmod(path.join(source, 'deep', 'deeper', 'run.sh'), 0o755);
    const sharer = await nodes.node();
    const share = await sharer.share(source, { pieceLength: 32 * KIB });
    const fetcher = await nodes.nodeBeside([sharer]);
    const { path: there } = await fetcher.fetch(byTorrent(share), { out: await nodes.folder(), seed: NONE });
    for (const file of ['a.txt', 'deep/empty', 'deep/deeper/run.sh'])
      expect((await readFile(path.join(there, file))).equals(await readFile(path.join(source, file)))).toBe(
        true,
      );
    expect((await stat(path.join(there, 'deep/deeper/run.sh'))).mode & 0o111).not.toBe(0);
    expect((await stat(path.join(there, 'a.txt'))).mode & 0o111).toBe(0);
  });

  it('recognises what lies there already, and downloads nothing', async () => {
    const bytes = someBytes(200_000);
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', bytes));
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = path.dirname(await write('movie.txt', bytes));
    for (const target of [byHash(share), byTorrent(share)]) {
      const result = await fetcher.fetch(target, { out });
      expect(result).toMatchObject({ alreadyThere: true, downloadedBytes: 0 });
    }
  });

  it('refuses to overwrite something else', async () => {
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(200_000)));
    const fetcher = await nodes.nodeBeside([sharer]);
    const other = await write('movie.txt', Buffer.from('mine'));
    const out = path.dirname(other);
    for (const target of [byHash(share), byTorrent(share)])
      expect(await codeOf(fetcher.fetch(target, { out }))).toBe('EXISTS_DIFFERENT');
    expect(await readFile(other, 'utf8')).toBe('mine');
  });

  it('goes on where an earlier one was interrupted', async () => {
    const bytes = someBytes(2048 * KIB);
    const file = await write('movie.txt', bytes);
    const slow = await nodes.node({ limitUp: 1024 * KIB });
    const share = await slow.share(file, { pieceLength: 32 * KIB });
    const first = await nodes.nodeBeside([slow]);
    const out = await nodes.folder();
    const stop = new AbortController();
    const broken = codeOf(first.fetch(byHash(share), { out, signal: stop.signal }));
    await told(first, 'progress', ({ bytesDone }) => bytesDone > 0);
    stop.abort();
    expect(await broken).toBe('INTERRUPTED');
    expect(await readdir(out)).not.toContain('movie.txt');
    await slow.close();

    const fast = await nodes.node();
    await fast.share(file, { pieceLength: 32 * KIB });
    const second = await nodes.nodeBeside([fast]);
    const result = await second.fetch(byHash(share), { out });
    expect(result.downloadedBytes).toBeLessThan(bytes.length);
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
    expect(second.events.map(({ event }) => event)).toContain('resuming');
  });

  it('has all the time that looking through the pieces of an earlier one takes', async () => {
    const file = await write('movie.txt', someBytes(2048 * KIB));
    const slow = await nodes.node({ limitUp: 1024 * KIB });
    const share = await slow.share(file, { pieceLength: 32 * KIB });
    const first = await nodes.nodeBeside([slow]);
    const out = await nodes.folder();
    const stop = new AbortController();
    const broken = codeOf(first.fetch(byHash(share), { out, signal: stop.signal }));
    await told(first, 'progress', ({ bytesDone }) => bytesDone > 0);
    stop.abort();
    await broken;

    const clock = new RushingClock();
    const looked = new Deferred<void>();
    const second = await nodes.nodeBeside([slow], {
      platform: {
        discoveries: [],
        clock,
        // Handshakes under a rushing clock would all be late.
        network: {
          ...tcpNetwork,
          async dial(endpoint, signal) {
            await looked.promise;
            return tcpNetwork.dial(endpoint, signal);
          },
        },
      },
      onEvent({ event }) {
        // Before the part is looked at, and after it.
        if (event === 'resolved') clock.rush(true);
        if (event === 'resuming') {
          clock.rush(false);
          looked.resolve();
        }
      },
    });
    expect(await codeOf(second.fetch(byTorrent(share), { out, seed: NONE }))).toBe('done');
  });

  it('goes on when the sharer vanishes and returns on the same port under another id', async () => {
    const bytes = someBytes(1024 * KIB);
    const file = await write('movie.txt', bytes);
    const before = await nodes.node({ limitUp: 512 * KIB });
    const share = await before.share(file, { pieceLength: 32 * KIB });
    const fetcher = await nodes.nodeBeside([before]);
    const fetching = fetcher.fetch(byHash(share), { out: await nodes.folder() });
    await told(fetcher, 'progress', ({ bytesDone }) => bytesDone > 0);
    const { port } = before;
    await before.close();
    const after = await nodes.node({ port });
    await after.share(file, { pieceLength: 32 * KIB });
    const result = await fetching;
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
    expect(result.peers).toBe(2);
  });

  it('that nobody answers ends by its time-out, and says what was tried', async () => {
    const fetcher = await nodes.node();
    const infoHash = 'ab'.repeat(20) as InfoHash;
    const fetching = fetcher.fetch({ kind: 'infoHash', infoHash }, { timeoutMs: 100 });
    await expect(fetching).rejects.toMatchObject({ code: 'NOBODY_HAS_IT', exitCode: 3 });
  });

  it('of what this node shares already is refused', async () => {
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(1000)));
    expect(await codeOf(sharer.fetch(byHash(share), { out: await nodes.folder() }))).toBe('USAGE');
  });

  it('into a folder that is not there asks nobody', async () => {
    const fetcher = await nodes.node();
    const infoHash = 'ab'.repeat(20) as InfoHash;
    expect(await codeOf(fetcher.fetch({ kind: 'infoHash', infoHash }, { out: '/no/such/folder' }))).toBe(
      'NO_SUCH_PATH',
    );
    expect(fetcher.events.map(({ event }) => event)).toEqual(['listening']);
  });
});

/** The machine's time; while it rushes, ten seconds pass in a millisecond. */
class RushingClock implements Clock {
  #aheadMs = 0;
  #rushingSince: number | undefined;

  rush(rushing: boolean): void {
    this.#aheadMs = this.now() - systemClock.now();
    this.#rushingSince = rushing ? systemClock.now() : undefined;
  }

  now(): number {
    const now = systemClock.now();
    const rushed = this.#rushingSince === undefined ? 0 : (now - this.#rushingSince) * 10_000;
    return now + this.#aheadMs + rushed;
  }

  wallTime(): number {
    return systemClock.wallTime();
  }

  setTimer(delayMs: number, run: () => void) {
    return systemClock.setTimer(this.#rushingSince === undefined ? delayMs : delayMs / 10_000, run);
  }
}

describe('a fetch into a sink', () => {
  async function shared(length: number): Promise<{ share: Share; bytes: Buffer; port: number }> {
    const bytes = someBytes(length);
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', bytes), { pieceLength: 32 * KIB });
    return { share, bytes, port: sharer.port };
  }

  it('gives it the bytes in order, however slowly it takes them', async () => {
    const { share, bytes, port } = await shared(500_000);
    const fetcher = await nodes.node({ peers: [{ host: 'localhost', port }] });
    const got: Buffer[] = [];
    const result = await fetcher.fetch(byHash(share), {
      async sink(chunk) {
        got.push(Buffer.from(chunk));
        await setTimeout(2);
      },
    });
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
    expect(result.path).toBe('');
  });

  it('ends with the fault of the sink', async () => {
    const { share, port } = await shared(500_000);
    const fetcher = await nodes.node({ peers: [{ host: '127.0.0.1', port }] });
    const sink = async (): Promise<void> => {
      throw new Error('the pipe is closed');
    };
    await expect(fetcher.fetch(byHash(share), { sink })).rejects.toThrow('the pipe is closed');
  });

  it('can be interrupted while the sink takes nothing', async () => {
    const { share, port } = await shared(500_000);
    const fetcher = await nodes.node({ peers: [{ host: '127.0.0.1', port }] });
    const stop = new AbortController();
    const sink = (): Promise<void> => {
      stop.abort();
      return new Promise(() => {});
    };
    expect(await codeOf(fetcher.fetch(byHash(share), { sink, signal: stop.signal }))).toBe('INTERRUPTED');
  });

  it('refuses a folder', async () => {
    const folder = path.join(await nodes.folder(), 'album');
    await mkdir(folder);
    await writeFile(path.join(folder, 'a.txt'), 'a');
    await writeFile(path.join(folder, 'b.txt'), 'b');
    const sharer = await nodes.node();
    const share = await sharer.share(folder);
    const fetcher = await nodes.nodeBeside([sharer]);
    expect(await codeOf(fetcher.fetch(byHash(share), { sink: async () => {} }))).toBe('USAGE');
  });
});

describe('an interrupted fetch', () => {
  const infoHash = 'ab'.repeat(20) as InfoHash;

  it('that had not begun does not begin', async () => {
    const fetcher = await nodes.node();
    const signal = AbortSignal.abort();
    expect(await codeOf(fetcher.fetch({ kind: 'infoHash', infoHash }, { signal }))).toBe('INTERRUPTED');
    expect(await codeOf(fetcher.fetch({ kind: 'name', name: 'movie' }, { signal }))).toBe('INTERRUPTED');
  });

  it.each([
    { kind: 'infoHash', infoHash },
    { kind: 'name', name: 'movie' },
  ] as const)('ends while nobody answers for its $kind', async (target) => {
    const fetcher = await nodes.node();
    const stop = new AbortController();
    const fetching = codeOf(fetcher.fetch(target, { signal: stop.signal }));
    await told(fetcher, 'searching');
    stop.abort();
    expect(await fetching).toBe('INTERRUPTED');
  });

  it('ends while a peer is silent, and hangs up on it', async () => {
    const hungUp = vi.fn();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', hungUp).on('error', () => {});
      socket.resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const fetcher = await nodes.node({ peers: [{ host: '127.0.0.1', port }] });
    const stop = new AbortController();
    const fetching = codeOf(fetcher.fetch({ kind: 'infoHash', infoHash }, { signal: stop.signal }));
    await vi.waitFor(() => expect(sockets.size).toBe(1));
    stop.abort();
    expect(await fetching).toBe('INTERRUPTED');
    await vi.waitFor(() => expect(hungUp).toHaveBeenCalled());
    await new Promise((resolve) => silent.close(resolve));
  });

  it('stops seeding, and is done all the same', async () => {
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(1000)));
    const fetcher = await nodes.nodeBeside([sharer]);
    const stop = new AbortController();
    const result = await fetcher.fetch(byHash(share), {
      out: await nodes.folder(),
      seed: { kind: 'forever' },
      signal: stop.signal,
    });
    stop.abort();
    await result.seeded;
    expect(await readFile(result.path)).toHaveLength(1000);
  });
});

describe('after a fetch', () => {
  async function small(): Promise<{ share: Share; port: number }> {
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(100_000)));
    return { share, port: sharer.port };
  }

  it.each([NONE, { kind: 'while-needed' }, { kind: 'time', ms: 20 }] as const)(
    'the policy $kind ends by itself where nobody else wants it',
    async (seed) => {
      const { share, port } = await small();
      const fetcher = await nodes.node({ peers: [{ host: '127.0.0.1', port }] });
      const result = await fetcher.fetch(byHash(share), { out: await nodes.folder(), seed });
      await result.seeded;
      expect(fetcher.events.some(({ event }) => event === 'seeding')).toBe(seed.kind === 'time');
    },
  );

  it('the policy forever serves others', async () => {
    const { share, port } = await small();
    const first = await nodes.node({ peers: [{ host: '127.0.0.1', port }] });
    await first.fetch(byHash(share), { out: await nodes.folder(), seed: { kind: 'forever' } });
    const second = await nodes.nodeBeside([first]);
    const result = await second.fetch(byHash(share), { out: await nodes.folder(), seed: NONE });
    expect(result.downloadedBytes).toBe(100_000);
  });

  it('the policy while-needed serves who is linked and lacks pieces to its end', async () => {
    const file = await write('movie.txt', someBytes(512 * KIB));
    const sharer = await nodes.node({ limitUp: 256 * KIB });
    const share = await sharer.share(file, { pieceLength: 32 * KIB });
    const first = await nodes.nodeBeside([sharer], { limitUp: 256 * KIB });
    const second = await nodes.nodeBeside([first]);
    const fetching = first.fetch(byHash(share), { out: await nodes.folder() });
    const after = second.fetch(byHash(share), { out: await nodes.folder() });
    await (await fetching).seeded;
    await first.close();
    expect((await after).downloadedBytes).toBe(512 * KIB);
  });
});

describe('a share', () => {
  it('that changes while it is served is withdrawn, and nobody gets wrong bytes', async () => {
    const file = await write('movie.txt', someBytes(1024 * KIB));
    const sharer = await nodes.node({ limitUp: 256 * KIB });
    const share = await sharer.share(file, { pieceLength: 32 * KIB });
    const fetcher = await nodes.nodeBeside([sharer]);
    const fetching = codeOf(fetcher.fetch(byHash(share), { out: await nodes.folder(), timeoutMs: 1_500 }));
    await told(fetcher, 'progress', ({ bytesDone }) => bytesDone > 0);
    await writeFile(file, someBytes(1024 * KIB, 2));
    await told(sharer, 'withdrawn', ({ error }) => error.code === 'SHARE_CHANGED');
    expect(await fetching).toBe('NOBODY_HAS_IT');
    await share.close();
  });

  it('is refused twice, and possible again when it was closed', async () => {
    const file = await write('movie.txt', someBytes(1000));
    const sharer = await nodes.node();
    const share = await sharer.share(file);
    expect(await codeOf(sharer.share(file))).toBe('USAGE');
    await share.close();
    expect(await codeOf(sharer.share(file))).toBe('done');
  });

  it('serves on after a crowd that asked for everything, read nothing and died', async () => {
    const sharer = await nodes.node();
    const bytes = someBytes(16 * 1024 * KIB);
    const share = await sharer.share(await write('movie.txt', bytes), { pieceLength: 256 * KIB });
    for (let wave = 0; wave < 5; wave++) {
      const crowd = await Promise.all(
        Array.from({ length: 24 }, (_, number) => deaf(sharer.port, share, number)),
      );
      await told(sharer, 'peer', ({ state }) => state === 'connected');
      await setTimeout(50);
      for (const socket of crowd) socket.resetAndDestroy();
    }
    const fetcher = await nodes.nodeBeside([sharer]);
    const result = await fetcher.fetch(byHash(share), { out: await nodes.folder(), seed: NONE });
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
  });
});

/** Somebody who asks for the first pieces and does not read. */
async function deaf(port: number, { metainfo }: Share, number: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  sockets.add(socket);
  socket.on('error', () => {}).pause();
  await new Promise((resolve) => socket.once('connect', resolve));
  const peerId = peerIdFromBytes(Buffer.alloc(20, number + 1));
  const hello = {
    version: 1,
    infoHash: metainfo.infoHash,
    peerId,
    port: 0,
    maxRequests: 10,
    metainfoSize: undefined,
    features: [],
  };
  socket.write(encodeHandshake(shortId(peerId)));
  socket.write(encodeMessage({ type: 'hello', hello }));
  socket.write(encodeMessage({ type: 'interested' }));
  for (let index = 0; index < 64; index++) socket.write(encodeMessage({ type: 'request', index }));
  return socket;
}

describe('closing a node', () => {
  it('interrupts its fetches and its shares, and may be done twice', async () => {
    const sharer = await nodes.node({ limitUp: 256 * KIB });
    const share = await sharer.share(await write('movie.txt', someBytes(1024 * KIB)), {
      pieceLength: 32 * KIB,
    });
    const fetcher = await nodes.nodeBeside([sharer]);
    const fetching = codeOf(fetcher.fetch(byHash(share), { out: await nodes.folder() }));
    const listing = fetcher.list({ waitMs: 60_000 });
    await told(fetcher, 'progress', ({ bytesDone }) => bytesDone > 0);
    await Promise.all([fetcher.close(), fetcher.close(), sharer.close()]);
    expect(await fetching).toBe('INTERRUPTED');
    expect(await listing).toEqual([]);
  });

  it('interrupts hashing', async () => {
    const sharer = await nodes.node();
    const sharing = codeOf(sharer.share(await write('movie.txt', someBytes(8 * 1024 * KIB))));
    await sharer.close();
    expect(await sharing).toBe('INTERRUPTED');
  });

  it('in the moment a fetch is done loses nothing', async () => {
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(100_000)));
    let closing: Promise<void> | undefined;
    const fetcher = await nodes.nodeBeside([sharer], {
      onEvent({ event }) {
        if (event === 'done') closing = fetcher.close();
      },
    });
    const result = await fetcher.fetch(byHash(share), {
      out: await nodes.folder(),
      seed: { kind: 'forever' },
    });
    await closing;
    await result.seeded;
    expect(await readFile(result.path)).toHaveLength(100_000);
  });

  it('is the end: whatever is asked of it later is refused', async () => {
    const node = await nodes.node();
    await node.close();
    expect(await codeOf(node.share(await write('movie.txt', someBytes(10))))).toBe('INTERRUPTED');
    expect(await codeOf(node.fetch({ kind: 'name', name: 'movie' }))).toBe('INTERRUPTED');
    expect(await codeOf(node.list())).toBe('INTERRUPTED');
  });

  it('happens by its signal', async () => {
    const stop = new AbortController();
    const node = await nodes.node({ signal: stop.signal });
    const fetching = codeOf(node.fetch({ kind: 'name', name: 'movie' }));
    stop.abort();
    expect(await fetching).toBe('INTERRUPTED');
  });
});

describe('a node that cannot start', () => {
  it('names the interface that does not exist', async () => {
    const creating = nodes.node({ interfaces: ['nosuch0'], mdns: false, platform: {} });
    await expect(creating).rejects.toMatchObject({ code: 'NO_USABLE_INTERFACE' });
  });

  it('names the port that is in use', async () => {
    const { port } = await nodes.node();
    await expect(nodes.node({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  it('closes the ways to find peers that did open', async () => {
    const ways = new FakeWays();
    const broken: DiscoveryFactory = async () => {
      throw new Error('no such way');
    };
    await expect(nodes.node({ platform: { discoveries: [broken, ways.factory] } })).rejects.toThrow(
      'no such way',
    );
    expect(ways.closed).toBe(true);
  });
});

/** A way to find peers that hears what a test says. */
class FakeWays {
  closed = false;
  context: DiscoveryContext | undefined;

  readonly factory: DiscoveryFactory = async (context): Promise<Discovery> => {
    this.context = context;
    return {
      path: 'beacon',
      announce() {},
      seek: () => () => {},
      describe: () => ({ path: 'beacon', interfaces: ['lo'], problems: [] }),
      close: async () => {
        this.closed = true;
      },
    };
  };

  hear(name: string, { metainfo }: Share, port: number, number: number): void {
    const { infoHash, length, pieceCount } = metainfo;
    const peerId = peerIdFromBytes(Buffer.alloc(20, number));
    this.context?.heard({
      kind: 'holding',
      host: '127.0.0.1',
      path: 'beacon',
      holding: { peerId, port, infoHash, name, length, pieceCount, pieces: { kind: 'all' }, version: 1 },
    });
  }
}

describe('a name', () => {
  it.each(['movie.txt', 'movie.torrent'])('%s leads to the content that is shared so', async (name) => {
    const ways = new FakeWays();
    const sharer = await nodes.node();
    const share = await sharer.share(await write('movie.txt', someBytes(1000)));
    const fetcher = await nodes.node({ platform: { discoveries: [ways.factory] } });
    const fetching = fetcher.fetch({ kind: 'name', name }, { out: await nodes.folder(), seed: NONE });
    await told(fetcher, 'searching');
    // Under another id than it answers with: an old process was there.
    ways.hear('movie.txt', share, sharer.port, 7);
    expect((await fetching).metainfo.infoHash).toBe(share.metainfo.infoHash);
  });

  it('of two contents is refused, and both are named', async () => {
    const ways = new FakeWays();
    const sharer = await nodes.node();
    const one = await sharer.share(await write('movie.txt', someBytes(1000, 1)));
    const two = await sharer.share(await write('movie.txt', someBytes(1000, 2)));
    const fetcher = await nodes.node({ platform: { discoveries: [ways.factory] } });
    ways.hear('movie.txt', one, sharer.port, 7);
    ways.hear('movie.txt', two, sharer.port, 8);
    const fetching = fetcher.fetch({ kind: 'name', name: 'movie.txt' }, { out: await nodes.folder() });
    await expect(fetching).rejects.toMatchObject({ code: 'AMBIGUOUS_NAME', exitCode: 4 });
    const hashes = fetcher.events.flatMap((event) =>
      event.event === 'ambiguous' ? event.contents.map(({ infoHash }) => infoHash) : [],
    );
    expect(hashes.sort()).toEqual([one.metainfo.infoHash, two.metainfo.infoHash].sort());
    expect(await fetcher.list({ waitMs: 1 })).toHaveLength(2);
  });

  it('is certain before a piece is asked for: a second content that is heard of a little later is not too late', async () => {
    const ways = new FakeWays();
    const sharer = await nodes.node();
    const one = await sharer.share(await write('movie.txt', someBytes(1000, 1)));
    const two = await sharer.share(await write('movie.txt', someBytes(1000, 2)));
    const fetcher = await nodes.node({
      platform: { discoveries: [ways.factory] },
      onEvent: ({ event }) => {
        if (event === 'peer') ways.hear('movie.txt', two, sharer.port, 8);
      },
    });
    const out = await nodes.folder();
    const fetching = fetcher.fetch({ kind: 'name', name: 'movie.txt' }, { out });
    await told(fetcher, 'searching');
    ways.hear('movie.txt', one, sharer.port, 7);
    await expect(fetching).rejects.toMatchObject({ code: 'AMBIGUOUS_NAME' });
    expect(fetcher.events.map(({ event }) => event)).toContain('peer');
    expect([one.uploadedBytes, two.uploadedBytes]).toEqual([0, 0]);
    expect(await readdir(out)).toEqual([]);
  });
});
