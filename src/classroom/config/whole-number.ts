import { type ConfigPlace, configFault, quoted, shown } from './config-fault.ts';

/** What a number in a configuration file may be. */
export interface NumberRule {
  /** As the file calls it: `PieceSize`. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What is counted: `bytes`; empty where nothing is. */
  readonly unit: string;
}

/**
 * Decimals are refused, also where seconds are counted: the programs that read the same file take whole numbers.
 *
 * @throws LanshareError BAD_CONFIG
 */
export function wholeNumber(text: string, { name, min, max, unit }: NumberRule, place: ConfigPlace): number {
  const hint = `write a whole number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`;
  if (!/^-?\d+$/.test(text)) throw configFault(place, `${name} is ${quoted(text)}, no whole number`, hint);
  const value = Number(text);
  if (value < min) throw configFault(place, `${name} is ${shown(text)}, less than ${min}`, hint);
  if (value > max) throw configFault(place, `${name} is ${shown(text)}, more than ${max}`, hint);
  return value;
}
