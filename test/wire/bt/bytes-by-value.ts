import { expect } from 'vitest';

/** From now on the same bytes are equal, whether they stand in a Buffer or a Uint8Array. */
export function compareBytesByValue(): void {
  expect.addEqualityTesters([
    (left: unknown, right: unknown): boolean | undefined =>
      left instanceof Uint8Array && right instanceof Uint8Array
        ? Buffer.compare(left, right) === 0
        : undefined,
  ]);
}
