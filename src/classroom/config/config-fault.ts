import { LanshareError } from '../../errors.ts';
import { printableName } from '../../metainfo/printable-name.ts';

/** Where in a configuration file something stands. */
export interface ConfigPlace {
  /** As the user is told it: `PeerInfo.cfg`. */
  readonly file: string;
  /** Counts from 1; undefined for the file as a whole. */
  readonly line: number | undefined;
}

/** A BAD_CONFIG error: `PeerInfo.cfg line 3: peer 1001 stands in line 1 already`. */
export function configFault(place: ConfigPlace, text: string, hint: string): LanshareError {
  return new LanshareError('BAD_CONFIG', `${placeText(place)}: ${text}`, hint);
}

export function placeText({ file, line }: ConfigPlace): string {
  return line === undefined ? file : `${file} line ${line}`;
}

/** What somebody wrote, for a sentence: printable, and not longer than a sentence bears. */
export function shown(text: string): string {
  return printableName(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

export function quoted(text: string): string {
  return `"${shown(text)}"`;
}
