import { describe, expect, it } from 'vitest';
import { MAX_BLOCK_BYTES, MAX_EXCHANGED_PEERS, METADATA_BLOCK_BYTES } from '../../../src/limits.ts';
import type { Random } from '../../../src/platform/random.ts';
import { randomInteger } from '../../../src/platform/random.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';
import { hostileDatagram } from '../../support/hostile-datagrams.ts';
import { seededRandom, testSeed } from '../../support/seeded-random.ts';
import { everyMessage } from './arbitrary-bt.ts';
import { behindHandshake, blockFrame, cutAt, decoding, encode, type Read } from './bt-stream.ts';
import { compareBytesByValue } from './bytes-by-value.ts';

compareBytesByValue();

/** FUZZ_RUNS=1000000 for the long run. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000);
const SEED = testSeed();

const block = blockFrame(3, 16_384, Buffer.alloc(300, 'block'));
const frames = [...everyMessage.map(encode), block];
const streams = [...frames.map((frame) => behindHandshake(frame, block)), behindHandshake(...frames)];

interface Outcome {
  readonly read: readonly Read[];
  /** Why it ended before all was read. */
  readonly fault: string | undefined;
}

/** Any other error than a ProtocolError is one of ours. */
function outcome(chunks: readonly Uint8Array[], fast: boolean): Outcome {
  const read: Read[] = [];
  try {
    for (const input of decoding(chunks, { fast })) read.push(input);
    return { read, fault: undefined };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { read, fault: error.message };
  }
}

/** What no message may exceed, whatever was sent. */
function checkBounds(message: Read): void {
  switch (message.type) {
    case 'filled block':
      expect(message.bytes.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
      break;
    case 'metadata':
      expect(message.bytes.length).toBeLessThanOrEqual(METADATA_BLOCK_BYTES);
      break;
    case 'peer exchange':
      expect(message.added.length).toBeLessThanOrEqual(MAX_EXCHANGED_PEERS);
      for (const { endpoint } of message.added) expect(endpoint.port).toBeGreaterThan(0);
      break;
    default:
  }
}

function hostileStream(random: Random): Uint8Array {
  const bytes = hostileDatagram(random, random.next() < 0.5 ? streams : frames);
  return random.next() < 0.5 ? bytes : behindHandshake(bytes, block);
}

function randomCuts(random: Random, stream: Uint8Array): Uint8Array[] {
  const places = Array.from({ length: randomInteger(random, 6) }, () => randomInteger(random, 4_000));
  return cutAt(stream, places);
}

describe('hostile bytes', () => {
  it('come to messages or a ProtocolError, the same however they are cut', { timeout: 30_000 + RUNS }, () => {
    const random = seededRandom(SEED);
    const seen = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      const stream = hostileStream(random);
      const fast = random.next() < 0.8;
      try {
        const whole = outcome([stream], fast);
        const cut = outcome(randomCuts(random, stream), fast);
        if (!same(whole, cut)) expect(cut).toEqual(whole);
        for (const message of whole.read) {
          checkBounds(message);
          seen.add(message.type);
        }
        seen.add(whole.fault === undefined ? 'all read' : 'refused');
      } catch (cause) {
        throw new Error(`at ${Buffer.from(stream).toString('hex')} (SEED=${SEED})`, { cause });
      }
    }
    const expected = [
      'all read',
      'refused',
      'handshake',
      'filled block',
      ...everyMessage.map(({ type }) => type),
    ];
    expect([...seen].sort()).toEqual([...expected].sort());
  });
});

/** Cheaper than to compare with `toEqual` a million times. */
function same(one: Outcome, other: Outcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
