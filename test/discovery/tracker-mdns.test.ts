import { describe, expect, it } from 'vitest';
import { LanTrackers, type TrackerSighting } from '../../src/discovery/lan-trackers.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import { announceTracker, type TrackerAnnouncement } from '../../src/discovery/mdns/tracker-announcer.ts';
import { repeat, type Timer } from '../../src/platform/clock.ts';
import { testSeed } from '../support/seeded-random.ts';
import type { VirtualHost } from '../support/virtual-lan.ts';
import { DiscoveryLan, type DiscoveryNode, lansOf } from './discovery-lan.ts';

const seed = testSeed();
const MINUTE_MS = 60_000;
const SERVICE = Buffer.from('_bittorrent-tracker');

interface Node extends DiscoveryNode {
  readonly trackers: LanTrackers;
}

class Lan extends DiscoveryLan {
  readonly #ends: (() => Promise<void>)[] = [];
  readonly #expiring: Timer[] = [];

  async node(host = this.host()): Promise<Node> {
    const trackers = new LanTrackers();
    const { clock } = this;
    this.#expiring.push(repeat(clock, 1_000, () => trackers.expire(clock.now())));
    const trackerHeard = (sighting: TrackerSighting): void => trackers.hear(sighting, clock.now());
    const node = await this.open((setting) => createMdns({ ...setting, trackerHeard }), host);
    return { ...node, trackers };
  }

  async tracker(host = this.host(), port = 6969): Promise<TrackerAnnouncement> {
    const { clock, random } = this;
    const { interfaces: interfaceSource } = host;
    const announcement = await announceTracker({ port, clock, random, datagrams: host, interfaceSource });
    this.#ends.push(() => this.ended(announcement));
    return announcement;
  }

  async ended(announcement: TrackerAnnouncement): Promise<void> {
    const closing = announcement.close();
    await this.clock.advance(1_000);
    await closing;
  }

  /** Datagrams about trackers that went out by multicast over IPv4. */
  said(): readonly string[] {
    return this.lan.sent
      .filter(({ to, bytes }) => to.host === '224.0.0.251' && Buffer.from(bytes).includes(SERVICE))
      .map(({ from }) => from.host);
  }

  override async close(): Promise<void> {
    for (const end of this.#ends) await end();
    for (const timer of this.#expiring) timer.cancel();
    await super.close();
  }
}

const newLan = lansOf(() => new Lan(seed));
const addressOf = (host: VirtualHost): string =>
  host
    .interfaces()
    .find(({ name }) => name === 'eth0')
    ?.addresses.find(({ family }) => family === 'IPv4')?.address ?? '';

describe(`a tracker that is announced by mDNS (seed ${seed})`, () => {
  it('is heard by nodes that are there, at the address it speaks from', async () => {
    const lan = newLan();
    const node = await lan.node();
    const host = lan.host();
    await lan.tracker(host, 7001);
    await lan.clock.advance(10);
    expect(node.trackers.urls()).toEqual([`udp://${addressOf(host)}:7001`]);
  });

  it('answers nodes that come later', async () => {
    const lan = newLan();
    const host = lan.host();
    await lan.tracker(host);
    await lan.clock.advance(10 * MINUTE_MS);
    const node = await lan.node();
    await lan.clock.advance(200);
    expect(node.trackers.urls()).toEqual([`udp://${addressOf(host)}:6969`]);
  });

  it('is heard on a link that loses every third datagram', async () => {
    const lan = newLan();
    lan.lan.loss = 0.33;
    const node = await lan.node();
    await lan.tracker();
    await lan.clock.advance(2 * MINUTE_MS);
    expect(node.trackers.urls()).toHaveLength(1);
  });

  it('is forgotten at its goodbye', async () => {
    const lan = newLan();
    const node = await lan.node();
    const tracker = await lan.tracker();
    await lan.clock.advance(5_000);
    expect(node.trackers.urls()).toHaveLength(1);
    await lan.ended(tracker);
    expect(node.trackers.urls()).toEqual([]);
  });

  it('is forgotten some time after it died without one, and found again', async () => {
    const lan = newLan();
    const node = await lan.node();
    const host = lan.host();
    await lan.tracker(host);
    await lan.clock.advance(5_000);
    host.muted = true;
    await lan.clock.advance(2 * MINUTE_MS + 1_000);
    expect(node.trackers.urls()).toEqual([]);
    host.muted = false;
    await lan.clock.advance(10 * MINUTE_MS);
    expect(node.trackers.urls()).toHaveLength(1);
  });

  it('stays known to many nodes for a question and an answer every minute and a half, whoever asks', async () => {
    const lan = newLan();
    const nodes: Node[] = [];
    for (let number = 0; number < 30; number++) nodes.push(await lan.node());
    await lan.tracker();
    await lan.clock.advance(5 * MINUTE_MS);
    lan.lan.sent.length = 0;
    await lan.clock.advance(30 * MINUTE_MS);
    for (const { trackers } of nodes) expect(trackers.urls()).toHaveLength(1);
    expect(lan.said().length).toBeLessThan(100);
  });

  it('is not missed loudly: a link without one is asked a few times in the first hour', async () => {
    const lan = newLan();
    await lan.node();
    await lan.clock.advance(60 * MINUTE_MS);
    const inFirstHour = lan.said().length;
    expect(inFirstHour).toBeGreaterThanOrEqual(3);
    expect(inFirstHour).toBeLessThan(10);
  });

  it('on another network is not heard', async () => {
    const lan = newLan();
    const node = await lan.node();
    await lan.tracker(lan.lan.host({ eth0: ['192.0.2.7/24'] }));
    await lan.clock.advance(5_000);
    expect(node.trackers.urls()).toEqual([]);
  });

  it('is known by its new address some minutes after it has changed', async () => {
    const lan = newLan();
    const node = await lan.node();
    const host = lan.lan.host({ eth0: ['10.77.9.1/16'] });
    await lan.tracker(host);
    await lan.clock.advance(5_000);
    host.setAddresses({ eth0: ['10.77.9.2/16'] });
    await lan.clock.advance(5 * MINUTE_MS);
    expect(node.trackers.urls()).toEqual(['udp://10.77.9.2:6969']);
  });
});
