import type { LinkHandler } from '../../peer/peer-link.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';
import type { ListedPeerId } from '../config/project.ts';
import type { LogEvent } from '../log/log-event.ts';

export interface Telling {
  /** Its messages that the assignment wants in the log. */
  log(event: LogEvent): void;
  /** It has said what it has, or that it has more. */
  onIndex(): void;
  /** Bytes of a piece went out or came in. */
  onPieceBytes(): void;
}

/** The same handler, which tells of what it hears. What breaks the protocol is not heard: the handler throws first. */
export function toldHandler(
  handler: LinkHandler,
  session: PeerSession,
  peer: ListedPeerId,
  { log, onIndex, onPieceBytes }: Telling,
): LinkHandler {
  return {
    ...handler,
    onBitfield(bits) {
      handler.onBitfield(bits);
      onIndex();
    },
    onHave(piece) {
      handler.onHave(piece);
      log({ kind: 'have', from: peer, piece });
      onIndex();
    },
    onChoke() {
      log({ kind: 'choked', by: peer });
      handler.onChoke();
    },
    onUnchoke() {
      log({ kind: 'unchoked', by: peer });
      handler.onUnchoke();
    },
    onInterested() {
      log({ kind: 'interested', from: peer });
      handler.onInterested();
    },
    onNotInterested() {
      log({ kind: 'not interested', from: peer });
      handler.onNotInterested();
    },
    onReceived(bytes) {
      handler.onReceived(bytes);
      if (session.receiving) onPieceBytes();
    },
    onSent(bytes) {
      handler.onSent(bytes);
      onPieceBytes();
    },
  };
}
