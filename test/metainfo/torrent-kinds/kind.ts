/** A .torrent of one kind, and what lanshare makes of it. */
export interface Kind {
  readonly what: string;
  readonly bytes: Uint8Array;
  /** Undefined where it loads; else the fault that is named. */
  readonly fault: RegExp | undefined;
  /** Why libtorrent's verdict is the other one. */
  readonly verdictDiffers?: string;
  /** Why libtorrent gives the files other names. */
  readonly namesDiffer?: string;
}

type Differences = Pick<Kind, 'verdictDiffers' | 'namesDiffer'>;

export function loads(what: string, bytes: Uint8Array, differences: Differences = {}): Kind {
  return { what, bytes, fault: undefined, ...differences };
}

export function refused(what: string, bytes: Uint8Array, fault: RegExp, differences: Differences = {}): Kind {
  return { what, bytes, fault, ...differences };
}
