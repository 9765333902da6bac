import type { Holding, PeerId } from '../holdings/holding.ts';
import type { Query } from '../holdings/query.ts';
import type { Sighting } from '../holdings/sighting.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { DialOutcome } from './gossip-message.ts';

/** What happens to a gossiping node. */
export type GossipEvent =
  /** As it came from the network; nothing of it is believed. */
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly from: Endpoint }
  /** The time has come that the last effects asked to be woken at, or any other. */
  | { readonly kind: 'wake' }
  /** A node was found in another way (beacon, mDNS, a link), or named by the user. */
  | { readonly kind: 'met'; readonly node: Endpoint; readonly how: 'named by the user' | 'heard' }
  /** All that we hold from now on. Nothing at all makes us an observer, who asks and is not listed. */
  | { readonly kind: 'holdings'; readonly holdings: readonly Holding[] }
  /** All that is searched for from now on. */
  | { readonly kind: 'queries'; readonly queries: readonly Query[] }
  /** Our addresses have changed: everybody is to be told, and those we had lost may be back. */
  | { readonly kind: 'network changed' }
  /** How the dialling that an `examine` effect asked for went. */
  | {
      readonly kind: 'examined';
      readonly asker: PeerId;
      readonly sequence: number;
      readonly outcome: DialOutcome;
      readonly wallTime: number;
    }
  /** Asks a member to dial us back; the outcome comes as an `examination` effect. */
  | { readonly kind: 'examine me'; readonly port: number }
  /** Says goodbye. Nothing is done from then on. */
  | { readonly kind: 'stop' };

/** What is to be done about it. */
export type GossipEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly to: Endpoint }
  /** For the holdings table. */
  | { readonly kind: 'heard'; readonly sighting: Sighting }
  /** A member that, by its digest, may hold what is searched for: ask it, by unicast, if it has not answered yet. */
  | { readonly kind: 'inquire'; readonly peerId: PeerId; readonly node: Endpoint }
  /** Dial this address and come back with `examined`. */
  | {
      readonly kind: 'examine';
      readonly asker: PeerId;
      readonly sequence: number;
      readonly node: Endpoint;
    }
  | {
      readonly kind: 'examination';
      readonly by: PeerId;
      readonly node: Endpoint;
      readonly outcome: DialOutcome;
      /** Milliseconds since 1970 by the other's clock. */
      readonly wallTime: number;
    }
  | { readonly kind: 'dropped'; readonly reason: GossipDrop; readonly from: Endpoint };

/** Why a datagram, or a part of it, was not used; counted and shown under this name. */
export type GossipDrop =
  | 'too long'
  | 'malformed'
  | 'unknown kind'
  | 'unproven source'
  | 'wrong signature'
  | 'datagrams a second'
  | 'probes a second'
  | 'statements a second'
  | 'muted'
  | 'too many peers';

/** One step: the new effects, and when to wake at the latest (the clock's milliseconds). */
export interface GossipStep {
  readonly effects: readonly GossipEffect[];
  readonly wakeAt: number;
}
