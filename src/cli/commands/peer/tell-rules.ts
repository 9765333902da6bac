import type { Context } from '../../context.ts';
import type { OutputFlags } from '../../options/output-flags.ts';
import type { LogJudged, RuleJudged, RulesJudged } from '../../output/classroom/rule-events.ts';

/** What `check` and `probe` found: as events, or as a text on stdout. */
export async function tellRules(
  { host, reporter }: Pick<Context, 'host' | 'reporter'>,
  { json }: OutputFlags,
  events: readonly (LogJudged | RuleJudged | RulesJudged)[],
): Promise<void> {
  if (json === true) {
    for (const event of events) reporter.report(event);
    return;
  }
  // A line about what goes on would stand above the text.
  reporter.finish();
  const { ruleLines } = await import('../../output/classroom/rule-lines.ts');
  host.stdout.write(
    ruleLines(events)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
