import { BT_FIRST_BYTE } from '../wire/bt/handshake.ts';
import { BtLink } from './bt/bt-link.ts';
import { LanLink } from './lan-link.ts';
import type { Dialect, LinkOptions, OpenableLink } from './link-setup.ts';

/**
 * Makes a link of a connection and lets its bytes flow. Who dials chooses the dialect; who listens is told by the
 * first byte. `onEnd` hears first that the connection is gone.
 */
export function openLink(options: LinkOptions, dialect: Dialect, onEnd: () => void = () => {}): void {
  let link: OpenableLink = dialect === 'lan' ? new LanLink(options) : new BtLink(options);
  let heard = options.role.kind === 'dialer';
  options.connection.open({
    onData(chunk) {
      if (!heard) {
        heard = true;
        link = linkFor(chunk, link, options);
      }
      link.receive(chunk);
    },
    receiveInto: () => link.receiveInto,
    onClose(error) {
      onEnd();
      link.connectionClosed(error);
    },
  });
}

/** A listener expects its own dialect until it hears the other. */
function linkFor([first]: Uint8Array, expected: OpenableLink, options: LinkOptions): OpenableLink {
  if (first !== BT_FIRST_BYTE || !(expected instanceof LanLink)) return expected;
  expected.abandon();
  return new BtLink(options);
}
