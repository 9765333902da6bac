import { type InfoHash, infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';

const WORDS = 5;

/** Five words in network order as the 40 digits that the rest of lanshare uses. */
export function infoHashOf(words: Uint32Array): InfoHash {
  return infoHashFromBytes(bytesOfWords(words));
}

export function infoHashWords(infoHash: InfoHash): Uint32Array {
  const words = new Uint32Array(WORDS);
  setWords(words, infoHashToBytes(infoHash));
  return words;
}

/** 20 bytes as five words. */
export function setWords(words: Uint32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, WORDS * 4);
  for (let word = 0; word < WORDS; word++) words[word] = view.getUint32(word * 4);
}

function bytesOfWords(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(WORDS * 4);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < WORDS; word++) view.setUint32(word * 4, words[word] ?? 0);
  return bytes;
}
