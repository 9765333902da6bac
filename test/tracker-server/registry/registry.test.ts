import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { infoHashWords } from '../../../src/tracker-server/registry/info-hash-words.ts';
import { peerLifetimeSeconds } from '../../../src/tracker-server/registry/lifetime.ts';
import { Registry, type RegistryOptions } from '../../../src/tracker-server/registry/registry.ts';
import { Swarm } from '../../../src/tracker-server/registry/swarm.ts';
import type { AnnounceEvent } from '../../../src/wire/tracker/announce.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { announcement, infoHashOfContent, type Said, swarmOf } from '../announcing.ts';

const INTERVAL = 1_800;
const LIFETIME = peerLifetimeSeconds(INTERVAL);
const NOW = 1_000_000;

function registryOf(options: Partial<RegistryOptions> = {}): Registry {
  return new Registry({ random: seededRandom(1), intervalSeconds: INTERVAL, ...options });
}

function counts(registry: Registry, content = 1) {
  const swarm = registry.find(infoHashWords(infoHashOfContent(content)));
  return swarm && { seeders: swarm.seeders, leechers: swarm.leechers, completed: swarm.completed };
}

interface Step {
  readonly said: Required<Pick<Said, 'content' | 'host' | 'port' | 'seeder' | 'event'>>;
  /** Before it. */
  readonly seconds: number;
  readonly sweep: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  said: fc.record({
    content: fc.nat(2),
    host: fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1', 'fd00::1'),
    port: fc.integer({ min: 1, max: 6 }),
    seeder: fc.boolean(),
    event: fc.constantFrom<AnnounceEvent>('regular', 'regular', 'started', 'completed', 'stopped'),
  }),
  seconds: fc.oneof({ weight: 4, arbitrary: fc.nat(600) }, { weight: 1, arbitrary: fc.nat(3 * INTERVAL) }),
  sweep: fc.boolean(),
});

/** The plainest tracker: everything in maps, everything expired at once. */
class Model {
  readonly #peers = new Map<string, { content: number; seeder: boolean; seenAt: number }>();
  readonly #completed = new Map<number, number>();

  announce({ content, host, port, seeder, event }: Step['said'], now: number): void {
    const key = `${content} ${host} ${port}`;
    const before = this.#peers.get(key);
    if (event === 'stopped') this.#peers.delete(key);
    else this.#peers.set(key, { content, seeder, seenAt: now });
    if (event === 'completed' && seeder && before?.seeder !== true)
      this.#completed.set(content, (this.#completed.get(content) ?? 0) + 1);
  }

  expire(now: number): void {
    for (const [key, { seenAt }] of this.#peers) if (now - seenAt > LIFETIME) this.#peers.delete(key);
  }

  counts(content: number) {
    const peers = [...this.#peers.values()].filter((peer) => peer.content === content);
    const seeders = peers.filter(({ seeder }) => seeder).length;
    return { seeders, leechers: peers.length - seeders, completed: this.#completed.get(content) ?? 0 };
  }
}

describe('a registry', () => {
  it('counts as the plainest tracker does, whatever it is told in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const registry = registryOf();
        const model = new Model();
        let now = NOW;
        for (const { said, seconds, sweep } of steps) {
          now += seconds;
          const isSeeder = said.seeder || said.event === 'completed';
          // Where contents vanish, others take their places, and may be passed over until the next time.
          for (let times = 0; times < 4; times++) registry.sweep(now, 1_000);
          model.expire(now);
          registry.announce(announcement({ ...said, seeder: isSeeder }), now);
          model.announce({ ...said, seeder: isSeeder }, now);
          if (sweep) registry.sweep(now, 2);
          for (const content of [0, 1, 2])
            expect(counts(registry, content) ?? { seeders: 0, leechers: 0, completed: 0 }).toEqual(
              model.counts(content),
            );
        }
        const all = [0, 1, 2].map((content) => model.counts(content));
        expect(registry.seeders).toBe(all.reduce((sum, { seeders }) => sum + seeders, 0));
        expect(registry.peers).toBe(all.reduce((sum, { seeders, leechers }) => sum + seeders + leechers, 0));
      }),
      { numRuns: 150 },
    );
  });

