import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busiestContents } from '../../src/tracker-server/busiest-contents.ts';
import { Registry } from '../../src/tracker-server/registry/registry.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { announcement, infoHashOfContent } from './announcing.ts';

/** Content n has as many leechers as the n-th number says. */
function swarmsWith(peers: readonly number[]) {
  const registry = new Registry({ random: seededRandom(1), intervalSeconds: 60 });
  for (const [content, count] of peers.entries())
    for (let port = 1; port <= count; port++)
      registry.announce(announcement({ content, host: '10.0.0.1', port }), 1_000);
  return registry.swarms;
}

describe('the contents with the most peers', () => {
  it('come first, as many as are wanted', () => {
    const swarms = swarmsWith([1, 3, 2]);
    const named = (infoHash: string) => (infoHash === infoHashOfContent(1) ? 'movie.txt' : undefined);
    expect(busiestContents(swarms, 2, named)).toEqual([
      { infoHash: infoHashOfContent(1), name: 'movie.txt', seeders: 0, leechers: 3, completed: 0 },
      { infoHash: infoHashOfContent(2), name: undefined, seeders: 0, leechers: 2, completed: 0 },
    ]);
    expect(busiestContents(swarms, 0, named)).toEqual([]);
  });

  it('are the same as all of them sorted and cut', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 10 }), (peers, most) => {
        const chosen = busiestContents(swarmsWith(peers), most, () => undefined);
        const sorted = peers.map((count, content) => ({ count, content })).sort((a, b) => b.count - a.count);
        expect(chosen.map(({ infoHash }) => infoHash)).toEqual(
          sorted.slice(0, most).map(({ content }) => infoHashOfContent(content)),
        );
      }),
      { numRuns: 50 },
    );
  });
});
