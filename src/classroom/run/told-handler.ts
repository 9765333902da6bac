import type { LinkHandler } from '../../peer/peer-link.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';
import type { ListedPeerId } from '../config/project.ts';
import type { LogEvent } from '../log/log-event.ts';

export interface Telling {
  /** Its messages that the assignment wants in the log. */
  log(event: LogEvent): void;
  /** It has said what it has, or that it has more. */
  onIndex(): void;
  /** It has said what needs no answer and brings nobody further; throws where it says too much of that. */
  onTalk(): void;
  /** Bytes of a piece came in, or went out. */
  onPieceCame(): void;
  onPieceSent(bytes: number): void;
}

/** The same handler, which tells of what it hears. What breaks the protocol is not heard: the handler throws first. */
export function toldHandler(
  handler: LinkHandler,
  session: PeerSession,
  peer: ListedPeerId,
  { log, onIndex, onTalk, onPieceCame, onPieceSent }: Telling,
): LinkHandler {
  return {
    ...handler,
    onBitfield(bits) {
      handler.onBitfield(bits);
      onIndex();
    },
    onHave(piece) {
      const { count } = session.theirs;
      handler.onHave(piece);
      if (session.theirs.count === count) onTalk();
      log({ kind: 'have', from: peer, piece });
      onIndex();
    },
    onChoke() {
      onTalk();
      log({ kind: 'choked', by: peer });
      handler.onChoke();
    },
    onUnchoke() {
      onTalk();
      log({ kind: 'unchoked', by: peer });
      handler.onUnchoke();
    },
    onInterested() {
      onTalk();
      log({ kind: 'interested', from: peer });
      handler.onInterested();
    },
    onNotInterested() {
      onTalk();
      log({ kind: 'not interested', from: peer });
      handler.onNotInterested();
    },
    onReceived(bytes) {
      handler.onReceived(bytes);
      if (session.receiving) onPieceCame();
    },
    onSent(bytes) {
      handler.onSent(bytes);
      onPieceSent(bytes);
    },
  };
}
