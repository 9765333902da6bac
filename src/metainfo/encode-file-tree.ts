import { encodeBencode } from './bencode.ts';
import { encodeDictionary } from './bencode-dictionary.ts';

/** A file and the root of its tree. */
export interface RootedFile {
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  readonly executable: boolean;
  /** 32 bytes; undefined for a file without a byte. */
  readonly piecesRoot: Uint8Array | undefined;
}

/** The bencoded "file tree" (BEP 52): a dictionary a folder, and for each file one with the empty key. */
export function encodeFileTree(files: readonly RootedFile[], depth = 0): Uint8Array {
  const entries: [string, Uint8Array][] = [];
  for (const [name, inside] of byName(files, depth)) {
    const [first] = inside;
    const isFile = first !== undefined && first.path.length === depth + 1;
    entries.push([name, isFile ? encodeLeaf(first) : encodeFileTree(inside, depth + 1)]);
  }
  return encodeDictionary(entries);
}

function byName(files: readonly RootedFile[], depth: number): Map<string, RootedFile[]> {
  const groups = new Map<string, RootedFile[]>();
  for (const file of files) {
    const name = file.path[depth] ?? '';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [file]);
    else group.push(file);
  }
  return groups;
}

function encodeLeaf({ length, executable, piecesRoot }: RootedFile): Uint8Array {
  const attr = executable ? 'x' : undefined;
  return encodeBencode({ '': { attr, length, 'pieces root': piecesRoot } });
}
