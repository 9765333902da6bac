import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addressScope, isServed } from '../../../src/tracker-server/access/address-scope.ts';
import { infoHashWords } from '../../../src/tracker-server/registry/info-hash-words.ts';
import { PeerList } from '../../../src/tracker-server/registry/peer-list.ts';
import { Registry } from '../../../src/tracker-server/registry/registry.ts';
import {
  CONTENT_ROW_BYTES,
  PEER_ROW_AT,
  PEER_ROW_BYTES,
  PEER_STATES,
} from '../../../src/tracker-server/registry/rows.ts';
import type { Swarm } from '../../../src/tracker-server/registry/swarm.ts';
import { Unsaved } from '../../../src/tracker-server/registry/unsaved.ts';
import type { StoreBatch } from '../../../src/tracker-server/store/peer-store.ts';
import type { AnnounceEvent } from '../../../src/wire/tracker/announce.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { announcement, infoHashOfContent, type Said } from '../announcing.ts';

const INTERVAL = 1_800;
const NOW = 1_000_000;

function savingRegistry(): Registry {
  return new Registry({ random: seededRandom(1), intervalSeconds: INTERVAL, saves: true });
}

function say(registry: Registry, said: Said, now = NOW): void {
  registry.announce(announcement(said), now);
}

/** What is unsaved: the states of the peers' rows, and the number of contents' rows. */
function take(registry: Registry, mostRows = 1_000) {
  const batch = registry.takeUnsaved(mostRows);
  return { batch, states: statesOf(batch), contents: batch.contents.length / CONTENT_ROW_BYTES };
}

function statesOf({ peers }: StoreBatch): readonly number[] {
  return Array.from(
    { length: peers.length / PEER_ROW_BYTES },
    (_, row) => peers[row * PEER_ROW_BYTES + PEER_ROW_AT.state] ?? -1,
  );
}

function counts(registry: Registry, content = 1) {
  const swarm = registry.find(infoHashWords(infoHashOfContent(content)));
  return [swarm?.seeders ?? 0, swarm?.leechers ?? 0, swarm?.completed ?? 0];
}

const anySaid: fc.Arbitrary<Said> = fc.record({
  content: fc.nat(3),
  host: fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1', '::1'),
  port: fc.integer({ min: 1, max: 12 }),
  seeder: fc.boolean(),
  event: fc.constantFrom<AnnounceEvent>('regular', 'started', 'completed', 'stopped'),
});

