import { blockHashes, merkleRoot } from '../../../src/metainfo/merkle.ts';

/** What can be written, also as nobody should write it. */
export type Value = number | string | Uint8Array | Written | readonly Value[] | Dictionary;
export type Dictionary = { readonly [key: string]: Value | undefined };

/** Bytes that stand as they are. */
export class Written {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export function raw(text: string): Written {
  return new Written(Buffer.from(text, 'latin1'));
}

/** A dictionary with its keys in this order, and twice where they are twice. */
export function inOrder(...entries: readonly (readonly [string | Uint8Array, Value])[]): Written {
  const parts = entries.flatMap(([key, value]) => [write(Buffer.from(key)), write(value)]);
  return new Written(Buffer.concat([Buffer.from('d'), ...parts, Buffer.from('e')]));
}

export function write(value: Value): Uint8Array {
  if (value instanceof Written) return value.bytes;
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const content = Buffer.from(value);
    return Buffer.concat([Buffer.from(`${content.length}:`), content]);
  }
  if (isList(value)) return Buffer.concat([Buffer.from('l'), ...value.map(write), Buffer.from('e')]);
  const given = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [[key, item] as const],
  );
  return inOrder(...given.sort(([one], [other]) => (one < other ? -1 : 1))).bytes;
}

function isList(value: readonly Value[] | Dictionary): value is readonly Value[] {
  return Array.isArray(value);
}

/** A .torrent of one file of 40,000 bytes, or (with `files`) of a folder with as many. */
export function v1(info: Dictionary = {}, beside: Dictionary = {}): Uint8Array {
  const common = { length: 40_000, name: 'sample', 'piece length': 16_384, pieces: hashes(3) };
  return write({ info: { ...common, ...info }, ...beside });
}

export function folder(files: Value, info: Dictionary = {}): Uint8Array {
  return v1({ files, length: undefined, ...info });
}

/** A folder of empty files and one of 40,000 bytes, with these paths. */
export function paths(...of: readonly (readonly (string | Uint8Array)[])[]): Uint8Array {
  return folder(of.map((path, at) => entry(path, at === 0 ? 40_000 : 0)));
}

export function entry(path: Value, length: Value = 40_000, more: Dictionary = {}): Dictionary {
  return { path, length, ...more };
}

export function hashes(pieces: number): Uint8Array {
  return Buffer.alloc(pieces * 20, 7);
}

/** Two pieces of 16 KiB, a block each, so that the blocks are the piece layer. */
export const LAYER = blockHashes(Buffer.alloc(20_000, 'a'));
export const LAYER_ROOT = merkleRoot(LAYER, 2);
export const LONG = leaf({ length: 20_000, 'pieces root': LAYER_ROOT });
export const SHORT = leaf({ length: 5, 'pieces root': Buffer.alloc(32, 1) });

export function leaf(keys: Dictionary): Dictionary {
  return { '': keys };
}

/** A .torrent of v2 alone with 16 KiB pieces and the layer of LONG. */
export function v2(tree: Value | undefined, info: Dictionary = {}, beside: Dictionary = {}): Uint8Array {
  const common = { 'file tree': tree, 'meta version': 2, name: 'sample', 'piece length': 16_384 };
  return write({ info: { ...common, ...info }, 'piece layers': layers([LAYER_ROOT, LAYER]), ...beside });
}

export function layers(...of: readonly (readonly [Uint8Array, Value])[]): Written {
  return inOrder(...of);
}

/** A hybrid of `a` with 20,000 bytes, padding, and `b` with 5. */
export function hybrid(info: Dictionary = {}): Uint8Array {
  const files = [entry(['a'], 20_000), padding(12_768), entry(['b'], 5)];
  return v2({ a: LONG, b: SHORT }, { files, pieces: hashes(3), ...info });
}

export function padding(length: number): Dictionary {
  return entry(['.pad', `${length}`], length, { attr: 'p' });
}

export function link(path: Value, target: Value | undefined, more: Dictionary = {}): Dictionary {
  return { attr: 'l', path, 'symlink path': target, ...more };
}
