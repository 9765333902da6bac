import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REQUESTS_PER_TRACKER } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { v2Name } from '../../src/metainfo/swarm-names.ts';
import type { NodeEvent, Share } from '../../src/node/api.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { Network } from '../../src/platform/network.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { byTorrent, type LoopbackNode, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';
import { httpTracker, type SmallTracker, udpTracker } from '../trackers/small-tracker.ts';

const nodes = new LoopbackNodes();
beforeEach(() => nodes.begin());
const trackers: SmallTracker[] = [];
afterEach(async () => {
  for (const tracker of trackers.splice(0)) await tracker.close();
  expect(await nodes.end()).toEqual([]);
});

async function started(tracker: Promise<SmallTracker>): Promise<SmallTracker> {
  const made = await tracker;
  trackers.push(made);
  return made;
}

async function file(name: string, bytes: Buffer): Promise<string> {
  const path = join(await nodes.folder(), name);
  await writeFile(path, bytes);
  return path;
}

function told<E extends NodeEvent['event']>(
  node: LoopbackNode,
  event: E,
): Extract<NodeEvent, { event: E }>[] {
  return node.events.filter((one): one is Extract<NodeEvent, { event: E }> => one.event === event);
}

/** The info-hashes that its trackers are told. */
function namesOf({ metainfo }: Share): InfoHash[] {
  return [...new Set([metainfo.infoHash, v2Name(metainfo) ?? metainfo.infoHash])];
}

describe.each([
  ['HTTP', httpTracker],
  ['UDP', udpTracker],
])('a tracker over %s', (_, makeTracker) => {
  it('brings two nodes together, and hears of start, end of the download and end', async () => {
    const tracker = await started(makeTracker());
    const sharer = await nodes.node({ trackers: [[tracker.url]] });
    const share = await sharer.share(await file('movie.txt', someBytes(300_000)));
    await expect.poll(() => tracker.heard.length).toBe(2);
    const fetcher = await nodes.node({ trackers: [[tracker.url]] });
    const result = await fetcher.fetch(byTorrent(share), {
      out: await nodes.folder(),
      seed: { kind: 'none' },
    });
    expect(result.downloadedBytes).toBe(300_000);
    await result.seeded;
    await Promise.all([fetcher.close(), sharer.close()]);
    for (const name of namesOf(share)) {
      const heard = (port: number) =>
        tracker.heard
          .filter((one) => one.port === port && one.infoHash === name)
          .map(({ event, left }) => [event, left === 0]);
      expect(heard(sharer.port)).toEqual([
        ['started', true],
        ['stopped', true],
      ]);
      const [first, ...others] = heard(fetcher.port);
      expect([first?.[0], others.at(-1)]).toEqual(['started', ['stopped', true]]);
    }
    const atFirst = tracker.heard.find(({ port }) => port === fetcher.port);
    expect(atFirst?.infoHash).toBe(share.metainfo.infoHash);
    expect(atFirst?.left).toBeGreaterThan(0);
    expect(told(fetcher, 'trackers').at(-1)?.trackers).toMatchObject([
      { url: tracker.url, state: 'working' },
    ]);
  });

  it('that names us to ourselves does not make us dial ourselves', async () => {
    const tracker = await started(makeTracker());
    const dialed: Endpoint[] = [];
    const network: Network = {
      ...tcpNetwork,
      dial(endpoint, signal) {
        dialed.push(endpoint);
        return tcpNetwork.dial(endpoint, signal);
      },
    };
    const sharer = await nodes.node({
      trackers: [[tracker.url]],
      platform: { discoveries: [], network },
    });
    await sharer.share(await file('movie.txt', someBytes(1_000)));
    await expect.poll(() => told(sharer, 'trackers').at(-1)?.trackers[0]?.peersReceived).toBe(1);
    await sharer.close();
    expect([dialed, told(sharer, 'peer')]).toEqual([[], []]);
  });
});

describe('a hybrid content', () => {
  it('is told by both of its names, and its tracker is shown once, with nobody counted twice', async () => {
    const tracker = await started(udpTracker());
    const sharer = await nodes.node({ trackers: [[tracker.url]] });
    const share = await sharer.share(await file('movie.txt', someBytes(1_000)));
    await expect.poll(() => tracker.heard.length).toBe(2);
    await expect
      .poll(() => told(sharer, 'trackers').at(-1)?.trackers)
      .toMatchObject([{ url: tracker.url, state: 'working', seeders: 1, leechers: 0, peersReceived: 1 }]);
    expect(tracker.heard.map(({ infoHash }) => infoHash).sort()).toEqual(namesOf(share).sort());
    expect(told(sharer, 'trackers').map(({ trackers }) => trackers.length)).toEqual([1, 1]);
  });

  it('is found by the name of v2 alone, and by that of v1 alone', async () => {
    const tracker = await started(udpTracker());
    const sharer = await nodes.node({ trackers: [[tracker.url]] });
    const share = await sharer.share(await file('movie.txt', someBytes(100_000)));
    await expect.poll(() => tracker.heard.length).toBe(2);
    for (const infoHash of namesOf(share)) {
      const fetcher = await nodes.node({ trackers: [[tracker.url]] });
      const result = await fetcher.fetch(
        { kind: 'infoHash', infoHash },
        { out: await nodes.folder(), seed: { kind: 'none' } },
      );
      expect(result.downloadedBytes).toBe(100_000);
      await result.seeded;
      await fetcher.close();
      // Whoever has fetched it knows its other name, too.
      const toldBy = tracker.heard.filter(({ port }) => port === fetcher.port);
      expect(toldBy[0]?.infoHash).toBe(infoHash);
      expect(new Set(toldBy.map((one) => one.infoHash))).toEqual(new Set(namesOf(share)));
    }
  });

  it.each(['v1', 'v2'] as const)('is more than one that is %s alone, which is told once', async (version) => {
    const tracker = await started(udpTracker());
    const sharer = await nodes.node({ trackers: [[tracker.url]] });
    await sharer.share(await file('movie.txt', someBytes(1_000)), { version });
    await expect.poll(() => told(sharer, 'trackers').at(-1)?.trackers[0]?.state).toBe('working');
    await sharer.close();
    expect(tracker.heard.map(({ event }) => event)).toEqual(['started', 'stopped']);
  });
});

describe('a node with many contents and one tracker', () => {
  it('uses few connections to it over HTTP, and one socket over UDP', async () => {
    // Each of them is a hybrid, and told by two names.
    const http = await started(httpTracker());
    const udp = await started(udpTracker());
    const node = await nodes.node({ trackers: [[http.url], [udp.url]] });
    for (let at = 0; at < 20; at++) await node.share(await file(`file ${at}`, someBytes(1_000, at + 1)));
    await expect.poll(() => [http.heard.length, udp.heard.length]).toEqual([40, 40]);
    await node.close();
    expect(http.heard).toHaveLength(80);
    expect(udp.heard).toHaveLength(80);
    // Some more than are used at once: one that has just been used is free a moment later.
    expect(http.connections.size).toBeLessThanOrEqual(3 * MAX_REQUESTS_PER_TRACKER);
    expect(udp.connections.size).toBe(1);
  });
});
