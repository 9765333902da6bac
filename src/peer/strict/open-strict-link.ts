import { StrictLink } from './strict-link.ts';
import type { StrictLinkOptions } from './strict-setup.ts';

/**
 * Makes a link that speaks the assignment's dialect and nothing else, and lets its bytes flow. `onEnd` hears first that
 * the connection is gone.
 */
export function openStrictLink(options: StrictLinkOptions, onEnd: () => void = () => {}): void {
  const link = new StrictLink(options);
  options.connection.open({
    onData: (chunk) => link.receive(chunk),
    receiveInto: () => link.receiveInto,
    onClose(error) {
      onEnd();
      link.connectionClosed(error);
    },
  });
}
