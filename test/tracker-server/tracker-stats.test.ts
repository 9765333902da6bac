import { expect, it } from 'vitest';
import { trackerStats } from '../../src/tracker-server/tracker-stats.ts';
import { noUdpCounts } from '../../src/tracker-server/udp/udp-counts.ts';
import { someTracker } from './http/some-tracker.ts';

it('answers that could not be sent are counted among what was refused, and both protocols together', () => {
  const { registry, counts: http } = someTracker();
  const udp = noUdpCounts();
  udp.refused['port 0'] = 2;
  http.refused['port 0'] = 3;
  const store = { kind: 'memory', unsaved: 0, fault: undefined };
  const stats = trackerStats({ uptimeMs: 1_999, registry, matches: 4, udp, http, unsent: 7, store });
  expect(stats).toMatchObject({ uptimeSeconds: 1, matches: 4, refused: { 'port 0': 5, 'not sent': 7 } });
});
