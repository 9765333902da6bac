import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { IDLE_TIMEOUT_MS, STALL_TIMEOUT_MS } from '../../src/limits.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { BufferPool } from '../../src/peer/buffer-pool.ts';
import { SentPieces } from '../../src/peer/sent-pieces.ts';
import { UploadQueue } from '../../src/peer/upload-queue.ts';
import { TokenBucket } from '../../src/pieces/token-bucket.ts';
import type { Connection } from '../../src/platform/network.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { sampleContent } from '../support/sample-content.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const BUFFER_BYTES = 16 * 1024;
const content = sampleContent({ length: 64 * 1024, pieceLength: 1024 });

/** A connection to a peer that reads at once, or not before `read` is called. */
class FakeConnection implements Connection {
  readonly remote = { host: '10.0.0.1', port: 1 };
  readonly local = { host: '10.0.0.2', port: 2 };
  readonly unread: (() => void)[] = [];
  writes = 0;
  readonly #reads: boolean;

  constructor(reads: boolean) {
    this.#reads = reads;
  }

  write(_chunks: readonly Uint8Array[], sent: () => void = () => {}): void {
    this.writes++;
    if (this.#reads) queueMicrotask(sent);
    else this.unread.push(sent);
  }

  read(): void {
    for (const sent of this.unread.splice(0)) sent();
  }

  open(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  shutdown(): void {}
  destroy(): void {}
}

function queueTo(connection: Connection, buffers: BufferPool, clock: VirtualClock): UploadQueue {
  const queue = new UploadQueue({
    connection,
    buffers,
    clock,
    sent: new SentPieces(),
    limit: new TokenBucket(Number.POSITIVE_INFINITY, 0),
    onSent() {},
    onFrameEnd() {},
    onFault(error) {
      throw error;
    },
  });
  queue.serve(new MemoryStore(content.metainfo, content.bytes));
  return queue;
}

function ask(queue: UploadQueue, pieces: number): void {
  for (let index = 0; index < pieces; index++) queue.add(index as PieceIndex);
}

describe('the upload queue', () => {
  it('of who does not read leaves buffers to the others', async () => {
    const clock = new VirtualClock();
    const buffers = new BufferPool(BUFFER_BYTES, 8 * BUFFER_BYTES);
    const deaf = new FakeConnection(false);
    const good = new FakeConnection(true);
    ask(queueTo(deaf, buffers, clock), 64);
    await setImmediate();
    ask(queueTo(good, buffers, clock), 64);
    await setImmediate();
    expect(good.writes).toBe(64);
    expect(deaf.writes).toBeLessThan(8);
  });

  it('goes on with who reads slowly, one buffer at a time while they are scarce', async () => {
    const slow = new FakeConnection(false);
    ask(queueTo(slow, new BufferPool(BUFFER_BYTES, 2 * BUFFER_BYTES), new VirtualClock()), 64);
    for (let round = 0; round < 64; round++) {
      await setImmediate();
      slow.read();
    }
    expect(slow.writes).toBe(64);
  });

  it('is stuck when the peer has taken nothing for long', async () => {
    const clock = new VirtualClock();
    const deaf = new FakeConnection(false);
    const queue = queueTo(deaf, new BufferPool(BUFFER_BYTES, 64 * BUFFER_BYTES), clock);
    await clock.advance(IDLE_TIMEOUT_MS * 2);
    ask(queue, 4);
    await clock.advance(IDLE_TIMEOUT_MS);
    expect(queue.stuck).toBe(false);
    await clock.advance(1);
    expect(queue.stuck).toBe(true);
    deaf.read();
    expect(queue.stuck).toBe(false);
  });

  it('is stuck sooner while others wait for buffers', async () => {
    const clock = new VirtualClock();
    const queue = queueTo(new FakeConnection(false), new BufferPool(BUFFER_BYTES, 2 * BUFFER_BYTES), clock);
    ask(queue, 4);
    await clock.advance(STALL_TIMEOUT_MS + 1);
    expect(queue.stuck).toBe(true);
  });
});
