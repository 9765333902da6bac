import type { PeerId } from '../holdings/holding.ts';
import { DUPLICATE_QUIET_MS, LINK_QUIET_MS } from '../limits.ts';
import type { Introduction, Welcome } from '../peer/link-setup.ts';
import type { PeerLink } from '../peer/peer-link.ts';
import type { RefusalReason } from '../wire/lan/message.ts';
import type { Candidate } from './peer-book.ts';
import type { PeerSession } from './peer-session.ts';

export interface Applicant {
  readonly introduction: Introduction;
  readonly link: Pick<PeerLink, 'dialed' | 'remote' | 'local'>;
  /** Whom we expected, where we opened the link. */
  readonly expected: Candidate | undefined;
}

export interface AdmissionState {
  /** Whether the peer names this content. */
  readonly isNamed: boolean;
  readonly localPeerId: PeerId;
  readonly banned: boolean;
  /** The sessions there are with the same peer. */
  readonly existing: readonly PeerSession[];
  /** Since when links are read without a pause: silence that we asked for tells nothing. */
  readonly readingSince: number;
  readonly now: number;
}

export type Admission =
  | { readonly kind: 'admitted' }
  /** In the place of the link that there is. */
  | { readonly kind: 'replaces'; readonly existing: PeerSession }
  | Extract<Welcome, { kind: 'refused' }>;

/** May this peer link with us? Listener and dialler ask the same, and come to the same answer. */
export function admit(applicant: Applicant, state: AdmissionState): Admission {
  const { introduction, expected, link } = applicant;
  const { peerId, second } = introduction;
  const { isNamed, banned, existing } = state;
  if (!isNamed) return refused('unknown content', 'the peer is about another content');
  if (banned) return refused('banned', 'the peer sent corrupt data before');
  // BitTorrent clients choose a new id when they like; libtorrent has one for each connection.
  const isKnown = expected?.peerId !== undefined && expected.dialect === 'lan';
  if (isKnown && expected.peerId !== peerId) {
    return refused('wrong peer id', 'somebody else answers at this address');
  }
  const [first, ...others] = existing;
  if (first === undefined) return { kind: 'admitted' };
  if (second && others.length === 0 && isElsewhere(first.link, link)) return { kind: 'admitted' };
  const replaced = existing.find((one) => givesWay(one, applicant, state));
  return replaced === undefined
    ? refused('duplicate link', 'already linked')
    : { kind: 'replaces', existing: replaced };
}

function givesWay(
  existing: PeerSession,
  { introduction, link }: Applicant,
  { localPeerId, readingSince, now }: AdmissionState,
): boolean {
  const quietMs = now - Math.max(existing.lastReceivedAt, readingSince);
  // After an outage the peer may have given up a link that still looks alive from here.
  const sameDirection = existing.link.dialed === link.dialed;
  if (sameDirection && quietMs > DUPLICATE_QUIET_MS) return true;
  // Its address has changed, or ours: whoever dialled knows already that the way it had is lost.
  if (isElsewhere(existing.link, link) && quietMs > LINK_QUIET_MS) return true;
  // Of two links, only one that is lost makes room for another.
  if (introduction.second) return false;
  // Both dialled at once: both sides keep the link that the lower peer id dialled.
  const weDial = localPeerId < introduction.peerId;
  return existing.link.dialed !== weDial && link.dialed === weDial;
}

/** Over another network, as far as the addresses tell. */
function isElsewhere(
  one: Pick<PeerLink, 'remote' | 'local'>,
  other: Pick<PeerLink, 'remote' | 'local'>,
): boolean {
  return one.remote.host !== other.remote.host || one.local.host !== other.local.host;
}

function refused(reason: RefusalReason, text: string): Admission {
  return { kind: 'refused', reason, text };
}
