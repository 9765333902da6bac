import { METADATA_BLOCK_BYTES } from '../../limits.ts';
import { ProtocolError } from '../../wire/lan/message.ts';

interface Slice {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Numbers of the blocks (BEP 9: "pieces") that are still to come. */
  readonly missing: Set<number>;
}

/** Turns the slices of the info dictionary that a transfer asks for into the 16 KiB blocks of BEP 9, and back. */
export class MetadataSlices {
  readonly #slices: Slice[] = [];

  /** Returns the numbers of the blocks to ask for. */
  request(offset: number, length: number): number[] {
    const first = Math.floor(offset / METADATA_BLOCK_BYTES);
    const last = Math.ceil((offset + length) / METADATA_BLOCK_BYTES);
    const numbers = Array.from({ length: last - first }, (_, at) => first + at);
    this.#slices.push({ offset, bytes: new Uint8Array(length), missing: new Set(numbers) });
    return numbers;
  }

  /** The slices that are whole with this block, in the order of asking. Throws where it was not asked for. */
  onBlock(number: number, bytes: Uint8Array): readonly Omit<Slice, 'missing'>[] {
    const slice = this.#slices.find(({ missing }) => missing.has(number));
    if (slice === undefined) throw new ProtocolError(`block ${number} of the metadata was not asked for`);
    const at = number * METADATA_BLOCK_BYTES - slice.offset;
    const expected = Math.min(METADATA_BLOCK_BYTES, slice.bytes.length - at);
    if (bytes.length !== expected)
      throw new ProtocolError(
        `block ${number} of the metadata has ${bytes.length} bytes and not ${expected}`,
      );
    slice.bytes.set(bytes, at);
    slice.missing.delete(number);
    const whole = this.#slices.findIndex(({ missing }) => missing.size > 0);
    return this.#slices.splice(0, whole < 0 ? this.#slices.length : whole);
  }
}
