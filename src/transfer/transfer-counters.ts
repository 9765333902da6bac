import type { PeerId } from '../holdings/holding.ts';
import { RateMeter } from '../pieces/rate-meter.ts';

/** What one transfer has moved so far. */
export class TransferCounters {
  /** Bytes of verified pieces that came over the network. */
  downloadedBytes = 0;
  /** Bytes of pieces that were sent. */
  uploadedBytes = 0;
  /** Peers that gave at least one verified piece. */
  readonly contributors = new Set<PeerId>();
  readonly down: RateMeter;
  readonly up: RateMeter;
  /** When the last byte of a piece came. */
  lastPieceAt: number;

  constructor(now: number) {
    this.down = new RateMeter(now);
    this.up = new RateMeter(now);
    this.lastPieceAt = now;
  }

  received(bytes: number, now: number): void {
    this.down.add(bytes, now);
  }

  sent(bytes: number, now: number): void {
    this.uploadedBytes += bytes;
    this.up.add(bytes, now);
  }
}
