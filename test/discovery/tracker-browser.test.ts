import { describe, expect, it } from 'vitest';
import type { TrackerSighting } from '../../src/discovery/lan-trackers.ts';
import type { DnsMessage, DnsRecord } from '../../src/discovery/mdns/dns-record.ts';
import { TRACKER_SERVICE_TYPE } from '../../src/discovery/mdns/service-types.ts';
import { TrackerBrowser } from '../../src/discovery/mdns/tracker-browser.ts';
import { MDNS_TTL_SECONDS, TRACKER_REFRESH_MIN_MS } from '../../src/limits.ts';
import { seededRandom, testSeed } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const seed = testSeed();
const FROM = { host: '10.77.0.1', port: 5353 };

function setUp() {
  const clock = new VirtualClock();
  const asked: number[] = [];
  const sightings: TrackerSighting[] = [];
  const browser = new TrackerBrowser({
    clock,
    random: seededRandom(seed),
    ask: () => asked.push(clock.now()),
    heard: (sighting) => sightings.push(sighting),
  });
  return { clock, asked, sightings, browser };
}

const nameOf = (label: string): string => `${label}.${TRACKER_SERVICE_TYPE}`;

function pointer(label: string, ttl = MDNS_TTL_SECONDS): DnsRecord {
  return { name: TRACKER_SERVICE_TYPE, type: 'PTR', data: nameOf(label), ttl, flush: false };
}

function service(label: string, port: number, ttl = MDNS_TTL_SECONDS): DnsRecord {
  return { name: nameOf(label), type: 'SRV', data: { port, target: 'host.local' }, ttl, flush: true };
}

function response(...answers: readonly DnsRecord[]): DnsMessage {
  return { kind: 'response', id: 0, truncated: false, questions: [], answers, additionals: [] };
}

describe(`looking for trackers on a link (seed ${seed})`, () => {
  it('takes the address from where the answer came, the port from its SRV record', () => {
    const { sightings, browser } = setUp();
    expect(browser.hearResponse(response(pointer('a'), service('a', 7_000)), FROM)).toEqual([]);
    expect(sightings).toEqual([
      {
        kind: 'heard',
        instance: nameOf('a'),
        endpoint: { host: FROM.host, port: 7_000 },
        lifetimeMs: MDNS_TTL_SECONDS * 1_000,
      },
    ]);
    browser.stop();
  });

  it('asks for the SRV record that an answer left out', () => {
    const { sightings, browser } = setUp();
    expect(browser.hearResponse(response(pointer('a.b')), FROM)).toEqual([
      { name: nameOf('a.b'), type: 'SRV', unicast: false },
    ]);
    expect(sightings).toEqual([]);
    browser.stop();
  });

  it('does not care for other services', () => {
    const { sightings, browser } = setUp();
    const other: DnsRecord = { ...pointer('a'), type: 'PTR', data: 'a._lanshare._tcp.local' };
    expect(browser.hearResponse(response(other), FROM)).toEqual([]);
    expect(sightings).toEqual([]);
  });

  it('asks again before a tracker that is known expires, and not before that', async () => {
    const { clock, asked, browser } = setUp();
    browser.begin();
    browser.hearResponse(response(pointer('a'), service('a', 6969)), FROM);
    await clock.advance(0.79 * MDNS_TTL_SECONDS * 1_000);
    expect(asked).toHaveLength(1);
    await clock.advance(0.17 * MDNS_TTL_SECONDS * 1_000);
    // And once more, where no answer comes.
    expect(asked.length).toBeGreaterThan(1);
    browser.stop();
    expect(clock.pending).toBe(0);
  });

  it('asks neither more nor less for a flood of trackers that live for a second', async () => {
    const { clock, asked, browser } = setUp();
    browser.begin();
    for (let number = 0; number < 3_000; number++) {
      browser.hearResponse(response(pointer(`a${number}`, 1), service(`a${number}`, 6969, 1)), FROM);
      await clock.advance(100);
    }
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(TRACKER_REFRESH_MIN_MS);
    expect(asked.length).toBeGreaterThan(5);
    browser.stop();
  });
});
