import type { Environment, Output } from '../host.ts';

/** The two emphases that lanshare uses on a terminal. */
export interface Style {
  /** What the user may want to copy. */
  command(text: string): string;
  fault(text: string): string;
}

const plain: Style = { command: (text) => text, fault: (text) => text };

/** Bold and red (ECMA-48: SGR). Node's styleText asks stdout whether it is a terminal; this goes to stderr. */
const coloured: Style = {
  command: (text) => `\x1b[1m${text}\x1b[22m`,
  fault: (text) => `\x1b[31m${text}\x1b[39m`,
};

/** Colours only on a terminal, and not against the user's will (no-color.org). */
export function chooseStyle(output: Output, env: Environment): Style {
  const unwanted = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return output.isTTY === true && !unwanted ? coloured : plain;
}
