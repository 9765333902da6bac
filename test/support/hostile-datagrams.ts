import type { Random } from '../../src/platform/random.ts';

/** What a stranger may send: garbage, or a datagram that was valid once. `valid` is not changed. */
export function hostileDatagram(random: Random, valid: readonly Uint8Array[]): Uint8Array {
  const attack = pick(random, ATTACKS);
  return attack(pick(random, valid), random, valid);
}

type Attack = (valid: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const ATTACKS: readonly Attack[] = [
  garbage,
  garbageBehindHeader,
  truncated,
  oversized,
  bitsFlipped,
  bytesAtTheirBounds,
  compressionLoops,
  spliced,
  partRepeated,
];

function garbage(_: Uint8Array, random: Random): Uint8Array {
  return random.bytes(below(random, 600));
}

/** So that it gets past the first look. */
function garbageBehindHeader(valid: Uint8Array, random: Random): Uint8Array {
  return join(valid.subarray(0, 6 + below(random, 60)), random.bytes(below(random, 300)));
}

function truncated(valid: Uint8Array, random: Random): Uint8Array {
  return valid.slice(0, below(random, valid.length));
}

/** Up to more than anything is read of. */
function oversized(valid: Uint8Array, random: Random): Uint8Array {
  const tail = new Uint8Array(below(random, 10_000)).fill(below(random, 256));
  return join(valid, tail);
}

function bitsFlipped(valid: Uint8Array, random: Random): Uint8Array {
  return changed(valid, random, (byte) => byte ^ (1 << below(random, 8)));
}

/** Lengths and counts of nothing, one too many, everything. */
function bytesAtTheirBounds(valid: Uint8Array, random: Random): Uint8Array {
  return changed(valid, random, (byte) => pick(random, [0, 1, 0x7f, 0x80, 0xff, byte + 1, byte - 1]));
}

/** RFC 1035 section 4.1.4: pointers to themselves, to each other, forward, and to anywhere. */
function compressionLoops(valid: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(valid);
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, bytes.length - 1);
    const target = pick(random, [at, at + 2, Math.max(0, at - 2), 12, below(random, bytes.length)]);
    bytes[at] = 0xc0 | (target >> 8);
    bytes[at + 1] = target & 0xff;
  }
  return bytes;
}

function spliced(valid: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const other = pick(random, others);
  return join(valid.subarray(0, below(random, valid.length)), other.subarray(below(random, other.length)));
}

function partRepeated(valid: Uint8Array, random: Random): Uint8Array {
  const start = below(random, valid.length);
  const end = start + below(random, valid.length - start);
  return join(valid.subarray(0, end), valid.subarray(start));
}

function changed(valid: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const bytes = Uint8Array.from(valid);
  for (let count = 1 + below(random, 6); count > 0; count--) {
    const at = below(random, bytes.length);
    bytes[at] = change(bytes[at] ?? 0);
  }
  return bytes;
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

function below(random: Random, bound: number): number {
  return Math.floor(random.next() * Math.max(1, bound));
}

function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[below(random, from.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}
