import type { Output } from '../host.ts';
import type { Reporter } from './reporter.ts';

/** One JSON object a line, and nothing else. */
export function jsonReporter(output: Output): Reporter {
  return {
    report(event) {
      output.write(`${JSON.stringify(event)}\n`);
    },
    finish() {},
  };
}
