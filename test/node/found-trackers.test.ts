import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Discovery } from '../../src/discovery/discovery.ts';
import type { TrackerSighting } from '../../src/discovery/lan-trackers.ts';
import { buildInfo, buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { Torrent } from '../../src/metainfo/metainfo.ts';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import type { DiscoveryContext, NodeOptions } from '../../src/node/api.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { TrackerStatus } from '../../src/trackers/tracker-status.ts';
import { type LoopbackNode, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';
import { type SmallTracker, udpTracker } from '../trackers/small-tracker.ts';

const nodes = new LoopbackNodes();
beforeEach(() => nodes.begin());
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  expect(await nodes.end()).toEqual([]);
});

/** A node with a way to hear of trackers, and of nothing else. */
async function listening(options: NodeOptions = {}) {
  const met: Endpoint[] = [];
  let hear: (sighting: TrackerSighting) => void = () => {};
  const discovery: Discovery = {
    path: 'mdns',
    announce() {},
    seek: () => () => {},
    meetAt: (tracker) => met.push(tracker),
    describe: () => ({ path: 'mdns', interfaces: [], problems: [] }),
    close: async () => {},
  };
  const open = async ({ trackerHeard }: DiscoveryContext): Promise<Discovery> => {
    hear = (sighting) => trackerHeard?.(sighting);
    return discovery;
  };
  const node = await nodes.node({ ...options, platform: { discoveries: [open] } });
  return { node, met, hear: (sighting: TrackerSighting) => hear(sighting) };
}

async function startTracker(): Promise<SmallTracker> {
  const tracker = await udpTracker();
  closing.push(() => tracker.close());
  return tracker;
}

/** A name for each: an instance stays where it was heard first. */
function heard(url: string): TrackerSighting {
  const { hostname: host, port } = new URL(url);
  return { kind: 'heard', instance: url, endpoint: { host, port: Number(port) }, lifetimeMs: 60_000 };
}

async function file(name: string): Promise<string> {
  const path = join(await nodes.folder(), name);
  await writeFile(path, someBytes(1_000));
  return path;
}

function rows(node: LoopbackNode): readonly TrackerStatus[] | undefined {
  return node.events.flatMap((one) => (one.event === 'trackers' ? [one.trackers] : [])).at(-1);
}

function privateTorrent(name: string, content: Uint8Array, tracker: string): Torrent {
  const info = buildInfo({
    name,
    kind: 'file',
    files: [{ path: [], length: content.length, executable: false }],
    pieceLength: 16_384,
    pieceHashes: createHash('sha1').update(content).digest(),
    private: true,
  });
  return parseTorrent(buildTorrent(parseInfo(info), { trackers: [[tracker]] }));
}

/** A UDP tracker that refuses whatever it is asked (BEP 15, action 3). */
async function refusingTracker(): Promise<{ readonly url: string; readonly asked: () => number }> {
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (request, { port, address }) => {
    asked++;
    const refusal = Buffer.concat([Buffer.from([0, 0, 0, 3]), request.subarray(12, 16), Buffer.from('no')]);
    socket.send(refusal, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));
  closing.push(close);
  return { url: `udp://127.0.0.1:${socket.address().port}`, asked: () => asked };
}

/** What is shared is a hybrid, and told by each of its names (BEP 52). */
const HYBRID_NAMES = 2;

const placeOf = (url: string): string => new URL(url).host;

describe('a tracker that is found on the LAN', () => {
  it('is told of what is shared already, and of what is shared later', async () => {
    const tracker = await startTracker();
    const { node, hear } = await listening();
    await node.share(await file('before.txt'));
    hear(heard(tracker.url));
    await expect.poll(() => tracker.heard.length).toBe(HYBRID_NAMES);
    await node.share(await file('after.txt'), { name: 'other.txt' });
    await expect.poll(() => tracker.heard.length).toBe(2 * HYBRID_NAMES);
    await node.close();
    const told = (event: string) => tracker.heard.filter((one) => one.event === event).length;
    expect([told('started'), told('stopped')]).toEqual([2 * HYBRID_NAMES, 2 * HYBRID_NAMES]);
  });

  it('is known by its URL, and greeted, as other nodes may be met there', async () => {
    const { node, met, hear } = await listening();
    hear(heard('udp://127.0.0.1:6969'));
    expect(node.trackersFound()).toEqual(['udp://127.0.0.1:6969']);
    expect(met).toEqual([{ host: '127.0.0.1', port: 6969 }]);
  });

  it('is shown with the others', async () => {
    const [given, found] = [await startTracker(), await startTracker()];
    const { node, hear } = await listening({ trackers: [[given.url]] });
    await node.share(await file('movie.txt'));
    hear(heard(found.url));
    await expect
      .poll(() => rows(node)?.map(({ url, state }) => [placeOf(url), state]))
      .toEqual([
        [placeOf(given.url), 'working'],
        [placeOf(found.url), 'working'],
      ]);
    await node.close();
  });

  it('that was given, too, is told once', async () => {
    const tracker = await startTracker();
    const { node, hear } = await listening({ trackers: [[tracker.url]] });
    hear(heard(tracker.url));
    await node.share(await file('movie.txt'));
    await expect.poll(() => rows(node)?.map(({ state }) => state)).toEqual(['working']);
    await node.close();
    const told = (event: string) => tracker.heard.filter((one) => one.event === event);
    expect(new Set(told('started').map(({ infoHash }) => infoHash)).size).toBe(HYBRID_NAMES);
    expect(tracker.heard).toHaveLength(2 * HYBRID_NAMES);
  });

  it('is not told of what is private, whose own trackers are', async () => {
    const [own, found] = [await startTracker(), await startTracker()];
    const { node, met, hear } = await listening();
    const path = await file('movie.txt');
    const torrent = privateTorrent('movie.txt', await readFile(path), own.url);
    hear(heard(found.url));
    await node.seed(torrent, path);
    await expect.poll(() => own.heard.length).toBe(1);
    await node.close();
    expect(found.heard).toEqual([]);
    expect(met).toEqual([{ host: '127.0.0.1', port: Number(new URL(found.url).port) }]);
  });

  it('that fails is left without a word, and tried again when it is heard again', async () => {
    const given = await startTracker();
    const refusing = await refusingTracker();
    const { node, hear } = await listening({ trackers: [[given.url]] });
    await node.share(await file('movie.txt'));
    hear(heard(refusing.url));
    await expect.poll(refusing.asked).toBe(HYBRID_NAMES);
    await expect.poll(() => rows(node)?.map(({ state }) => state)).toEqual(['working']);
    await expect
      .poll(() => {
        hear(heard(refusing.url));
        return refusing.asked();
      })
      .toBeGreaterThan(HYBRID_NAMES);
    await node.close();
    const told = node.events.flatMap((one) => (one.event === 'trackers' ? one.trackers : []));
    expect(told.filter(({ url }) => url === refusing.url)).toEqual([]);
  });

  it('that goes is left, and told again when it comes back', async () => {
    const tracker = await startTracker();
    const { node, hear } = await listening();
    await node.share(await file('movie.txt'));
    hear(heard(tracker.url));
    await expect.poll(() => rows(node)?.length).toBe(1);
    hear({ kind: 'gone', instance: tracker.url, host: '127.0.0.1' });
    await expect.poll(() => rows(node)?.length).toBe(0);
    await expect.poll(() => tracker.heard.at(-1)?.event).toBe('stopped');
    hear(heard(tracker.url));
    await expect.poll(() => rows(node)?.map(({ state }) => state)).toEqual(['working']);
    await node.close();
  });
});
