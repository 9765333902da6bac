import { describe, expect, it } from 'vitest';
import { inBackground } from '../../src/discovery/background-discovery.ts';
import type { Discovery, Query } from '../../src/discovery/discovery.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';

const MOVIE: Query = { kind: 'name', name: 'movie.txt' };
const HOLDING: Holding = {
  peerId: 'ab'.repeat(20) as PeerId,
  port: 1,
  infoHash: 'cd'.repeat(20) as InfoHash,
  name: 'movie.txt',
  length: 1,
  pieceCount: 1,
  pieces: { kind: 'all' },
  version: 1,
};

/** A discovery that writes down what it is told, and opens, or fails to, when the test says so. */
class Slow implements Discovery {
  readonly path = 'mdns';
  readonly log: string[] = [];
  readonly background: Discovery;
  #open: (discovery: Discovery) => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor() {
    const opening = new Promise<Discovery>((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    this.background = inBackground('mdns', () => opening);
  }

  open(): Promise<void> {
    this.#open(this);
    return settled();
  }

  fail(): Promise<void> {
    this.#fail(new Error('no socket'));
    return settled();
  }

  announce(holdings: readonly Holding[]): void {
    this.log.push(`announce ${holdings.length}`);
  }

  seek({ kind }: Query): () => void {
    this.log.push(`seek ${kind}`);
    return () => this.log.push(`stop ${kind}`);
  }

  describe(): ReturnType<Discovery['describe']> {
    return { path: this.path, interfaces: ['eth0'], problems: [] };
  }

  async close(): Promise<void> {
    this.log.push('close');
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a discovery that opens in the background', () => {
  it('passes on what was said before it was open', async () => {
    const slow = new Slow();
    const { background, log } = slow;
    background.announce([HOLDING]);
    const stop = background.seek(MOVIE);
    const stopped = background.seek({ kind: 'everything' });
    stopped();
    expect(background.describe()).toEqual({ path: 'mdns', interfaces: [], problems: [] });
    await slow.open();
    expect(log).toEqual(['announce 1', 'seek name']);
    stop();
    background.announce([]);
    background.seek({ kind: 'everything' });
    expect(log.slice(2)).toEqual(['stop name', 'announce 0', 'seek everything']);
    expect(background.describe().interfaces).toEqual(['eth0']);
    await background.close();
    expect(log.at(-1)).toBe('close');
  });

  it('says why it could not be opened', async () => {
    const slow = new Slow();
    const stop = slow.background.seek(MOVIE);
    await slow.fail();
    expect(slow.background.describe().problems).toEqual(['no socket']);
    stop();
    await slow.background.close();
  });

  it('that is closed before it is open says nothing, and is closed then', async () => {
    const slow = new Slow();
    slow.background.announce([HOLDING]);
    slow.background.seek(MOVIE);
    await Promise.resolve();
    const closing = slow.background.close();
    await slow.open();
    await closing;
    expect(slow.log).toEqual(['close']);
  });

  it('that is closed before it may begin is never opened', async () => {
    let opened = false;
    const open = async (): Promise<never> => {
      opened = true;
      throw new Error('opened');
    };
    const aborted = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await inBackground('mdns', open, aborted).close();
    expect(opened).toBe(false);
  });
});

describe('a discovery in the background that should give others time', () => {
  const aborted = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const byHash: Query = { kind: 'infoHash', infoHash: HOLDING.infoHash };
  const isUrgent = ({ kind }: Query): boolean => kind === 'infoHash';

  /** The kinds of what it was asked when these searches have begun. */
  async function askedAfter(...queries: readonly Query[]): Promise<readonly string[]> {
    const slow = new Slow();
    const background = inBackground('lsd', async () => slow, aborted, isUrgent);
    for (const query of queries) background.seek(query);
    await settled();
    const asked = slow.log.filter((line) => line.startsWith('seek'));
    await background.close();
    return asked;
  }

  it('opens at once for a search that is urgent', async () => {
    expect(await askedAfter(byHash)).toEqual(['seek infoHash']);
  });

  it('waits with any other search', async () => {
    expect(await askedAfter(MOVIE)).toEqual([]);
  });

  it('waits with an urgent search that follows from another one', async () => {
    expect(await askedAfter(MOVIE, byHash)).toEqual([]);
  });
});
