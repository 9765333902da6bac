import { MAX_PATH_PART_BYTES } from '../limits.ts';
import { cutName } from './safe-path.ts';

type Path = readonly string[];

/** Leaves room for a number of seven digits and an extension. */
const NUMBERED_NAME_BYTES = 230;

/**
 * The same paths, each once and none the folder of another: of several files at one place the first keeps its name, and
 * a file gives way to a folder. `a.txt` becomes `a.1.txt`, as with libtorrent. Paths that differ in case only stay.
 */
export function distinctPaths(paths: readonly Path[]): readonly Path[] {
  const names = new Names(paths);
  return paths.map((path) => names.take(path));
}

class Names {
  /** Folders, and files that have been given a place. No part of a path has a slash in it. */
  readonly #taken = new Set<string>();
  /** By name: the number that was given last, so that a thousand equal names are not tried a million times. */
  readonly #numbers = new Map<string, number>();

  constructor(paths: readonly Path[]) {
    for (const path of paths) this.#takeFolders(path.join('/'));
  }

  take(path: Path): Path {
    const name = path.join('/');
    let distinct = path;
    let candidate = name;
    let number = this.#numbers.get(name) ?? 0;
    while (this.#taken.has(candidate)) {
      number++;
      distinct = numbered(path, number);
      candidate = distinct.join('/');
    }
    if (number > 0) this.#numbers.set(name, number);
    this.#taken.add(candidate);
    return distinct;
  }

  /** From the innermost outwards: where one is known, so are those around it. */
  #takeFolders(name: string): void {
    for (let end = name.lastIndexOf('/'); end !== -1; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end);
      if (this.#taken.has(folder)) return;
      this.#taken.add(folder);
    }
  }
}

function numbered(path: Path, number: number): Path {
  const name = path.at(-1) ?? '';
  const whole = withNumber(name, number);
  const fits = Buffer.byteLength(whole) <= MAX_PATH_PART_BYTES;
  return [...path.slice(0, -1), fits ? whole : withNumber(cutName(name, NUMBERED_NAME_BYTES), number)];
}

/** `a.txt` and `.txt` have the extension `.txt`. */
function withNumber(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? `${name}.${number}` : `${name.slice(0, dot)}.${number}${name.slice(dot)}`;
}
