import type { Context } from './context.ts';
import { Digests } from './digests.ts';
import { Examinations } from './examinations.ts';
import { Greetings } from './greetings.ts';
import { Hearsay } from './hearsay.ts';
import { Indexes } from './indexes.ts';
import { Inquiries } from './inquiries.ts';
import { Interests } from './interests.ts';
import { Liveness } from './liveness.ts';
import { LostPeers } from './lost-peers.ts';
import { Membership } from './membership.ts';
import { NamedNodes } from './named-nodes.ts';
import { Outbox } from './outbox.ts';
import { OwnIndexes } from './own-indexes.ts';
import { OwnSummary } from './own-summary.ts';
import { Peers } from './peers.ts';
import { Probing } from './probing.ts';
import { Repair } from './repair.ts';
import { Rumours } from './rumours.ts';
import { Sightings } from './sightings.ts';
import { SourceLimits } from './source-limits.ts';
import { Speaker } from './speaker.ts';
import { StatementsOf } from './statements-of.ts';
import { Sweep } from './sweep.ts';
import { Tombstones } from './tombstones.ts';
import { Vouching } from './vouching.ts';
import { WaitingPeers } from './waiting-peers.ts';

export type Parts = ReturnType<typeof assemble>;

/** The parts of an engine, and who knows whom. */
export function assemble(context: Context) {
  const sources = new SourceLimits(context);
  const peers = new Peers(context);
  const outbox = new Outbox(context);
  const digests = new Digests();
  const tombstones = new Tombstones(context);
  const probing = new Probing(context);
  const named = new NamedNodes(context, peers, probing);
  const lost = new LostPeers(context, peers, probing);
  const waiting = new WaitingPeers(context);
  const membership = new Membership({ peers, digests, lost, tombstones });

  const interests = new Interests(context, peers, digests, (infoHash) => indexes.forget(infoHash));
  const indexes: Indexes = new Indexes(context, digests, interests);
  const rumours = new Rumours(context, peers, interests, outbox);
  const speaker = new Speaker(context);
  const ownSummary = new OwnSummary(context, speaker, rumours, digests);
  const ownIndexes = new OwnIndexes(context, { speaker, rumours, digests, interests });
  const statementsOf = new StatementsOf({ speaker, ownSummary, ownIndexes, peers });

  const repair = new Repair(context, { peers, digests, interests, statementsOf, tombstones, lost, outbox });
  const liveness = new Liveness(context, { peers, repair, outbox, membership });
  const vouching = new Vouching(context, peers, outbox);
  const sightings = new Sightings(context, peers);
  const inquiries = new Inquiries(context, peers);
  const examinations = new Examinations(context, peers, outbox);
  const greetings = new Greetings(context, {
    peers,
    interests,
    ownSummary,
    ownIndexes,
    liveness,
    outbox,
    examinations,
  });
  const sweep = new Sweep(context, peers, liveness);
  const hearsay = new Hearsay(context, {
    peers,
    membership,
    indexes,
    interests,
    inquiries,
    rumours,
    sightings,
    sources,
    tombstones,
    waiting,
    lost,
    probing,
  });
  membership.listen(
    rumours,
    interests,
    sightings,
    inquiries,
    greetings,
    indexes,
    liveness,
    vouching,
    examinations,
  );
  return {
    sources,
    peers,
    outbox,
    tombstones,
    probing,
    named,
    lost,
    waiting,
    membership,
    interests,
    indexes,
    rumours,
    speaker,
    ownSummary,
    ownIndexes,
    repair,
    liveness,
    vouching,
    sightings,
    inquiries,
    examinations,
    greetings,
    sweep,
    hearsay,
  };
}
