import { ProtocolError } from '../wire/lan/message.ts';
import type { PeerSession } from './peer-session.ts';

/** What a peer's message leads to may break the protocol only now, when it can be judged: then the link ends. */
export function guarded(session: PeerSession, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    session.link.close(error.reason, error.message);
  }
}
