import { describe, expect, it } from 'vitest';
import { REQUEST_WINDOW_MAX_BYTES, REQUEST_WINDOW_MIN_BYTES } from '../../src/limits.ts';
import { RateMeter } from '../../src/pieces/rate-meter.ts';
import { requestWindowBytes } from '../../src/pieces/request-window.ts';
import { TokenBucket } from '../../src/pieces/token-bucket.ts';

describe('a rate meter', () => {
  it('tells a steady rate', () => {
    const meter = new RateMeter(0);
    for (let now = 10; now <= 5_000; now += 10) meter.add(1_000, now);
    expect(meter.bytesPerSecond(5_000)).toBeGreaterThan(99_000);
    expect(meter.bytesPerSecond(5_000)).toBeLessThan(101_000);
  });

  it('falls to a half in a second of silence, and on', () => {
    const meter = new RateMeter(0);
    for (let now = 10; now <= 5_000; now += 10) meter.add(1_000, now);
    expect(meter.bytesPerSecond(6_000)).toBeLessThan(51_000);
    expect(meter.bytesPerSecond(20_000)).toBeLessThan(100);
  });
});

describe('a token bucket', () => {
  it('lets through what flows in, however it is asked', () => {
    const bucket = new TokenBucket(1_000_000, 0);
    let passed = 0;
    for (let now = 0; now < 10_000; now += 1) {
      if (bucket.waitMs(now) > 0) continue;
      bucket.take(65_536, now);
      passed += 65_536;
    }
    expect(passed).toBeGreaterThan(9_900_000);
    expect(passed).toBeLessThan(10_300_000);
  });

  it('says how long its debt takes', () => {
    const bucket = new TokenBucket(100_000, 0);
    bucket.take(16_384 + 50_000, 0);
    expect(bucket.waitMs(0)).toBe(501);
    expect(bucket.waitMs(bucket.waitMs(0))).toBe(0);
  });

  it('without a limit never waits', () => {
    const bucket = new TokenBucket(Number.POSITIVE_INFINITY, 0);
    bucket.take(1e15, 0);
    expect(bucket.waitMs(0)).toBe(0);
  });
});

describe('the request window', () => {
  it('is at least two pieces and the minimum, at most the maximum or two pieces', () => {
    expect(requestWindowBytes(0, 16_384)).toBe(REQUEST_WINDOW_MIN_BYTES);
    expect(requestWindowBytes(0, 4 * REQUEST_WINDOW_MIN_BYTES)).toBe(8 * REQUEST_WINDOW_MIN_BYTES);
    expect(requestWindowBytes(1e12, 16_384)).toBe(REQUEST_WINDOW_MAX_BYTES);
    expect(requestWindowBytes(1e12, REQUEST_WINDOW_MAX_BYTES)).toBe(2 * REQUEST_WINDOW_MAX_BYTES);
  });

  it('holds a twentieth of a second between them', () => {
    expect(requestWindowBytes(50_000_000, 16_384)).toBe(2_500_000);
  });
});
