import type { Host } from '../host.ts';
import type { OutputFlags } from '../options/output-flags.ts';
import type { Reporter } from './reporter.ts';

/**
 * The reporter that the options and the streams ask for. What formats for people is loaded only for people:
 * each of these modules would delay a fetch by some milliseconds.
 */
export async function openReporter(
  { json, quiet, verbose, logFile }: OutputFlags,
  { stdout, stderr, env, cwd, clock }: Host,
): Promise<Reporter> {
  if (json === true) {
    const { jsonReporter } = await import('./json-reporter.ts');
    return jsonReporter(stdout);
  }
  const { chooseStyle } = await import('./style.ts');
  const wording = { style: chooseStyle(stderr, env), cwd };
  // A log on the same terminal would tear the line that updates itself.
  const logsHere = verbose > 0 && logFile === undefined;
  const canRedraw = stderr.isTTY === true && env['TERM'] !== 'dumb' && !logsHere;
  if (canRedraw && quiet !== true) {
    const { terminalReporter } = await import('./terminal-reporter.ts');
    return terminalReporter(stderr, wording, clock);
  }
  const { lineReporter, quietReporter } = await import('./line-reporter.ts');
  return quiet === true ? quietReporter(stderr, wording) : lineReporter(stderr, wording, clock);
}
