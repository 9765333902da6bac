import { resolve } from 'node:path';
import { aborted } from '../aborted.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { FetchFlags } from '../options/invocation.ts';
import { diagnoseSilence } from './diagnose-silence.ts';
import { resolveTarget } from './fetch-target.ts';
import { stdoutSink } from './stdout-sink.ts';
import { withNode } from './with-node.ts';

/** Fetches what the argument names, then serves it as --seed says. Interrupted after that, it is done all the same. */
export async function fetch(context: Context, what: string, flags: FetchFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const target = await resolveTarget(what, host.cwd);
  const limits = given({ limitDown: flags.limitDown, limitUp: flags.limitUp });
  return withNode(context, flags, limits, async (node) => {
    const stopDiagnosing = diagnoseSilence(context, flags, node, (diagnosis) => reporter.report(diagnosis));
    const fetching = node.fetch(target, {
      ...given({
        timeoutMs: flags.timeout,
        seed: flags.seed,
        sink: flags.stdout === true ? stdoutSink(host.stdout) : undefined,
      }),
      out: resolve(host.cwd, flags.out ?? '.'),
      signal,
    });
    const result = await fetching.finally(stopDiagnosing);
    await Promise.race([result.seeded, aborted(signal)]);
    return 0;
  });
}