describe('what is to be saved', () => {
  it('is each change once', () => {
    const registry = savingRegistry();
    say(registry, { host: '10.0.0.1' });
    say(registry, { host: 'fd00::2', seeder: true });
    expect(take(registry).states).toEqual([PEER_STATES.leecher, PEER_STATES.seeder]);
    expect(take(registry).states).toEqual([]);
    say(registry, { host: '10.0.0.1', seeder: true, event: 'completed' });
    expect(take(registry)).toMatchObject({ states: [PEER_STATES.seeder], contents: 1 });
    say(registry, { host: '10.0.0.1', seeder: true, event: 'stopped' });
    expect(take(registry)).toMatchObject({ states: [PEER_STATES.gone], contents: 0 });
    expect(take(registry)).toMatchObject({ states: [], contents: 0 });
  });

  it('is that a peer is still there when a third of the interval has passed', () => {
    const registry = savingRegistry();
    say(registry, { host: '10.0.0.1' });
    take(registry);
    say(registry, { host: '10.0.0.1' }, NOW + INTERVAL / 3);
    expect(take(registry).states).toEqual([]);
    say(registry, { host: '10.0.0.1' }, NOW + INTERVAL / 3 + 1);
    expect(take(registry).states).toEqual([PEER_STATES.leecher]);
  });

  it('is another program at the same port', () => {
    const registry = savingRegistry();
    say(registry, { host: '10.0.0.1', id: 'one' });
    take(registry);
    say(registry, { host: '10.0.0.1', id: 'other' });
    expect(take(registry).states).toEqual([PEER_STATES.leecher]);
  });

  it('comes in batches of so many rows, and is all there in the end', () => {
    const registry = savingRegistry();
    for (let port = 1; port <= 100; port++) say(registry, { content: port % 7, host: '10.0.0.1', port });
    for (let port = 1; port <= 10; port++)
      say(registry, { content: port % 7, host: '10.0.0.1', port, event: 'stopped' });
    const batches = Array.from({ length: 20 }, () => take(registry, 9).states);
    expect(batches.every(({ length }) => length <= 9)).toBe(true);
    const all = batches.flat();
    expect(all.filter((state) => state === PEER_STATES.gone)).toHaveLength(10);
    expect(all).toHaveLength(100);
  });

  it('takes no memory for peers that come, change their programs and go while nothing is taken', () => {
    const list = new PeerList(1);
    const peer = announcement({ host: '10.0.0.1' });
    list.markChanged(list.add(peer.address, 1, peer.peerId, 0, NOW));
    for (let port = 2; port < 2_000; port++) {
      list.markChanged(list.add(peer.address, port, peer.peerId, 0, NOW));
      list.setId(0, peer.peerId);
      list.remove(port % 2);
    }
    expect(list.changedSlots).toBeLessThan(100);
    expect(list.changedCount).toBe(1);
    expect([list.takeChanged(), list.takeChanged()]).toEqual([0, undefined]);
  });

  it('is counted as it is, however peers come, change and go', () => {
    fc.assert(
      fc.property(fc.array(anySaid, { maxLength: 60, size: 'max' }), fc.nat(30), (all, taken) => {
        const registry = savingRegistry();
        all.forEach((one, at) => {
          say(registry, one, NOW + at);
          if (at === taken) registry.takeUnsaved(3);
        });
        registry.sweep(NOW + all.length, 10_000);
        const { unsaved } = registry;
        const { states, contents } = take(registry);
        expect(states.length + contents).toBe(unsaved);
        expect(registry.unsaved).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('is counted without those that expired or are no longer tracked', () => {
    let tracked = true;
    const registry = new Registry({
      random: seededRandom(1),
      intervalSeconds: INTERVAL,
      saves: true,
      tracks: () => tracked,
    });
    for (let port = 1; port <= 20; port++) say(registry, { host: '10.0.0.1', port, seeder: port % 2 === 0 });
    expect(registry.unsaved).toBe(20);
    registry.sweep(NOW + 3 * INTERVAL, 10);
    expect(registry.unsaved).toBe(10);
    registry.saveAll();
    tracked = false;
    registry.forgetUntracked();
    expect(registry.unsaved).toBe(0);
  });

  it('is everything once more where the store has lost it', () => {
    const registry = savingRegistry();
    for (let port = 1; port <= 50; port++)
      say(registry, { content: port % 7, host: '10.0.0.1', port, seeder: true, event: 'completed' });
    take(registry);
    say(registry, { content: 1, host: '10.0.0.1', port: 60 });
    say(registry, { content: 2, host: '10.0.0.1', port: 2, event: 'stopped' });
    registry.saveAll();
    expect(registry.unsaved).toBe(50 + 1 + 7);
    const batches = Array.from({ length: 20 }, () => take(registry, 9));
    expect(batches.every(({ states }) => states.length <= 9)).toBe(true);
    const all = batches.flatMap(({ states }) => states);
    expect(all.filter((state) => state === PEER_STATES.seeder)).toHaveLength(49);
    expect(all).toHaveLength(51);
    expect(batches.reduce((sum, { contents }) => sum + contents, 0)).toBe(7);
    expect(registry.unsaved).toBe(0);
    const other = savingRegistry();
    for (const { batch } of batches) other.merge(batch, NOW);
    expect([other.peers, other.seeders]).toEqual([registry.peers, registry.seeders]);
  });

  it('is not what was forgotten before it could be saved once more', () => {
    const registry = savingRegistry();
    say(registry, { content: 1, host: '10.0.0.1' });
    say(registry, { content: 2, host: '10.0.0.1' });
    take(registry);
    registry.saveAll();
    say(registry, { content: 1, host: '10.0.0.1', event: 'stopped' });
    expect(registry.unsaved).toBe(2);
    expect(take(registry).states).toEqual([PEER_STATES.gone, PEER_STATES.leecher]);
  });

  it('is the same nothing each time where nothing has changed', () => {
    const registry = savingRegistry();
    say(registry, { host: '10.0.0.1' });
    take(registry);
    expect(registry.takeUnsaved(5)).toBe(registry.takeUnsaved(5));
  });

  it('is nothing where nobody saves', () => {
    const registry = new Registry({ random: seededRandom(1), intervalSeconds: INTERVAL });
    say(registry, { host: '10.0.0.1' });
    expect(take(registry).states).toEqual([]);
  });
});

describe('what was saved', () => {
  it('makes another registry the same, whenever it is saved', () => {
    fc.assert(
      fc.property(
        fc.array(anySaid, { maxLength: 80, size: 'max' }),
        fc.integer({ min: 1, max: 20 }),
        (all, every) => {
          const [registry, other] = [savingRegistry(), savingRegistry()];
          const pass = (): void => {
            let batch = registry.takeUnsaved(5);
            while (batch.peers.length + batch.contents.length > 0) {
              other.merge(batch, NOW + 200);
              batch = registry.takeUnsaved(5);
            }
          };
          all.forEach((one, at) => {
            say(registry, one, NOW + at);
            if (at % every === 0) pass();
          });
          pass();
          for (const content of [0, 1, 2, 3])
            expect(counts(other, content)).toEqual(counts(registry, content));
          expect([other.peers, other.seeders]).toEqual([registry.peers, registry.seeders]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is not saved again by who read it', () => {
    const [registry, other] = [savingRegistry(), savingRegistry()];
    say(registry, { host: '10.0.0.1', seeder: true, event: 'completed' });
    other.merge(take(registry).batch, NOW);
    expect(counts(other)).toEqual([1, 0, 1]);
    expect(take(other)).toMatchObject({ states: [], contents: 0 });
  });

  it('does not undo what was heard later', () => {
    const [registry, other] = [savingRegistry(), savingRegistry()];
    say(registry, { host: '10.0.0.1' });
    const early = take(registry).batch;
    say(registry, { host: '10.0.0.1', event: 'stopped' }, NOW + 1);
    const goodbye = take(registry).batch;
    say(other, { host: '10.0.0.1', seeder: true }, NOW + 5);
    other.merge(early, NOW + 6);
    other.merge(goodbye, NOW + 6);
    expect(counts(other)).toEqual([1, 0, 0]);
  });

  it('is left out where it has expired, or no tracker can have written it', () => {
    const [registry, other] = [savingRegistry(), savingRegistry()];
    say(registry, { host: '10.0.0.1' });
    const { batch } = take(registry);
    other.merge(batch, NOW + 3 * INTERVAL);
    const nonsense = batch.peers.slice();
    nonsense.fill(0, PEER_ROW_AT.port, PEER_ROW_AT.port + 2);
    other.merge({ peers: nonsense, contents: new Uint8Array(7) }, NOW);
    const cut = batch.peers.subarray(0, PEER_ROW_BYTES - 1);
    other.merge({ peers: cut, contents: new Uint8Array(0) }, NOW);
    expect([other.peers, other.swarms.count]).toEqual([0, 0]);
  });
});

describe('what another tracker saved', () => {
  const said: readonly Said[] = [
    { host: '10.0.0.1' },
    { host: '127.0.0.1' },
    { host: 'fd00::1' },
    { host: '8.8.8.8', content: 2 },
    { host: '2a00::1' },
    { host: '224.0.0.1' },
    { host: 'ff02::1' },
  ];

  it.each([
    [false, 3, 1],
    [true, 5, 2],
  ])('is known where this one may hand it out: with --allow-public %s', (allowPublic, peers, contents) => {
    const [registry, careful] = [
      savingRegistry(),
      new Registry({
        random: seededRandom(1),
        intervalSeconds: INTERVAL,
        serves: (address, family) => isServed(addressScope(address, family), allowPublic),
      }),
    ];
    for (const one of said) say(registry, one);
    careful.merge(take(registry).batch, NOW);
    expect([careful.peers, careful.swarms.count]).toEqual([peers, contents]);
  });
});

describe('contents that came and went', () => {
  it('are not kept for their last changes, or they would pile up while a store fails', () => {
    const forgot = vi.spyOn(Unsaved.prototype, 'forgot');
    const registry = savingRegistry();
    for (const event of ['started', 'stopped'] as const) say(registry, { host: '10.0.0.1', event });
    expect(forgot).toHaveBeenCalledTimes(1);
    const [[swarm]] = forgot.mock.calls as [[Swarm]];
    const unsaved = new Unsaved(INTERVAL);
    unsaved.completed(swarm);
    unsaved.forgot(swarm);
    expect(unsaved.take(1).contents).toHaveLength(0);
    forgot.mockRestore();
  });
});
