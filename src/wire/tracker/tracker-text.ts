import { MAX_TRACKER_MESSAGE_BYTES } from '../../limits.ts';
import { printableName } from '../../metainfo/printable-name.ts';

const utf8 = new TextDecoder();

/** A stranger's words, cut to MAX_TRACKER_MESSAGE_BYTES and safe to print. */
export function trackerText(bytes: Uint8Array): string {
  return printableName(utf8.decode(bytes.subarray(0, MAX_TRACKER_MESSAGE_BYTES)).trim());
}
