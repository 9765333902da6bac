import { keepsTheRules, type ProbeReport } from '../../../classroom/probe/probe-api.ts';
import { openReferenceFile } from '../../../classroom/probe/reference-file.ts';
import { LanshareError } from '../../../errors.ts';
import { type Endpoint, formatEndpoint } from '../../../platform/endpoint.ts';
import type { Context } from '../../context.ts';
import type { PeerProbeFlags } from '../../options/peer-invocation.ts';
import { probeEvents, probeStep } from '../../output/classroom/from-probe.ts';
import { projectIn } from './project-in.ts';
import { tellRules } from './tell-rules.ts';

/** Tries the program that listens at `target`. Throws RULES_BROKEN where it breaks a rule, else what `Probe` does. */
export async function probeProgram(
  context: Context,
  target: Endpoint,
  flags: PeerProbeFlags,
): Promise<number> {
  const { host, reporter, signal } = context;
  const placed = flags.dir === undefined ? undefined : await projectIn(context, flags.dir);
  const { network, probe } = await host.classroom();
  const reference = placed && (await openReferenceFile(placed.directory, placed.project, host.clock));
  let report: ProbeReport;
  try {
    report = await probe({
      target,
      as: flags.as,
      project: placed?.project,
      reference,
      network,
      clock: host.clock,
      signal,
      onProgress: (progress) => reporter.report(probeStep(progress)),
    });
  } finally {
    await reference?.close();
  }
  await tellRules(context, flags, probeEvents(report));
  if (keepsTheRules(report)) return 0;
  throw rulesBroken(target, report);
}

function rulesBroken(target: Endpoint, { verdicts }: ProbeReport): LanshareError {
  const broken = verdicts.filter(({ weight, outcome }) => weight === 'rule' && outcome.kind === 'broken');
  const names = broken.map(({ rule }) => rule).join(', ');
  return new LanshareError(
    'RULES_BROKEN',
    `the program at ${formatEndpoint(target)} breaks ${broken.length === 1 ? 'rule' : 'rules'} ${names}`,
    'what it did instead is listed with each',
  );
}
