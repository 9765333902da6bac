import { systemErrorCode } from '../../errors.ts';
import { CLASSROOM_REDIAL_MAX_MS, CLASSROOM_REDIAL_MIN_MS, DIAL_TIMEOUT_MS } from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import type { Connection, Network } from '../../platform/network.ts';
import type { ListedPeer } from '../config/project.ts';

export interface DialingOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** Ends all dialling. */
  readonly signal: AbortSignal;
  isLinked(peer: ListedPeer): boolean;
  /** The dial failed in a way that trying again will hardly mend; told at each dial. */
  onUnreachable(peer: ListedPeer, text: string): void;
  /** The connection stands. Resolves when it has ended, with whether the peer was welcomed on it. */
  onConnection(connection: Connection, peer: ListedPeer): Promise<boolean>;
}

/**
 * Keeps a link to a peer that stands before us in PeerInfo.cfg: dials until it answers, since others are started seconds
 * later, and again when the link is lost, for as long as the run lasts.
 */
export async function keepDialing(peer: ListedPeer, options: DialingOptions): Promise<void> {
  const { clock, signal, isLinked } = options;
  let pauseMs = CLASSROOM_REDIAL_MIN_MS;
  while (!signal.aborted) {
    const begunAt = clock.now();
    const welcomed = !isLinked(peer) && (await dialOnce(peer, options));
    // A link that breaks at once, again and again, is no link.
    const lasted = welcomed && clock.now() - begunAt > CLASSROOM_REDIAL_MAX_MS;
    pauseMs = lasted ? CLASSROOM_REDIAL_MIN_MS : Math.min(2 * pauseMs, CLASSROOM_REDIAL_MAX_MS);
    await sleep(clock, pauseMs, signal);
  }
}

const TROUBLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'nobody knows this name',
  EAI_AGAIN: 'its name cannot be looked up',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
};

/** Returns whether the peer was reached and welcomed, after that link has ended. */
async function dialOnce(peer: ListedPeer, options: DialingOptions): Promise<boolean> {
  const connection = await connect(peer, options);
  return connection !== undefined && options.onConnection(connection, peer);
}

async function connect(
  peer: ListedPeer,
  { network, clock, signal, onUnreachable }: DialingOptions,
): Promise<Connection | undefined> {
  // Not AbortSignal.any: what it makes of a signal that outlives it stays behind, and there may be dials for hours.
  const givenUp = new AbortController();
  const giveUp = (): void => givenUp.abort();
  const timer = clock.setTimer(DIAL_TIMEOUT_MS, giveUp);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const { host, port } = peer;
    const connection = await network.dial({ host, port }, givenUp.signal);
    if (!signal.aborted) return connection;
    connection.destroy();
    return undefined;
  } catch (error) {
    // Mostly it is not there yet, or not any more.
    const text = TROUBLE[systemErrorCode(error) ?? ''];
    if (text !== undefined && !signal.aborted) onUnreachable(peer, text);
    return undefined;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}
