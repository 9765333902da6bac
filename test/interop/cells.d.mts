/** One cell of the interop matrix: what is moved, between whom, and how they find each other. */
export interface Cell {
  /** The name of a content, such as `many files`. */
  readonly content: string;
  /** `lsd`, `peer`, `http-tracker`, `udp-tracker`, `pex`, or several with `and` between them. */
  readonly finding: string;
  /** Whether leechers are given a magnet link instead of a .torrent file. */
  readonly magnet: boolean;
  /** Whether it is about how `lanshare tracker` and opentracker count the programs, and not about one of them. */
  readonly counted?: boolean;
}

export const CELLS: readonly Cell[];
/**
 * What a cell moves, and how its programs find each other: `many files, http-tracker, magnet`, or
 * `file, udp-tracker of lanshare` where the tracker is not opentracker.
 */
export function caseOf(cell: Cell): string;
/** Who gives to whom: `libtorrent → lanshare`. */
export function pairOf(cell: Cell): string;
/** Why the matrix cannot be run here; undefined where it can. */
export function missingPrograms(): string | undefined;
