import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HalfSipHash } from '../../../src/tracker-server/half-sip-hash.ts';
import { NOWHERE } from '../../../src/tracker-server/registry/peer-index.ts';
import { PeerTable } from '../../../src/tracker-server/registry/peer-table.ts';
import { announcement, type Said } from '../announcing.ts';

const hash = new HalfSipHash(new Uint8Array(8).fill(5), '1-3');

interface Step {
  readonly peer: number;
  readonly what: 'leecher' | 'seeder' | 'gone';
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    peer: fc.nat(200),
    what: fc.constantFrom('leecher' as const, 'seeder' as const, 'gone' as const),
  }),
  { maxLength: 600, size: 'max' },
);

describe.each(['IPv4', 'IPv6'] as const)('a table of %s peers', (family) => {
  const said = (peer: number): Said =>
    family === 'IPv4'
      ? { host: `10.0.${peer % 3}.${peer % 7}`, port: 1_000 + peer }
      : { host: `fd00::${peer % 7}`, port: 1_000 + peer };

  it('has exactly those that came and did not go, each in its list, however they come and go', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const table = new PeerTable(family === 'IPv4' ? 1 : 4, hash);
        const model = new Map<number, 'leecher' | 'seeder'>();
        for (const [time, { peer, what }] of all.entries()) {
          const words = announcement(said(peer));
          if (what === 'gone') {
            const place = table.find(words);
            expect(place === NOWHERE).toBe(!model.has(peer));
            if (place !== NOWHERE) table.removeAt(place);
            model.delete(peer);
          } else {
            const before = model.get(peer);
            const outcome = table.put(words, what === 'seeder', time, true);
            expect(outcome).toBe(expectedOutcome(before, what));
            model.set(peer, what);
          }
        }
        const seeders = [...model.values()].filter((what) => what === 'seeder').length;
        expect([table.count, table.seeders.count]).toEqual([model.size, seeders]);
        for (let peer = 0; peer <= 200; peer++) {
          const place = table.find(announcement(said(peer)));
          const what =
            place === NOWHERE ? undefined : table.list(place) === table.seeders ? 'seeder' : 'leecher';
          expect(what).toBe(model.get(peer));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes no new peer without room, and goes on hearing those it has', () => {
    const table = new PeerTable(family === 'IPv4' ? 1 : 4, hash);
    table.put(announcement(said(1)), false, 10, true);
    expect(table.put(announcement(said(2)), false, 10, false)).toBe('full');
    expect(table.put(announcement(said(1)), true, 20, false)).toBe('now seeder');
    expect(table.count).toBe(1);
  });
});

function expectedOutcome(before: 'leecher' | 'seeder' | undefined, now: 'leecher' | 'seeder'): string {
  if (before === undefined) return 'added';
  return before === now ? `still ${now}` : `now ${now}`;
}
