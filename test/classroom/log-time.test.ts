import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logTimeText } from '../../src/classroom/log/log-time.ts';
import { parseLogTime } from '../../src/classroom/log/parse-log-time.ts';

/** 21 November 2026, 15:04:05.678 in this machine's zone. */
const LOCAL = new Date(2026, 10, 21, 15, 4, 5, 678).getTime();
const LOCAL_SECOND = LOCAL - 678;
const UTC = Date.UTC(2026, 10, 21, 15, 4, 5);

describe('the time of a log line', () => {
  it('is written as a local time with milliseconds, and read back', () => {
    expect(logTimeText(LOCAL)).toBe('2026-11-21 15:04:05.678');
    const time = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2200, 0, 1) });
    fc.assert(
      fc.property(time, (ms) => {
        // Compared as text: an hour of autumn is there twice in some zones.
        const text = logTimeText(ms);
        const parsed = parseLogTime(text);
        expect(parsed?.kind).toBe('date');
        expect(logTimeText(parsed?.ms ?? 0)).toBe(text);
      }),
    );
  });

  it.each([
    ['2026-11-21 15:04:05.678', LOCAL],
    ['[2026-11-21 15:04:05,678]: ', LOCAL],
    ['2026-11-21T15:04:05.678000', LOCAL],
    ['2026/11/21 15:04:05', LOCAL_SECOND],
    ['2026/11/21 15:04:05:678', LOCAL],
    ['2026.11.21, 15:04:05', LOCAL_SECOND],
    ['2026-11-21 03:04:05 PM', LOCAL_SECOND],
    ['11/21/2026 15:04:05', LOCAL_SECOND],
    ['11/21/26 3:04:05 PM', LOCAL_SECOND],
    ['21.11.2026 15:04:05', LOCAL_SECOND],
    ['11/21/2026 15:4:5', LOCAL_SECOND],
    ['Nov 21, 2026 3:04:05 PM', LOCAL_SECOND],
    ['Nov 21, 2026, 3:04:05 p.m.', LOCAL_SECOND],
    ['21 November 2026 15:04:05', LOCAL_SECOND],
    ['21-Nov-2026 15:04:05', LOCAL_SECOND],
    ['Sat Nov 21 15:04:05 2026', LOCAL_SECOND],
    ['[Sat Nov 21 15:04:05 EST 2026]: ', LOCAL_SECOND],
    ['Sat, 21 Nov 2026 15:04:05 +0000', UTC],
    ['Sat Nov 21 2026 15:04:05 GMT+0000 (Coordinated Universal Time)', UTC],
    ['2026-11-21T15:04:05Z', UTC],
    ['2026-11-21T10:04:05-05:00', UTC],
    ['2026-11-21 20:34:05 +0530', UTC],
    ['1795273445', UTC],
    ['[1795273445.0]: ', UTC],
    ['1795273445000', UTC],
    ['1795273445000000', UTC],
    ['1795273445000000000', UTC],
  ])('may be %s', (text, ms) => {
    expect(parseLogTime(text)).toEqual({ kind: 'date', ms });
  });

  it.each([
    ['15:04:05', 54_245_000],
    ['[15:04:05.678]: ', 54_245_678],
    ['3:04:05 PM', 54_245_000],
    ['12:00:00 AM', 0],
    ['12:00:00 PM', 43_200_000],
    ['Nov 21 15:04:05', 54_245_000],
  ])('may have no date: %s', (text, ms) => {
    expect(parseLogTime(text)).toEqual({ kind: 'time of day', ms });
  });

  it.each(['', '[]:', 'now', '15:04', '25:00:00', '10:61:00', '12345', '2026-11-21', '[Time]: '])(
    'is not understood in "%s"',
    (text) => {
      expect(parseLogTime(text)).toBeUndefined();
    },
  );

  it('keeps the order of two times, whatever the parts of their seconds are', () => {
    const digits = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(digits, digits, (one, other) => {
        const at = (part: number) =>
          parseLogTime(`10:00:00.${String(part).padStart(3, '0')}`)?.ms ?? Number.NaN;
        expect(Math.round(at(other) - at(one))).toBe(other - one);
      }),
    );
  });

  it('is read from any text without failing', () => {
    const part = fc.constantFrom(
      '2026',
      '-',
      '11',
      ':',
      '59',
      ' ',
      'Nov',
      'PM',
      '+05',
      'Z',
      '.',
      '/',
      '[',
      '9999999999',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const time = parseLogTime(parts.join(''));
        if (time !== undefined) expect(Number.isFinite(time.ms)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
