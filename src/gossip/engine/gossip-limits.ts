import {
  GOSSIP_ACK_TIMEOUT_MS,
  GOSSIP_DATAGRAMS_PER_SOURCE_PER_SECOND,
  GOSSIP_EXAMINATION_TIMEOUT_MS,
  GOSSIP_EXAMINE_INTERVAL_MS,
  GOSSIP_FANOUT_EXTRA,
  GOSSIP_HELPERS,
  GOSSIP_INDEX_BYTES_PER_SECOND,
  GOSSIP_INDEX_INTERVAL_MS,
  GOSSIP_INDEX_MERGE_MS,
  GOSSIP_LOST_MEMORY_MS,
  GOSSIP_MERGE_MS,
  GOSSIP_MUTE_MS,
  GOSSIP_PROBE_TRIES,
  GOSSIP_PROBES_ANSWERED_PER_SECOND,
  GOSSIP_ROUND_MS,
  GOSSIP_SIGNATURES_PER_SECOND,
  GOSSIP_SIGNATURES_PER_SOURCE_PER_SECOND,
  GOSSIP_SUSPECT_MS,
  GOSSIP_SYNC_BYTES_PER_ROUND,
  GOSSIP_TOMBSTONE_MS,
  MAX_GOSSIP_INDEXES,
  MAX_GOSSIP_INDEXES_PER_PEER,
  MAX_GOSSIP_PROBES,
  MAX_GOSSIP_PROBES_PER_HOST,
  MAX_GOSSIP_WAITING_PER_MEMBER,
  MAX_GOSSIP_WRONG_SIGNATURES,
  MAX_PEERS_KNOWN,
  MAX_PEERS_PER_HOST,
} from '../../limits.ts';

/** The numbers of limits.ts that tests and simulations set otherwise; their meaning and origin stand there. */
export interface GossipLimits {
  readonly roundMs: number;
  readonly ackTimeoutMs: number;
  readonly helpers: number;
  readonly suspectMs: number;
  readonly mergeMs: number;
  readonly indexMergeMs: number;
  readonly fanoutExtra: number;
  readonly indexBytesPerSecond: number;
  readonly indexIntervalMs: number;
  readonly lostMemoryMs: number;
  readonly tombstoneMs: number;
  readonly probeTries: number;
  readonly probesAtOnce: number;
  readonly probesAtOncePerHost: number;
  readonly peers: number;
  readonly peersPerHost: number;
  readonly waitingPerMember: number;
  readonly syncBytesPerRound: number;
  readonly indexes: number;
  readonly indexesPerPeer: number;
  readonly datagramsPerSourcePerSecond: number;
  readonly signaturesPerSourcePerSecond: number;
  readonly signaturesPerSecond: number;
  readonly probesAnsweredPerSecond: number;
  readonly wrongSignatures: number;
  readonly muteMs: number;
  readonly examineIntervalMs: number;
  readonly examinationTimeoutMs: number;
}

export const DEFAULT_GOSSIP_LIMITS: GossipLimits = {
  roundMs: GOSSIP_ROUND_MS,
  ackTimeoutMs: GOSSIP_ACK_TIMEOUT_MS,
  helpers: GOSSIP_HELPERS,
  suspectMs: GOSSIP_SUSPECT_MS,
  mergeMs: GOSSIP_MERGE_MS,
  indexMergeMs: GOSSIP_INDEX_MERGE_MS,
  fanoutExtra: GOSSIP_FANOUT_EXTRA,
  indexBytesPerSecond: GOSSIP_INDEX_BYTES_PER_SECOND,
  indexIntervalMs: GOSSIP_INDEX_INTERVAL_MS,
  lostMemoryMs: GOSSIP_LOST_MEMORY_MS,
  tombstoneMs: GOSSIP_TOMBSTONE_MS,
  probeTries: GOSSIP_PROBE_TRIES,
  probesAtOnce: MAX_GOSSIP_PROBES,
  probesAtOncePerHost: MAX_GOSSIP_PROBES_PER_HOST,
  peers: MAX_PEERS_KNOWN,
  peersPerHost: MAX_PEERS_PER_HOST,
  waitingPerMember: MAX_GOSSIP_WAITING_PER_MEMBER,
  syncBytesPerRound: GOSSIP_SYNC_BYTES_PER_ROUND,
  indexes: MAX_GOSSIP_INDEXES,
  indexesPerPeer: MAX_GOSSIP_INDEXES_PER_PEER,
  datagramsPerSourcePerSecond: GOSSIP_DATAGRAMS_PER_SOURCE_PER_SECOND,
  signaturesPerSourcePerSecond: GOSSIP_SIGNATURES_PER_SOURCE_PER_SECOND,
  signaturesPerSecond: GOSSIP_SIGNATURES_PER_SECOND,
  probesAnsweredPerSecond: GOSSIP_PROBES_ANSWERED_PER_SECOND,
  wrongSignatures: MAX_GOSSIP_WRONG_SIGNATURES,
  muteMs: GOSSIP_MUTE_MS,
  examineIntervalMs: GOSSIP_EXAMINE_INTERVAL_MS,
  examinationTimeoutMs: GOSSIP_EXAMINATION_TIMEOUT_MS,
};
