import type { DialOutcome } from '../discovery/discovery.ts';
import { systemErrorCode } from '../errors.ts';
import { GOSSIP_EXAMINATION_TIMEOUT_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Network } from '../platform/network.ts';

/** Whether a TCP connection to this address comes about; it is closed again at once. */
export async function dialBack(
  network: Network,
  clock: Clock,
  node: Endpoint,
  signal?: AbortSignal,
): Promise<DialOutcome> {
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const timer = clock.setTimer(GOSSIP_EXAMINATION_TIMEOUT_MS / 2, () => over.abort());
  try {
    const connection = await network.dial(node, either);
    connection.open({ onData() {}, onClose() {} });
    connection.destroy();
    return 'reached';
  } catch (error) {
    return systemErrorCode(error) === 'ECONNREFUSED' ? 'refused' : 'no answer';
  } finally {
    timer.cancel();
  }
}
