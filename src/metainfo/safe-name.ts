import { MAX_PATH_DEPTH, MAX_PATH_PART_BYTES } from '../limits.ts';
import { printableName } from './printable-name.ts';

/** As `process.platform` names it; only Windows has rules of its own. */
export type NamePlatform = NodeJS.Platform;

/** Device names of Windows, which open the device with any extension behind them, in any folder. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?: *\..*)?$/iu;
const WINDOWS_FORBIDDEN = /[<>:"|?*]/g;

/**
 * Why `part` cannot be one part of a path, as the end of a sentence ("... is a reserved name on Windows"),
 * or undefined where it can.
 *
 * What could lead out of a folder, or that no other system could store, is refused everywhere. What is only
 * awkward on Windows (`aux.c`, `a:b.txt`, `etc...`) is refused on Windows alone: between two Linux machines
 * it is an ordinary name.
 */
export function namePartFault(part: string, platform: NamePlatform = process.platform): string | undefined {
  if (part === '') return 'is empty';
  if (part === '.' || part === '..') return 'is a way to another folder';
  if (/[/\\]/.test(part)) return 'contains a path separator';
  if (/\p{Cc}/u.test(part)) return 'contains a control character';
  if (/\p{Cs}/u.test(part)) return 'is not valid Unicode';
  if (/^[a-z]:$/i.test(part)) return 'is a drive letter';
  if (Buffer.byteLength(part) > MAX_PATH_PART_BYTES) return `is longer than ${MAX_PATH_PART_BYTES} bytes`;
  return platform === 'win32' ? windowsFault(part) : undefined;
}

/** The same for a path below a content's folder; names the part at fault. */
export function pathFault(
  path: readonly string[],
  platform: NamePlatform = process.platform,
): string | undefined {
  if (path.length > MAX_PATH_DEPTH) return `the path ${shown(path)} is deeper than ${MAX_PATH_DEPTH} folders`;
  for (const part of path) {
    const fault = namePartFault(part, platform);
    if (fault !== undefined) return `the name "${printableName(part)}" ${fault}`;
  }
  return undefined;
}

/** A part as Windows can store it, for names out of a .torrent; empty where nothing is left of it. */
export function safeOnWindows(part: string): string {
  const kept = part.replace(WINDOWS_FORBIDDEN, '_').replace(/[. ]+$/, '');
  // No longer than before.
  return WINDOWS_DEVICE.test(kept) ? `_${kept.slice(1)}` : kept;
}

function windowsFault(part: string): string | undefined {
  if (part.search(WINDOWS_FORBIDDEN) !== -1) return 'contains a character that Windows does not allow';
  if (/[. ]$/.test(part)) return 'ends with a dot or a space, which Windows drops';
  if (WINDOWS_DEVICE.test(part)) return 'is a reserved name on Windows';
  return undefined;
}

function shown(path: readonly string[]): string {
  return `"${printableName(path.slice(0, 3).join('/'))}/..."`;
}
