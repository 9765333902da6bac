import { describe, expect, it } from 'vitest';
import { MeetingPoints } from '../../src/discovery/gossip/meeting-points.ts';
import {
  MAX_MEETING_POINTS,
  MEETING_POINT_CHECK_MS,
  MEETING_POINT_RETRY_MAX_MS,
  MEETING_POINT_RETRY_MIN_MS,
} from '../../src/limits.ts';
import { type Endpoint, formatEndpoint } from '../../src/platform/endpoint.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const TRACKER: Endpoint = { host: '10.77.0.1', port: 6969 };
const HOUR_MS = 60 * 60_000;

function setUp(resolve = async (host: string): Promise<readonly string[]> => [host]) {
  const clock = new VirtualClock();
  const known = new Set<string>();
  const greeted: { readonly at: number; readonly node: string }[] = [];
  const points = new MeetingPoints({
    clock,
    resolve,
    isOneNearby: (host) => host.startsWith('10.'),
    knows: (node) => known.has(formatEndpoint(node)),
    meet: (node) => greeted.push({ at: clock.now(), node: formatEndpoint(node) }),
  });
  return { clock, known, greeted, points };
}

describe('a tracker where other nodes may be met', () => {
  it('is greeted at once', async () => {
    const { clock, greeted, points } = setUp();
    points.add(TRACKER);
    await clock.advance(0);
    expect(greeted.map(({ node }) => node)).toEqual(['10.77.0.1:6969']);
    points.close();
    expect(clock.pending).toBe(0);
  });

  it('that does not gossip is greeted more and more seldom', async () => {
    const { clock, greeted, points } = setUp();
    points.add(TRACKER);
    await clock.advance(HOUR_MS);
    const pauses = greeted.slice(1).map(({ at }, index) => at - (greeted[index]?.at ?? 0));
    expect(pauses[0]).toBe(MEETING_POINT_RETRY_MIN_MS);
    expect(pauses.every((pause, index) => pause >= (pauses[index - 1] ?? 0))).toBe(true);
    expect(pauses.at(-1)).toBe(MEETING_POINT_RETRY_MAX_MS);
    expect(greeted.length).toBeLessThan(15);
    points.close();
  });

  it('that is known is left alone, and greeted again when it is not known any more', async () => {
    const { clock, known, greeted, points } = setUp();
    points.add(TRACKER);
    await clock.advance(0);
    known.add('10.77.0.1:6969');
    await clock.advance(HOUR_MS);
    expect(greeted).toHaveLength(1);
    known.clear();
    await clock.advance(MEETING_POINT_CHECK_MS);
    expect(greeted.length).toBeGreaterThan(1);
    points.close();
  });

  it('is greeted at once when there is another way', async () => {
    const { clock, greeted, points } = setUp();
    points.add(TRACKER);
    await clock.advance(HOUR_MS);
    const before = greeted.length;
    points.lookAgain();
    await clock.advance(0);
    expect(greeted).toHaveLength(before + 1);
    await clock.advance(MEETING_POINT_RETRY_MIN_MS);
    expect(greeted).toHaveLength(before + 2);
    points.close();
  });

  it('on the internet is never sent anything', async () => {
    const { clock, greeted, points } = setUp(async () => ['203.0.113.7']);
    points.add({ host: 'tracker.example.org', port: 6969 });
    points.add({ host: '203.0.113.9', port: 6969 });
    await clock.advance(HOUR_MS);
    expect(greeted).toEqual([]);
    points.close();
  });

  it('may be named, and its name be found only later', async () => {
    const hosts: string[] = [];
    const { clock, greeted, points } = setUp(async () => {
      if (hosts.length === 0) throw new Error('ENOTFOUND');
      return hosts;
    });
    points.add({ host: 'nas.local', port: 6969 });
    await clock.advance(1_000);
    hosts.push('10.77.0.9');
    await clock.advance(MEETING_POINT_RETRY_MIN_MS);
    expect(greeted.map(({ node }) => node)).toEqual(['10.77.0.9:6969']);
    points.close();
  });

  it('is one of a bounded number, each once', async () => {
    const { clock, greeted, points } = setUp();
    for (let port = 1; port <= 2 * MAX_MEETING_POINTS; port++)
      for (let times = 0; times < 2; times++) points.add({ host: '10.77.0.1', port });
    await clock.advance(0);
    expect(greeted).toHaveLength(MAX_MEETING_POINTS);
    points.close();
  });
});