  it('counts a completed download once, however often it is told', () => {
    const registry = registryOf();
    const peer = { host: '10.0.0.1' };
    registry.announce(announcement({ ...peer, event: 'started' }), NOW);
    for (let times = 0; times < 3; times++)
      registry.announce(announcement({ ...peer, seeder: true, event: 'completed' }), NOW + times);
    expect(counts(registry)).toEqual({ seeders: 1, leechers: 0, completed: 1 });
  });

  it('does not count a seeder as one who completed', () => {
    const registry = registryOf();
    registry.announce(announcement({ host: '10.0.0.1', seeder: true, event: 'started' }), NOW);
    expect(counts(registry)).toEqual({ seeders: 1, leechers: 0, completed: 0 });
  });

  it('lets a peer go with its goodbye, and not with the goodbye of who was there before', () => {
    const registry = registryOf();
    registry.announce(announcement({ host: '10.0.0.1', id: 'new' }), NOW);
    registry.announce(announcement({ host: '10.0.0.1', id: 'old', event: 'stopped' }), NOW);
    expect(counts(registry)?.leechers).toBe(1);
    registry.announce(announcement({ host: '10.0.0.1', id: 'new', event: 'stopped' }), NOW);
    expect(counts(registry)).toBeUndefined();
  });

  it('does not come to know a content by a goodbye', () => {
    const registry = registryOf();
    expect(registry.announce(announcement({ host: '10.0.0.1', event: 'stopped' }), NOW)).toBeUndefined();
    expect(registry.swarms.count).toBe(0);
  });

  it('keeps a peer that misses one announcement, and forgets one that misses two', () => {
    const registry = registryOf();
    registry.announce(announcement({ host: '10.0.0.1' }), NOW);
    registry.sweep(NOW + LIFETIME, 100);
    expect(registry.peers).toBe(1);
    registry.sweep(NOW + LIFETIME + 1, 100);
    expect([registry.peers, registry.swarms.count]).toEqual([0, 0]);
  });

  it('remembers for a day how often an empty content was completed', () => {
    const registry = registryOf();
    const peer = { host: '10.0.0.1', seeder: true };
    registry.announce(announcement({ ...peer, event: 'completed' }), NOW);
    registry.announce(announcement({ ...peer, event: 'stopped' }), NOW);
    registry.sweep(NOW + 86_400, 100);
    expect(counts(registry)).toEqual({ seeders: 0, leechers: 0, completed: 1 });
    registry.sweep(NOW + 86_401, 100);
    expect(counts(registry)).toBeUndefined();
  });

  it('looks at so many peers in one go, and at all of them in the end', () => {
    const registry = registryOf();
    for (let port = 1; port <= 1_000; port++)
      registry.announce(
        announcement({ content: port % 3, host: '10.0.0.1', port, seeder: port % 2 === 0 }),
        NOW,
      );
    const left: number[] = [];
    while (registry.peers > 0 && left.length < 100) {
      registry.sweep(NOW + LIFETIME + 1, 100);
      left.push(registry.peers);
    }
    expect(left.slice(0, 3)).toEqual([900, 800, 700].map((count) => expect.closeTo(count, -1.5)));
    expect([registry.swarms.count, left.length < 15]).toEqual([0, true]);
  });
});

