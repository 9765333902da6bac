import { LanshareError } from '../../errors.ts';
import type { RunVerdict } from './run-verdict.ts';

/** What ends the command where rules are broken: RULES_BROKEN, exit code 7. Unknown is not broken. */
export function rulesBroken({ rules }: RunVerdict): LanshareError | undefined {
  const broken = rules.filter(({ outcome }) => outcome.kind === 'broken').map(({ rule }) => rule);
  if (broken.length === 0) return undefined;
  const which = broken.length === 1 ? `rule ${broken[0]} is` : `rules ${broken.join(', ')} are`;
  return new LanshareError('RULES_BROKEN', `the ${which} broken`, 'each place is listed with its rule');
}
