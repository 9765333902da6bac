/** A time as a log has it. */
export type ParsedLogTime =
  /** Milliseconds since 1970. */
  | { readonly kind: 'date'; readonly ms: number }
  /** Milliseconds since midnight. */
  | { readonly kind: 'time of day'; readonly ms: number };

/**
 * Finds a time in what stands before a sentence: ISO 8601 and its relatives, `11/21/2026 10:15:03`, `Nov 21, 2026
 * 10:15:03 AM`, ctime and Java's `Date.toString()`, seconds, milli-, micro- and nanoseconds since 1970, and times without a
 * date. Without a zone that is understood it is this machine's; names of zones are left out. Where day and month
 * could be either, the month comes first. Undefined where no time is understood.
 */
export function parseLogTime(text: string): ParsedLogTime | undefined {
  const clock = parseClock(text);
  if (clock === undefined) return sinceEpoch(text);
  const day = parseDay(text.slice(0, clock.start), text.slice(clock.end));
  if (day === undefined) return { kind: 'time of day', ms: clock.ms };
  const ms = msSinceEpoch(day, clock);
  return Number.isNaN(ms) ? undefined : { kind: 'date', ms };
}

interface ClockTime {
  /** Milliseconds since midnight, with parts of a millisecond. */
  readonly ms: number;
  /** Minutes east of Greenwich; undefined where none is written. */
  readonly zoneMinutes: number | undefined;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

const CLOCK =
  /(?<!\d)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,9}))?(?!\d)(?:\s*([ap])\.?m\b\.?)?(?:\s*(?:(z)\b|(?:gmt|utc)?([+-]\d{2}):?(\d{2})(?!\d)))?/i;

function parseClock(text: string): ClockTime | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [whole, hour, minute, second, fraction = '', half, zulu, zoneHours, zoneRest] = match;
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  if (hours > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return {
    ms: ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(`0.${fraction}0`) * 1000,
    zoneMinutes: zulu === undefined ? zoneOffset(zoneHours, zoneRest) : 0,
    start: match.index,
    end: match.index + whole.length,
  };
}

function zoneOffset(hours: string | undefined, minutes: string | undefined): number | undefined {
  if (hours === undefined) return undefined;
  const sign = hours.startsWith('-') ? -1 : 1;
  return Number(hours) * 60 + sign * Number(minutes);
}

interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME = `(${MONTHS.join('|')})[a-z]*`;

/** The day stands before the time; of ctime the year stands behind it. */
function parseDay(before: string, after: string): Day | undefined {
  return yearFirst(before) ?? yearLast(before) ?? monthByName(before, after);
}

function yearFirst(text: string): Day | undefined {
  const [, year, month, day] = /(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/.exec(text) ?? [];
  return validDay(Number(year), Number(month), Number(day));
}

function yearLast(text: string): Day | undefined {
  const [, first, second, year] = /(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)/.exec(text) ?? [];
  const fullYear = year?.length === 2 ? 2000 + Number(year) : Number(year);
  return (
    validDay(fullYear, Number(first), Number(second)) ?? validDay(fullYear, Number(second), Number(first))
  );
}

const MONTH_DAY = new RegExp(`\\b${MONTH_NAME}\\.?[ -]+(\\d{1,2})\\b,?(?: +(\\d{4})\\b)?`, 'i');
const DAY_MONTH = new RegExp(`\\b(\\d{1,2})[ -]+${MONTH_NAME}\\.?,?(?:[ -]+(\\d{4})\\b)?`, 'i');

function monthByName(before: string, after: string): Day | undefined {
  const [, monthFirst, dayLast, yearThere] = MONTH_DAY.exec(before) ?? [];
  const [, dayFirst, monthLast, yearHere] = DAY_MONTH.exec(before) ?? [];
  const month = monthFirst ?? monthLast;
  const year = yearThere ?? yearHere ?? /(?<!\d)\d{4}(?!\d)/.exec(after)?.[0];
  if (month === undefined || year === undefined) return undefined;
  return validDay(Number(year), MONTHS.indexOf(month.toLowerCase()) + 1, Number(dayLast ?? dayFirst));
}

/** NaN, of what was not there, is no day either. */
function validDay(year: number, month: number, day: number): Day | undefined {
  return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31
    ? { year, month, day }
    : undefined;
}

function msSinceEpoch({ year, month, day }: Day, { ms, zoneMinutes }: ClockTime): number {
  if (zoneMinutes !== undefined) return Date.UTC(year, month - 1, day) + ms - zoneMinutes * 60_000;
  const whole = Math.floor(ms / 1000);
  const local = new Date(
    year,
    month - 1,
    day,
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  );
  return local.getTime() + (ms % 1000);
}

/** Milliseconds in one of what so many digits count; good from 2001 to 2286. */
const UNITS_BY_DIGITS: ReadonlyMap<number, number> = new Map([
  [10, 1000],
  [13, 1],
  [16, 1e-3],
  [19, 1e-6],
]);

function sinceEpoch(text: string): ParsedLogTime | undefined {
  const [number, digits = ''] = /(?<![\d.])(\d{10,19})(?:\.\d+)?(?![\d.])/.exec(text) ?? [];
  const unit = UNITS_BY_DIGITS.get(digits.length);
  return number === undefined || unit === undefined ? undefined : { kind: 'date', ms: Number(number) * unit };
}
