import { printableName } from '../../metainfo/printable-name.ts';

/** `text` as one word of a POSIX shell; quoted only where it must be. */
export function shellQuote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The command that fetches it elsewhere: by name, or by hash where the name cannot be typed or would be taken
 * for something else. `options` are further words of it.
 */
export function fetchCommand(name: string, infoHash: string, ...options: readonly string[]): string {
  const typable = printableName(name) === name && !/^[0-9a-f]{40}$/i.test(name);
  const what = typable ? shellQuote(name) : infoHash;
  const words = what.startsWith('-') ? [...options, '--', what] : [what, ...options];
  return ['lanshare', 'fetch', ...words].join(' ');
}
