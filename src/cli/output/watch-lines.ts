import { printableName } from '../../metainfo/printable-name.ts';
import type { Output } from '../host.ts';
import type { ContentEntry, HolderEntry } from './events.ts';
import { formatBytes } from './format.ts';
import type { WatchView } from './watch-view.ts';
import { WatchedContents } from './watched-contents.ts';

/** For files, pipes and simple terminals: one line a change. */
export function watchLines(output: Output): Pick<WatchView, 'take' | 'finish'> {
  const contents = new WatchedContents();
  return {
    take(change) {
      const content = contents.take(change);
      if (content === undefined) return;
      const peerId = change.event === 'gone' ? change.peerId : change.holder.peerId;
      const holder = content.holders.find((one) => one.peerId === peerId);
      if (holder === undefined) return;
      const { name, size, infoHash } = content;
      const what = `${printableName(name)}  ${formatBytes(size)}  ${infoHash}`;
      const word = change.event === 'gone' ? 'gone' : held(holder, content);
      output.write(`${nameOf(holder)}  ${word}  ${what}\n`);
    },
    finish() {},
  };
}

/** `333/1024`, as in the table. */
export function held({ piecesHeld }: HolderEntry, { pieces }: Pick<ContentEntry, 'pieces'>): string {
  return `${Math.min(piecesHeld, pieces)}/${pieces}`;
}

/** Always the same one of its addresses, IPv4 if it has one; its id, as long as none is known. */
export function nameOf({ addresses, peerId }: HolderEntry): string {
  const isIpv6 = (address: string): number => (address.startsWith('[') ? 1 : 0);
  const [first] = addresses.toSorted((a, b) => isIpv6(a) - isIpv6(b) || a.localeCompare(b));
  return first ?? peerId;
}
