import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnLan, finished, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';
import type { Running } from './running.mjs';

describeOnLan('a fetch that is interrupted', () => {
  const size = 12 * MiB;
  let lan: Lan;
  let here: Seat;
  let there: Seat;
  let content: Buffer;

  /** A transfer that takes more than a second. */
  beforeEach(async () => {
    lan = makeLan({ hosts: 2, rate: '60mbit' });
  });
  afterEach(() => lan.close());

  async function shareMovie(): Promise<void> {
    here = await seatAt(lan.host(1));
    there = await seatAt(lan.host(2));
    content = await here.put('movie.bin', randomBytes(size));
    await here.share('movie.bin');
  }

  async function fetchUntil(part: number, ...options: readonly string[]): Promise<Running> {
    const fetch = there.start(['fetch', '--json', ...options, 'movie.bin']);
    await fetch.event('progress', { matches: ({ bytesDone }) => Number(bytesDone) >= size * part });
    return fetch;
  }

  async function expectTheRestArrives(): Promise<void> {
    expect(await readdir(there.folder)).not.toContain('movie.bin');
    const { code, result } = await there.fetch('movie.bin');
    expect({ code, event: result.event }).toEqual({ code: 0, event: 'done' });
    expect(Number(result['downloadedBytes'])).toBeLessThan(size);
    expect(sha256(await there.read('movie.bin'))).toBe(sha256(content));
    expect(await readdir(there.folder)).toEqual(['movie.bin']);
  }

  it('goes on after SIGKILL with what had arrived', async () => {
    await shareMovie();
    const fetch = await fetchUntil(0.4);
    await fetch.stop('SIGKILL');
    await expectTheRestArrives();
  });

  it.each([
    ['SIGINT', 130, 'INTERRUPTED'],
    ['SIGTERM', 143, 'TERMINATED'],
  ] as const)('ends on %s with exit code %d, and goes on later', async (signal, exitCode, errorCode) => {
    await shareMovie();
    const fetch = await fetchUntil(0.3);
    fetch.kill(signal);
    const { code, result } = await finished(fetch);
    expect({ code, result }).toMatchObject({
      code: exitCode,
      result: { event: 'error', exitCode, code: errorCode },
    });
    await expectTheRestArrives();
  });

  it('waits for a sharer that vanished, and goes on when it is back', async () => {
    await shareMovie();
    const fetch = await fetchUntil(0.3, '--timeout', '25');
    here.host.powerOff();
    here.host.plugIn();
    await here.share('movie.bin');

    expect(await finished(fetch)).toMatchObject({ code: 0, result: { event: 'done' } });
    expect(sha256(await there.read('movie.bin'))).toBe(sha256(content));
  });

  it('gives up when nobody comes back in time, and keeps what had arrived', async () => {
    await shareMovie();
    const fetch = await fetchUntil(0.3, '--timeout', '2');
    here.host.powerOff();

    expect(await finished(fetch)).toMatchObject({
      code: 3,
      result: { event: 'error', code: 'NOBODY_HAS_IT' },
    });

    here.host.plugIn();
    await here.share('movie.bin');
    await expectTheRestArrives();
  });
});
