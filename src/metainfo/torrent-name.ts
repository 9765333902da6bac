import { MAX_PATH_PART_BYTES } from '../limits.ts';

const SUFFIX = '.torrent';

/**
 * The name of the .torrent that describes a content: `movie.txt` gives `movie.torrent`, the folder `v1.2`
 * gives `v1.2.torrent`, `.bashrc` gives `.bashrc.torrent`. Never the name itself, and cut at a character
 * where it would be longer than a file name may be.
 */
export function torrentFileName(name: string, kind: 'file' | 'folder'): string {
  // A shared .torrent file must not be overwritten by its own description.
  const stem = kind === 'folder' || name.endsWith(SUFFIX) ? name : stemOf(name);
  return cutToBytes(stem, MAX_PATH_PART_BYTES - SUFFIX.length) + SUFFIX;
}

/**
 * Whether somebody who asks for `asked` means the content that is shared as `sharedName`: under exactly that
 * name, or by the name that its .torrent has. Both are compared in NFC, as file systems differ there.
 */
export function matchesName(asked: string, sharedName: string): 'exact' | 'torrent' | undefined {
  const wanted = asked.normalize('NFC');
  const shared = sharedName.normalize('NFC');
  if (wanted === shared) return 'exact';
  if (!wanted.endsWith(SUFFIX)) return undefined;
  const stem = wanted.slice(0, -SUFFIX.length);
  return stem === shared || stem === stemOf(shared) ? 'torrent' : undefined;
}

/** Without the last extension; a dot that only other dots stand before starts no extension. */
export function stemOf(name: string): string {
  return /^(\.*[^.].*)\.[^.]*$/su.exec(name)?.[1] ?? name;
}

function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
