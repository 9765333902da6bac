import type { PeerId } from '../../src/holdings/holding.ts';
import { PeerStanding } from '../../src/holdings/standing.ts';
import type { PeerLink } from '../../src/peer/peer-link.ts';
import { PeerSession } from '../../src/transfer/peer-session.ts';

export interface FakeSessionOptions {
  readonly peerId: PeerId;
  readonly pieceCount: number;
  readonly standing?: PeerStanding;
  readonly dialed?: boolean;
}

/** A session on a link that nothing is said on; `closed` has the reasons for which it was ended. */
export function fakeSession({ peerId, pieceCount, standing, dialed = true }: FakeSessionOptions): {
  readonly session: PeerSession;
  readonly closed: string[];
} {
  const closed: string[] = [];
  const endpoint = { host: '10.0.0.1', port: 1 };
  const link: PeerLink = {
    dialect: 'lan',
    remote: endpoint,
    local: endpoint,
    dialed,
    peerId,
    maxRequests: 256,
    metainfoSize: undefined,
    givesHashes: false,
    queuedUploads: 0,
    readsNothing: false,
    serve() {},
    bitfield() {},
    have() {},
    choke() {},
    unchoke() {},
    interested() {},
    notInterested() {},
    request() {},
    cancel() {},
    offerMetainfo() {},
    requestMetainfo() {},
    requestHashes() {},
    exchangePeers() {},
    pause() {},
    resume() {},
    close: (reason) => void closed.push(reason),
    drop: (text) => void closed.push(text),
  };
  const start = { standing: standing ?? new PeerStanding(), second: false, pieceCount, now: 0 };
  return { session: new PeerSession(link, start), closed };
}
