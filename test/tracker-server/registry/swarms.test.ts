import { describe, expect, it } from 'vitest';
import { HalfSipHash } from '../../../src/tracker-server/half-sip-hash.ts';
import { Swarms } from '../../../src/tracker-server/registry/swarms.ts';

const hash = new HalfSipHash(new Uint8Array(8).fill(3), '1-3');

describe('contents with the same hash', () => {
  it('are told apart, in whichever order they come and go', () => {
    const [one, other] = sameHash();
    for (const order of [[one, other] as const, [other, one] as const]) {
      const swarms = new Swarms(hash);
      const [first, second] = [swarms.add(one), swarms.add(other)];
      expect([swarms.find(one), swarms.find(other), swarms.count]).toEqual([first, second, 2]);
      const [gone, kept] = order;
      swarms.remove(gone === one ? first : second);
      expect(swarms.find(gone)).toBeUndefined();
      expect(swarms.find(kept)).toBe(kept === one ? first : second);
      swarms.remove(kept === one ? first : second);
      expect([swarms.find(kept), swarms.count]).toEqual([undefined, 0]);
    }
  });
});

describe('all contents', () => {
  it('are there to be gone through, also when some have been removed', () => {
    const swarms = new Swarms(hash);
    const all = Array.from({ length: 100 }, (_, content) => swarms.add(infoHash(content)));
    for (const swarm of all.filter((_, at) => at % 3 === 0)) swarms.remove(swarm);
    const left = all.filter((_, at) => at % 3 !== 0);
    expect(new Set(swarms)).toEqual(new Set(left));
    expect(Array.from({ length: swarms.count }, (_, at) => swarms.at(at))).toEqual([...swarms]);
    expect(left.every((swarm) => swarms.find(swarm.infoHash) === swarm)).toBe(true);
  });
});

function infoHash(content: number): Uint32Array {
  return Uint32Array.of(content, 0xffff_ffff, 1, 2, 3);
}

/** With 32 bits, two of some hundred thousand have the same. */
function sameHash(): readonly [Uint32Array, Uint32Array] {
  const seen = new Map<number, number>();
  for (let content = 0; ; content++) {
    const value = hash.hash(infoHash(content), 5);
    const earlier = seen.get(value);
    if (earlier !== undefined) return [infoHash(earlier), infoHash(content)];
    seen.set(value, content);
  }
}
