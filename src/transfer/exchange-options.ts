import type { LanshareError } from '../errors.ts';
import type { Standings } from '../holdings/standing.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { ChokingWatcher } from './choking-in-rounds.ts';
import type { ExchangeRules } from './exchange-rules.ts';
import type { PeerSession } from './peer-session.ts';
import type { PieceJudge } from './piece-judge.ts';
import type { ReadGate } from './read-gate.ts';
import type { TransferCounters } from './transfer-counters.ts';

export interface ChokingSettings {
  readonly uploadSlots: number;
  readonly intervalMs: number;
  readonly optimisticIntervalMs: number;
}

export interface ExchangeOptions extends ChokingWatcher {
  readonly store: ContentStore;
  readonly order: PickOrder;
  readonly choking: ChokingSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly sessions: ReadonlySet<PeerSession>;
  readonly standings: Standings;
  readonly counters: TransferCounters;
  readonly gate: ReadGate;
  readonly rules: ExchangeRules;
  readonly judge: PieceJudge;
  /** A piece is verified and written. */
  onPiece(index: PieceIndex, from: PeerSession): void;
  onComplete(): void;
  /** The peer sent data that is not the content. */
  onCorrupt(session: PeerSession, text: string): void;
  /** The store cannot take what arrives. */
  onFault(error: LanshareError): void;
}
