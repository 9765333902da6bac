import type { PeerId } from '../holdings/holding.ts';
import { DUPLICATE_QUIET_MS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Welcome } from '../peer/link-setup.ts';
import type { Hello, RefusalReason } from '../wire/lan/message.ts';
import type { Candidate } from './peer-book.ts';
import type { PeerSession } from './peer-session.ts';

export interface Applicant {
  readonly hello: Hello;
  /** Whether we opened the link, and whom we expected there. */
  readonly dialed: boolean;
  readonly expected: Candidate | undefined;
}

export interface AdmissionState {
  readonly infoHash: InfoHash;
  readonly localPeerId: PeerId;
  readonly banned: boolean;
  /** The session there is with the same peer. */
  readonly existing: PeerSession | undefined;
  readonly now: number;
}

export type Admission =
  | { readonly kind: 'admitted' }
  /** In the place of the link that there is. */
  | { readonly kind: 'replaces'; readonly existing: PeerSession }
  | Extract<Welcome, { kind: 'refused' }>;

/** May this peer link with us? Listener and dialler ask the same, and come to the same answer. */
export function admit({ hello, dialed, expected }: Applicant, state: AdmissionState): Admission {
  const { infoHash, localPeerId, banned, existing, now } = state;
  if (hello.infoHash !== infoHash) return refused('unknown content', 'the peer is about another content');
  if (banned) return refused('banned', 'the peer sent corrupt data before');
  if (expected?.peerId !== undefined && expected.peerId !== hello.peerId) {
    return refused('wrong peer id', 'somebody else answers at this address');
  }
  if (existing === undefined) return { kind: 'admitted' };
  // After an outage the peer may have given up a link that still looks alive from here.
  const givenUp = existing.link.dialed === dialed && now - existing.lastReceivedAt > DUPLICATE_QUIET_MS;
  // Both dialled at once: both sides keep the link that the lower peer id dialled.
  const weDial = localPeerId < hello.peerId;
  const isTheOneToKeep = existing.link.dialed !== weDial && dialed === weDial;
  return givenUp || isTheOneToKeep
    ? { kind: 'replaces', existing }
    : refused('duplicate link', 'already linked');
}

function refused(reason: RefusalReason, text: string): Admission {
  return { kind: 'refused', reason, text };
}
