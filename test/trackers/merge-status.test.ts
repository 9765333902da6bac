import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeStatus } from '../../src/trackers/merge-status.ts';
import type { TrackerStatus } from '../../src/trackers/tracker-status.ts';

const URLS = ['udp://a:1', 'udp://b:1', 'http://c/announce'] as const;

function row(changes: Partial<TrackerStatus> = {}): TrackerStatus {
  return {
    url: URLS[0],
    state: 'working',
    message: '',
    seeders: 1,
    leechers: 0,
    interval: 1_800,
    peersReceived: 1,
    nextAnnounceAt: 5_000,
    ...changes,
  };
}

const FAILED: Partial<TrackerStatus> = {
  state: 'failed',
  message: 'not registered',
  seeders: undefined,
  leechers: undefined,
  interval: undefined,
  peersReceived: 0,
};

describe('a tracker that is told two names of a content', () => {
  it('is one row, with the larger counts and the time at which it is asked next', () => {
    const [old, modern] = [
      row({ seeders: 3, leechers: 1, peersReceived: 4 }),
      row({ seeders: 2, leechers: 5, peersReceived: 7, nextAnnounceAt: 4_000 }),
    ];
    expect(mergeStatus([[old], [modern]])).toEqual([
      row({ seeders: 3, leechers: 5, peersReceived: 7, nextAnnounceAt: 4_000 }),
    ]);
  });

  it('works where it takes one of them', () => {
    expect(mergeStatus([[row()], [row(FAILED)]])).toEqual([row()]);
    expect(mergeStatus([[row(FAILED)], [row()]])).toEqual([row()]);
  });

  it('has failed once it has refused both, and not before', () => {
    expect(mergeStatus([[row(FAILED)], undefined])).toMatchObject([{ state: 'waiting', message: '' }]);
    expect(mergeStatus([[row(FAILED)], [row({ ...FAILED, state: 'waiting', message: '' })]])).toMatchObject([
      { state: 'waiting' },
    ]);
    expect(mergeStatus([[row(FAILED)], [row(FAILED)]])).toEqual([row(FAILED)]);
  });
});

describe('trackers of a content', () => {
  it('are each shown once, in the order that they have under the first name', () => {
    const order = fc.shuffledSubarray([...URLS], { minLength: URLS.length });
    fc.assert(
      fc.property(order, order, (first, second) => {
        const rows = (urls: readonly string[]) => urls.map((url) => row({ url }));
        expect(mergeStatus([rows(first), rows(second)]).map(({ url }) => url)).toEqual(first);
      }),
    );
  });

  it('are shown as they are where there is one name', () => {
    const rows = [row(), row({ ...FAILED, url: URLS[1] })];
    expect(mergeStatus([rows])).toEqual(rows);
  });
});
