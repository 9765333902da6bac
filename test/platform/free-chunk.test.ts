import { describe, expect, it } from 'vitest';
import { freeChunk } from '../../src/platform/free-chunk.ts';

const KiB = 1024;

describe('a chunk that is freed', () => {
  it('is empty, and so is its memory', () => {
    const chunk = new Uint8Array(64 * KiB);
    freeChunk(chunk);
    expect(chunk).toHaveLength(0);
    expect(chunk.buffer.byteLength).toBe(0);
  });

  it('again and again, does not fill a queue', () => {
    for (let count = 0; count < 1000; count++) freeChunk(new Uint8Array(64 * KiB));
    const before = process.memoryUsage().rss;
    for (let count = 0; count < 10_000; count++) freeChunk(new Uint8Array(64 * KiB).fill(1));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * KiB * KiB);
  });
});

describe('a chunk that is left alone', () => {
  it('is one that others share memory with', () => {
    const memory = new Uint8Array(64 * KiB);
    freeChunk(memory.subarray(0, 32 * KiB));
    expect(memory.buffer.byteLength).toBe(64 * KiB);
  });

  it('is one in memory that threads share', () => {
    const chunk = new Uint8Array(new SharedArrayBuffer(64 * KiB));
    freeChunk(chunk);
    expect(chunk).toHaveLength(64 * KiB);
  });

  it('is a small one', () => {
    const chunk = new Uint8Array(100);
    freeChunk(chunk);
    expect(chunk).toHaveLength(100);
  });
});
