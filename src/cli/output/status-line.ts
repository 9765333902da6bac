import { cutToWidth, displayWidth } from './width.ts';

/** What is going on now, as one line. The label gives way where the terminal is narrow, then the details. */
export interface StatusLine {
  readonly label: string;
  readonly details: readonly Detail[];
}

export interface Detail {
  readonly text: string;
  /** The detail with the lowest weight goes first where there is no room for all. */
  readonly weight: number;
}

const NARROWEST_LABEL = 12;

/** The line in at most `columns`. */
export function layOut({ label, details }: StatusLine, columns: number): string {
  const labelWidth = Math.min(displayWidth(label), NARROWEST_LABEL);
  const kept = withinWidth(details, columns - labelWidth);
  const tail = tailOf(kept);
  return cutToWidth(cutToWidth(label, columns - displayWidth(tail)) + tail, columns);
}

function withinWidth(details: readonly Detail[], columns: number): readonly Detail[] {
  if (details.length <= 1 || displayWidth(tailOf(details)) <= columns) return details;
  const lightest = Math.min(...details.map(({ weight }) => weight));
  return withinWidth(
    details.filter(({ weight }) => weight > lightest),
    columns,
  );
}

function tailOf(details: readonly Detail[]): string {
  return details.map(({ text }) => `  ${text}`).join('');
}
