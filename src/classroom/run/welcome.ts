import { DUPLICATE_QUIET_MS } from '../../limits.ts';
import { saysId } from '../../peer/strict/says-id.ts';
import type { RefusalReason } from '../../wire/lan/message.ts';
import type { ListedPeer } from '../config/project.ts';

export interface Caller {
  /** As its handshake has it. */
  readonly id: number;
  /** We opened the connection. */
  readonly dialed: boolean;
}

export interface WelcomeState {
  /** With the caller's ID, ourselves left out. */
  readonly listed: ListedPeer | undefined;
  /** The link to the same peer that there is. */
  readonly existing: { readonly quietMs: number } | undefined;
}

export type Verdict =
  | { readonly kind: 'welcome' }
  /** In the place of the link that there is. */
  | { readonly kind: 'replaces' }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly text: string };

/**
 * May this peer link with us? Also one that we should dial: who is first, is first. One that calls again has lost the
 * link it had, or started again; what we have of it then soon ends by itself or is quiet. Until then it might
 * be somebody else under the same ID.
 */
export function judgeCaller({ id, dialed }: Caller, { listed, existing }: WelcomeState): Verdict {
  if (listed === undefined)
    return refused('wrong peer id', `${saysId(id)}, and no such peer is in PeerInfo.cfg`);
  if (existing === undefined) return { kind: 'welcome' };
  if (!dialed && existing.quietMs > DUPLICATE_QUIET_MS) return { kind: 'replaces' };
  return refused('duplicate link', `peer ${id} is linked already`);
}

function refused(reason: RefusalReason, text: string): Verdict {
  return { kind: 'refused', reason, text };
}
