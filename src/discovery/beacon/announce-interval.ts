import {
  ANNOUNCE_INTERVAL_MS,
  ANNOUNCE_LAN_BYTES_PER_SECOND,
  HOLDING_TTL_MS,
  MAX_HOLDING_TTL_MS,
  PIECES_ANNOUNCE_INTERVAL_MS,
} from '../../limits.ts';

/** Beside the payload: Ethernet, IP (v6) and UDP headers. */
export const DATAGRAM_OVERHEAD_BYTES = 14 + 40 + 8;

export interface LanLoad {
  /** Nodes that announce something, with us. */
  readonly nodes: number;
  /** Of one announcement on the wire, as heard and sent lately. */
  readonly averageBytes: number;
  /** Datagrams one announcement makes on one LAN: IPv4 and IPv6 multicast, broadcast. */
  readonly copies: number;
}

/**
 * How long to wait between two regular announcements, in milliseconds, before randomizing.
 *
 * As RTCP does it (RFC 3550 section 6.2): all nodes share one bandwidth, so each waits
 * nodes x size / bandwidth, but never less than a minimum. With 16 KiB/s for the whole LAN and one record in
 * three copies of 250 bytes: 50 nodes wait 50 x 750 / 16384 = 2.3 s, so the minimum of 8 s holds; 1000 nodes
 * wait 46 s. The LAN carries 16 KiB/s in both cases.
 */
export function announceInterval(load: LanLoad): number {
  return Math.max(ANNOUNCE_INTERVAL_MS, roundMs(load));
}

/**
 * How long to wait between two announcements of new pieces, in milliseconds: as all share what the regular ones leave
 * of the bandwidth. Undefined where the regular ones, which tell new pieces too, come sooner. With records of 370
 * bytes, the largest: 10 fetchers wait 2 s, 49 wait 7 s, 100 leave it to the regular ones.
 */
export function piecesInterval(load: LanLoad): number | undefined {
  const leftPart = 1 - roundMs(load) / announceInterval(load);
  if (leftPart < 0.5) return undefined;
  return Math.max(PIECES_ANNOUNCE_INTERVAL_MS, roundMs(load) / leftPart);
}

/** How long the bandwidth lasts for one announcement of each node. */
function roundMs({ nodes, averageBytes, copies }: LanLoad): number {
  return ((nodes * averageBytes * copies) / ANNOUNCE_LAN_BYTES_PER_SECOND) * 1_000;
}

/**
 * Between half and one and a half of it, so that nodes do not fall into step. Asking again at the end of the
 * wait whether it was long enough (RFC 3550 section 6.3.6) makes waits longer on average; the divisor, from
 * section 6.3.1, takes that back.
 */
export function randomized(intervalMs: number, random: number): number {
  return (intervalMs * (0.5 + random)) / (Math.E - 1.5);
}

/**
 * The lifetime that goes out with a record. It stretches with the interval, so that two announcements may be
 * lost, and with the number of turns it takes to tell all records.
 */
export function lifetime(intervalMs: number, turns: number): number {
  const lifetimeMs = (HOLDING_TTL_MS / ANNOUNCE_INTERVAL_MS) * intervalMs * turns;
  return Math.ceil(Math.min(MAX_HOLDING_TTL_MS, lifetimeMs));
}

/** A running mean as RFC 3550 section 6.3.3 keeps avg_rtcp_size: the newest counts one sixteenth. */
export class AverageSize {
  #bytes: number | undefined;

  get bytes(): number {
    return this.#bytes ?? 0;
  }

  add(payloadBytes: number): void {
    const size = payloadBytes + DATAGRAM_OVERHEAD_BYTES;
    this.#bytes = this.#bytes === undefined ? size : (15 * this.#bytes + size) / 16;
  }
}
