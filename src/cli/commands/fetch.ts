import { resolve } from 'node:path';
import { asLanshareError, LanshareError } from '../../errors.ts';
import type { FetchOptions, FetchTarget } from '../../node/api.ts';
import { targetName } from '../../node/target-name.ts';
import { aborted } from '../aborted.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { FetchFlags } from '../options/invocation.ts';
import { seedPolicy } from '../options/seed-options.ts';
import { failure } from '../output/from-node.ts';
import { diagnoseSilence } from './diagnose-silence.ts';
import { resolveTarget } from './fetch-target.ts';
import { stdoutSink } from './stdout-sink.ts';
import { withNode } from './with-node.ts';

/**
 * Fetches what the arguments name, all at once, and serves each as --seed says. Interrupted after that, it is done all
 * the same. Of several, each tells its failure when it comes, the others go on, and the exit code is that of the first.
 */
export async function fetch(context: Context, what: readonly string[], flags: FetchFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const warn = (message: string): void => reporter.report({ event: 'warning', message });
  const targets = await Promise.all(what.map((one) => resolveTarget(one, host.cwd, warn)));
  const limits = given({ limitDown: flags.limitDown, limitUp: flags.limitUp });
  return withNode(context, flags, limits, async (node) => {
    const stopDiagnosing = diagnoseSilence(context, flags, node, (diagnosis) => reporter.report(diagnosis));
    const fetches = targets.map((target) => ({
      target,
      fetched: node.fetch(target, fetchOptions(context, flags)),
    }));
    void Promise.allSettled(fetches.map(({ fetched }) => fetched)).then(stopDiagnosing);
    const failures: LanshareError[] = [];
    const servings = fetches.map(async ({ target, fetched }) => {
      try {
        const { seeded } = await fetched;
        await Promise.race([seeded, aborted(signal)]);
      } catch (error) {
        // One fault is the command's own, and one interruption ends them all.
        if (fetches.length === 1 || signal.aborted) throw error;
        failures.push(tellFailure(context, target, error));
      }
    });
    await Promise.all(servings);
    return failures[0]?.exitCode ?? 0;
  });
}

function fetchOptions({ host, signal }: Context, flags: FetchFlags): FetchOptions {
  return {
    ...given({
      timeoutMs: flags.timeout,
      seed: seedPolicy(flags),
      select: flags.select,
      order: flags.sequential === true ? ('in order' as const) : undefined,
      sink: flags.stdout === true ? stdoutSink(host.stdout) : undefined,
    }),
    out: resolve(host.cwd, flags.out ?? '.'),
    signal,
  };
}

function tellFailure({ reporter }: Context, target: FetchTarget, error: unknown): LanshareError {
  const { code, message, hint } = asLanshareError(error);
  const fault = new LanshareError(code, `${targetName(target)}: ${message}`, hint, { cause: error });
  reporter.report(failure(fault));
  return fault;
}
