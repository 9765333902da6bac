import type { Exit, Running, RunOptions, StartOptions } from './running.mjs';

export interface LanOptions {
  readonly hosts: number;
  /** Of every host's cable in both directions, as tc writes it: `200mbit`. Default: none. */
  readonly rate?: string;
  /** Incoming packets each host loses, of a hundred. */
  readonly lossPercent?: number;
  /** Default: both. */
  readonly families?: readonly ('ipv4' | 'ipv6')[];
}

export interface Lan {
  readonly hosts: readonly Host[];
  /** The host with 10.77.0.`number`; the first is 1. */
  host(number: number): Host;
  /** Kills what runs on the hosts and removes them. */
  close(): void;
}

export interface Host {
  readonly number: number;
  readonly namespace: string;
  readonly ipv4: string;
  readonly ipv6: string;
  run(argv: readonly string[], options?: RunOptions): Promise<Exit>;
  start(argv: readonly string[], options?: StartOptions): Running;
  /** Drops multicast and broadcast in both directions. */
  mute(): void;
  unmute(): void;
  loseIncoming(percent: number): void;
  limitRate(rate: string): void;
  liftRateLimit(): void;
  /** All processes end without a word and the cable is out, until plugIn(). */
  powerOff(): void;
  unplug(): void;
  plugIn(): void;
  /** Leaves nothing but the loopback interface. */
  removeEthernet(): void;
  /** Bytes that left it on the wire, all protocols and headers counted. */
  sentBytes(): number;
}

/** Why no LAN can be made on this machine, in words; undefined where it can. */
export function canMakeLan(): string | undefined;
/** Builds a LAN; close() it whatever happens. */
export function makeLan(options: LanOptions): Lan;
