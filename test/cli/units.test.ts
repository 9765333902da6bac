import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePieceLength, parseRate, parseSize, parseTime } from '../../src/cli/options/units.ts';

describe('a size', () => {
  it.each([
    ['1', 1],
    ['512B', 512],
    ['256K', 262_144],
    ['256k', 262_144],
    ['1Ki', 1024],
    ['1KiB', 1024],
    ['1KB', 1000],
    ['4m', 4_194_304],
    ['1.5M', 1_572_864],
    ['10 MB', 10_000_000],
    ['2G', 2_147_483_648],
    ['1TB', 1_000_000_000_000],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '0', '0.2', '-1', '1e3', 'K', '1iB', '1X', '1KK', '1 K B', '0x10', '9999999T', '１'])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it('is never anything but a positive safe integer', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.kKmMgGtTiIbB/s -') }), (text) => {
        const bytes = parseSize(text);
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0)).toBe(true);
      }),
    );
  });
});

it('a rate is a size with or without "/s"', () => {
  expect(parseRate('10MB/s')).toBe(10_000_000);
  expect(parseRate('500K')).toBe(512_000);
  expect(parseRate('fast')).toBeUndefined();
});

describe('a piece length', () => {
  it('is a power of two within the limits', () => {
    expect(parsePieceLength('16K')).toBe(16_384);
    expect(parsePieceLength('64MiB')).toBe(67_108_864);
    for (const text of ['8K', '128M', '256KB', '300K']) expect(parsePieceLength(text)).toBeUndefined();
  });
});

describe('a time', () => {
  it.each([
    ['10', 10_000],
    ['0', 0],
    ['250ms', 250],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it('is no longer than a timer of Node can wait', () => {
    expect(parseTime('24d')).toBe(2_073_600_000);
    expect(parseTime('25d')).toBeUndefined();
    expect(parseTime('99999999999999999999')).toBeUndefined();
  });
});
