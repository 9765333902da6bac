import type { PeerId } from '../../holdings/holding.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { Doubt } from './doubt.ts';
import type { PeerIndex } from './peer-index.ts';
import type { Settlement } from './settlement.ts';
import type { Signed } from './signed.ts';

/** An address at which a peer has proven itself to us. */
export interface Session {
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  /** The cookie that its datagrams must carry. */
  readonly given: Uint8Array;
  /** The cookie that ours must carry. */
  theirs: Uint8Array;
  heardAt: number;
  /** When it last said that it does not know us, and we believed it. */
  forgottenAt: number;
}

/** A node that has proven itself to us. With a summary it is a member, without one an observer. */
export class Peer {
  readonly peerId: PeerId;
  readonly shortId: string;
  /** The one to use stands first; never empty while the peer is known. */
  sessions: Session[] = [];
  summary: Signed<'summary'> | undefined;
  heardAt: number;
  /** Set while we wait for a sign of life. */
  doubt: Doubt | undefined;
  /** What it says of contents that we want to hear of. */
  indexes: Map<InfoHash, PeerIndex> | undefined;
  /** Digests, by scope, that differ from ours and that nothing came of. */
  settled: Map<string, Settlement> | undefined;

  constructor(peerId: PeerId, now: number) {
    this.peerId = peerId;
    this.shortId = shortIdOf(peerId);
    this.heardAt = now;
  }

  sessionAt({ host, port }: Endpoint): Session | undefined {
    return this.sessions.find(({ endpoint }) => endpoint.host === host && endpoint.port === port);
  }

  /** Makes it the one to use. */
  prefer(session: Session): void {
    if (this.sessions[0] === session) return;
    this.sessions = [session, ...this.sessions.filter((other) => other !== session)];
  }

  wants(infoHash: InfoHash): boolean {
    return this.summary?.statement.interests.includes(infoHash) === true;
  }
}
