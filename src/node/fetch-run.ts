import { LanshareError } from '../errors.ts';
import { DEFAULT_FETCH_TIMEOUT_SECONDS } from '../limits.ts';
import type { FetchOptions } from './api.ts';
import type { NodeContext } from './context.ts';
import { Deferred, Scope } from './scope.ts';

/** One fetch: how it is wanted, and what it has opened. */
export interface FetchRun {
  readonly context: NodeContext;
  readonly options: FetchOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  readonly scope: Scope;
  /** Rejects with the first reason why the fetch cannot go on. */
  readonly failure: Deferred<never>;
}

export function beginFetch(context: NodeContext, options: FetchOptions): FetchRun {
  const signal =
    options.signal === undefined ? context.closing : AbortSignal.any([context.closing, options.signal]);
  const scope = new Scope();
  const failure = new Deferred<never>();
  const onAbort = (): void => failure.reject(interrupted());
  signal.addEventListener('abort', onAbort, { once: true });
  scope.add(() => signal.removeEventListener('abort', onAbort));
  if (signal.aborted) onAbort();
  const timeoutMs = options.timeoutMs ?? DEFAULT_FETCH_TIMEOUT_SECONDS * 1000;
  return { context, options, timeoutMs, signal, startedAt: context.clock.now(), scope, failure };
}

export function interrupted(): LanshareError {
  return new LanshareError(
    'INTERRUPTED',
    'the fetch was interrupted',
    'run the same command again to go on where it stopped',
  );
}
