import type { NetworkInterface } from '../../platform/interfaces.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import { readAddress } from './address-words.ts';

/**
 * The machine's own address in the asker's subnet; undefined where it has none there. Words as in `readAddress`. The
 * interfaces are asked for each time: whoever gives them remembers them for a while.
 */
export function ownAddresses(interfaces: () => readonly NetworkInterface[]) {
  return (asker: Uint32Array, family: AddressFamily): Uint32Array | undefined => {
    for (const { addresses } of interfaces()) {
      for (const { address, prefixLength } of addresses) {
        const words = new Uint32Array(4);
        if (readAddress(address, words) !== family) continue;
        if (isInSubnet(asker, words, prefixLength)) return words;
      }
    }
    return undefined;
  };
}

function isInSubnet(asker: Uint32Array, own: Uint32Array, prefixLength: number): boolean {
  for (let word = 0, bits = prefixLength; bits > 0; word++, bits -= 32) {
    const difference = (asker[word] ?? 0) ^ (own[word] ?? 0);
    if (difference >>> (bits >= 32 ? 0 : 32 - bits) !== 0) return false;
  }
  return true;
}
