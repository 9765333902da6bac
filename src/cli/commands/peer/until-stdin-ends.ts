import { LanshareError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import type { PeerFlags } from '../../options/peer-invocation.ts';

/**
 * Gives `use` the command's signal. With --end-with-stdin it aborts with TERMINATED when standard input ends, too: then
 * whoever started us is gone, or wants us to end.
 */
export async function untilStdinEnds<T>(
  { host, signal }: Pick<Context, 'host' | 'signal'>,
  { endWithStdin }: PeerFlags,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (endWithStdin !== true) return use(signal);
  const ended = new AbortController();
  const stdin = host.stdin();
  const end = (): void => ended.abort(new LanshareError('TERMINATED', 'standard input ended'));
  stdin.once('end', end).once('close', end).once('error', end).resume();
  try {
    return await use(AbortSignal.any([signal, ended.signal]));
  } finally {
    stdin.off('end', end).off('close', end).off('error', end).pause();
  }
}