describe('a flood', () => {
  const limits = { peersPerContent: 50, contents: 10, contentsPerHost: 100, peers: 200 };

  it('of peers leaves no more than there is room for, and those who were there before', () => {
    const registry = registryOf({ limits });
    registry.announce(announcement({ host: '10.0.0.1', id: 'first' }), NOW);
    for (let port = 1; port <= 5_000; port++)
      registry.announce(announcement({ content: 1 + (port % 8), host: '10.9.9.9', port }), NOW + 1);
    expect(registry.peers).toBe(limits.peers);
    for (let content = 1; content <= 8; content++)
      expect(counts(registry, content)?.leechers).toBeLessThanOrEqual(50);
    const swarm = swarmOf(registry.announce(announcement({ host: '10.0.0.1', id: 'first' }), NOW + 2));
    expect(swarm.ipv4.find(announcement({ host: '10.0.0.1' }))).toBeGreaterThanOrEqual(0);
  });

  it('of contents from one host leaves room for those of others, and ends when its peers would', () => {
    const registry = registryOf({ limits: { ...limits, contentsPerHost: 4 } });
    const begin = (content: number, host: string, seconds = 0) =>
      registry.announce(announcement({ content, host }), NOW + seconds);
    for (let content = 0; content < 4; content++) expect(begin(content, '10.0.0.1')).toBeInstanceOf(Swarm);
    expect(begin(4, '10.0.0.1')).toBe('too many contents');
    expect(begin(3, '10.0.0.1')).toBeInstanceOf(Swarm);
    expect(begin(4, '10.0.0.2')).toBeInstanceOf(Swarm);
    for (let content = 5; content < 9; content++) begin(content, `fd00::${content}`);
    expect(begin(9, 'fd00::9')).toBe('too many contents');
    expect(begin(9, 'fd00:0:0:1::9')).toBeInstanceOf(Swarm);
    registry.sweep(NOW + 100_000, 1_000);
    expect(begin(4, '10.0.0.1', 100_000)).toBeInstanceOf(Swarm);
  });

  it('of contents leaves no more than there is room for; the others are refused', () => {
    const registry = registryOf({ limits });
    const answers = Array.from({ length: 30 }, (_, content) =>
      registry.announce(announcement({ content, host: '10.0.0.1' }), NOW),
    );
    expect(answers.filter((answer) => answer === 'too many contents')).toHaveLength(20);
    expect(registry.swarms.count).toBe(10);
  });

  it('is gone when its peers have expired', () => {
    const registry = registryOf({ limits });
    for (let content = 0; content < 30; content++)
      registry.announce(announcement({ content, host: '10.0.0.1' }), NOW);
    registry.sweep(NOW + LIFETIME + 1, 1_000);
    expect([registry.peers, registry.swarms.count]).toEqual([0, 0]);
    swarmOf(registry.announce(announcement({ content: 99, host: '10.0.0.1' }), NOW + LIFETIME + 1));
  });

  it('of contents that were completed once takes no room from others', () => {
    const registry = registryOf({ limits });
    for (let content = 0; content < 30; content++) {
      const peer = { content, host: '10.0.0.1', seeder: true };
      swarmOf(registry.announce(announcement({ ...peer, event: 'completed' }), NOW));
      registry.announce(announcement({ ...peer, event: 'stopped' }), NOW);
    }
    expect(registry.swarms.count).toBeLessThanOrEqual(6);
  });
});

describe('a registry of certain contents', () => {
  it('refuses all others, and forgets one that is no longer among them', () => {
    let tracked = 1;
    const words = (content: number) => infoHashWords(infoHashOfContent(content)).join();
    const registry = registryOf({ tracks: (infoHash) => infoHash.join() === words(tracked) });
    swarmOf(registry.announce(announcement({ host: '10.0.0.1', seeder: true }), NOW));
    expect(registry.announce(announcement({ content: 2, host: '10.0.0.1' }), NOW)).toBe('not tracked');
    tracked = 2;
    registry.forgetUntracked();
    expect([registry.peers, registry.seeders, registry.swarms.count]).toEqual([0, 0, 0]);
    expect(registry.announce(announcement({ host: '10.0.0.1' }), NOW)).toBe('not tracked');
  });
});
