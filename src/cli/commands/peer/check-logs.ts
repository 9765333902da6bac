import { resolve } from 'node:path';
import { readRun } from '../../../classroom/check/read-run.ts';
import { rulesBroken } from '../../../classroom/check/report.ts';
import type { Context } from '../../context.ts';
import type { OutputFlags } from '../../options/output-flags.ts';
import { checkEvents } from '../../output/classroom/from-check.ts';
import { tellRules } from './tell-rules.ts';

/** Judges the run whose logs lie in `path`. Throws RULES_BROKEN where it breaks a rule, else what `readRun` does. */
export async function checkLogs(
  context: Context,
  path: string | undefined,
  flags: OutputFlags,
): Promise<number> {
  const { host, reporter, signal } = context;
  const { notes, verdict } = await readRun(resolve(host.cwd, path ?? '.'), signal);
  for (const message of notes) reporter.report({ event: 'warning', message });
  await tellRules(context, flags, checkEvents(verdict));
  const fault = rulesBroken(verdict);
  if (fault !== undefined) throw fault;
  return 0;
}
