import { describe, expect, it } from 'vitest';
import { FIRST_BLOCKS_OUTSTANDING } from '../../../src/limits.ts';
import type { PieceIndex } from '../../../src/metainfo/metainfo.ts';
import { BlockDownloads } from '../../../src/peer/bt/block-downloads.ts';
import type { BlockPlace } from '../../../src/wire/bt/message.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';

const BLOCK = 16 * 1024;
const piece = (index: number): PieceIndex => index as PieceIndex;

/** Downloads, and all that they said. */
function subject() {
  const requested: BlockPlace[] = [];
  const cancelled: BlockPlace[] = [];
  const arrived: { index: number; content: Uint8Array }[] = [];
  const released: Uint8Array[] = [];
  const rejected: number[] = [];
  const state = { needed: true };
  const downloads = new BlockDownloads({
    handler: {
      takePiece: (_index, length) => (state.needed ? new Uint8Array(length) : undefined),
      releasePiece: (content) => void released.push(content),
      onPiece: ({ index, content }) => void arrived.push({ index, content }),
      onReject: (index) => void rejected.push(index),
    },
    request: (blocks) => void requested.push(...blocks),
    cancel: (blocks) => void cancelled.push(...blocks),
  });
  const receive = ({ index, begin, length }: BlockPlace, fill = 1): void => {
    const target = downloads.takeBlock(index, begin, length);
    if (target === undefined) return;
    target.fill(fill);
    downloads.onBlock(begin);
  };
  return { downloads, requested, cancelled, arrived, released, rejected, receive, state };
}

describe('the blocks of a piece', () => {
  it('are asked for in order, the last one as short as it is', () => {
    const { downloads, requested } = subject();
    downloads.request(piece(3), 2 * BLOCK + 5);
    expect(requested).toEqual([
      { index: 3, begin: 0, length: BLOCK },
      { index: 3, begin: BLOCK, length: BLOCK },
      { index: 3, begin: 2 * BLOCK, length: 5 },
    ]);
  });

  it('make the piece, in whatever order they come', () => {
    const { downloads, requested, arrived, receive } = subject();
    downloads.request(piece(0), 3 * BLOCK);
    for (const [at, place] of [...requested].reverse().entries()) receive(place, at + 1);
    expect(arrived).toHaveLength(1);
    expect([0, BLOCK, 2 * BLOCK].map((at) => arrived[0]?.content[at])).toEqual([3, 2, 1]);
  });

  it('wait until the peer has room for their requests', () => {
    const { downloads, requested, receive } = subject();
    downloads.limit = 2;
    downloads.request(piece(0), 4 * BLOCK);
    downloads.request(piece(1), BLOCK);
    expect(requested).toHaveLength(2);
    for (let count = 0; count < 4; count++) {
      const place = requested[count];
      if (place !== undefined) receive(place);
      expect(requested).toHaveLength(Math.min(5, count + 3));
    }
  });

  it('are asked for in growing numbers, as they come', () => {
    const { downloads, requested, receive } = subject();
    downloads.request(piece(0), 200 * BLOCK);
    expect(requested).toHaveLength(FIRST_BLOCKS_OUTSTANDING);
    for (let count = 0; count < 50; count++) receive({ index: 0, begin: count * BLOCK, length: BLOCK });
    const outstanding = requested.length - 50;
    expect(outstanding).toBeGreaterThan(FIRST_BLOCKS_OUTSTANDING + 25);
  });

  it('are asked for several at a time, as room for their requests comes', () => {
    const { downloads, requested, receive } = subject();
    downloads.limit = 16;
    downloads.request(piece(0), 200 * BLOCK);
    const counts = new Set<number>();
    for (let count = 0; count < 40; count++) {
      receive({ index: 0, begin: count * BLOCK, length: BLOCK });
      counts.add(requested.length);
    }
    expect([...counts]).toEqual([16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56]);
  });

  it('that were never asked for are an offence', () => {
    const { downloads } = subject();
    downloads.request(piece(1), 2 * BLOCK);
    expect(() => downloads.takeBlock(0, 0, BLOCK)).toThrow(ProtocolError);
    expect(() => downloads.takeBlock(1, 1, BLOCK)).toThrow(ProtocolError);
    expect(() => downloads.takeBlock(1, 2 * BLOCK, BLOCK)).toThrow(ProtocolError);
    expect(() => downloads.takeBlock(1, 0, BLOCK - 1)).toThrow(ProtocolError);
    expect(() => downloads.rejected({ index: 5, begin: 0, length: BLOCK })).toThrow(ProtocolError);
  });

  it('that come twice are skipped the second time', () => {
    const { downloads, arrived, receive } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    receive({ index: 0, begin: 0, length: BLOCK });
    expect(downloads.takeBlock(0, 0, BLOCK)).toBeUndefined();
    receive({ index: 0, begin: BLOCK, length: BLOCK });
    expect(arrived).toHaveLength(1);
  });

  it('that come after a choke are skipped, and the buffer was given back', () => {
    const { downloads, released, arrived, receive } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    receive({ index: 0, begin: 0, length: BLOCK });
    downloads.choked();
    expect(released).toHaveLength(1);
    receive({ index: 0, begin: BLOCK, length: BLOCK });
    expect(arrived).toEqual([]);
  });

  it('make the piece when it is asked for again after a choke', () => {
    const { downloads, requested, arrived, receive } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    downloads.choked();
    requested.length = 0;
    downloads.request(piece(0), 2 * BLOCK);
    for (const place of requested) receive(place);
    expect(arrived).toHaveLength(1);
  });

  it('give the piece up when one is rejected: the others are taken back, and free the window', () => {
    const { downloads, requested, cancelled, rejected } = subject();
    downloads.limit = 2;
    downloads.request(piece(0), 2 * BLOCK);
    downloads.request(piece(1), BLOCK);
    downloads.rejected({ index: 0, begin: 0, length: BLOCK });
    expect(rejected).toEqual([0]);
    expect(cancelled).toContainEqual({ index: 0, begin: BLOCK, length: BLOCK });
    expect(requested.at(-1)).toEqual({ index: 1, begin: 0, length: BLOCK });
  });

  it('that are cancelled are answered as a reject would be, a moment later', async () => {
    const { downloads, rejected, cancelled } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    downloads.cancel(piece(0));
    expect(rejected).toEqual([]);
    await Promise.resolve();
    expect(rejected).toEqual([0]);
    expect(cancelled).toHaveLength(2);
  });

  it('keep the buffer while one of them is being received into it', () => {
    const { downloads, released } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    const target = downloads.takeBlock(0, 0, BLOCK);
    downloads.cancel(piece(0));
    expect(released).toEqual([]);
    downloads.onBlock(0);
    expect(released[0]?.buffer).toBe(target?.buffer);
  });

  it('of a piece that is not needed any more are taken back', () => {
    const { downloads, cancelled, state } = subject();
    downloads.request(piece(0), 3 * BLOCK);
    state.needed = false;
    expect(downloads.takeBlock(0, 0, BLOCK)).toBeUndefined();
    expect(cancelled).toContainEqual({ index: 0, begin: BLOCK, length: BLOCK });
  });

  it('leave no buffer behind when the connection ends in the middle of one', () => {
    const { downloads, released, receive } = subject();
    downloads.request(piece(0), 2 * BLOCK);
    downloads.request(piece(1), 2 * BLOCK);
    receive({ index: 0, begin: 0, length: BLOCK });
    downloads.takeBlock(1, 0, BLOCK);
    downloads.close();
    expect(released).toHaveLength(2);
  });
});
